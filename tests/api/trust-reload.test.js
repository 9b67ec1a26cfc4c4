// Trust anchors and CRLs are data that changes while the gateway runs.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync,
	rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { top } from '../setup/site.js';
import { gateway, pki, submission, until } from './gateway.js';

const signals = async (g, what) => {
	const before = g.log.length;
	g.child.kill('SIGHUP');
	await until(() => g.log.slice(before).match(what), { what: `${what}` });
};

test('a CRL that is put into the folder counts without a restart',
	async (t) => {
	const crls = mkdtempSync(path.join(tmpdir(), 'hosogate-crl-'));
	t.after(() => rmSync(crls, { recursive: true, force: true }));
	const g = await gateway(t, { config: { crls: [crls], pending_hours: 0 } });

	const without = await g.form('/v1/dossiers', submission());
	assert.notEqual(without.status, 201,
		'unknown revocation is no proof of validity');

	for (const name of readdirSync(pki('crl')))
		copyFileSync(path.join(pki('crl'), name), path.join(crls, name));
	await signals(g, /trust: read anew/);
	const res = await g.form('/v1/dossiers', submission());
	assert.equal(res.status, 201, res.text);

	// What cannot be read changes nothing.
	rmSync(crls, { recursive: true });
	await signals(g, /the old one stays/);
	assert.equal((await g.form('/v1/dossiers', submission())).status, 201);
});

test('a file that no verifier can open leaves the old trust in use',
	async (t) => {
	const dir = mkdtempSync(path.join(tmpdir(), 'hosogate-policy-'));
	t.after(() => rmSync(dir, { recursive: true, force: true }));
	const policy = path.join(dir, 'policy.json');
	copyFileSync(path.join(top, 'schemas/policy/policy.json'), policy);
	const g = await gateway(t, { config: { policy_file: policy } });

	writeFileSync(policy, '{"name": "cut short"');
	await signals(g, /the old one stays: /);
	const res = await g.form('/v1/dossiers', submission());
	assert.equal(res.status, 201, res.text);
});
