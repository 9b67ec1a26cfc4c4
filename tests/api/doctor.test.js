// hosogate doctor: says what is wrong and how to mend it, and changes nothing.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { gateway, pki } from './gateway.js';

const doctor = async (g, config = {}) => {
	g.options.config = { ...g.options.config, ...config };
	await g.configure();
	const { code, stdout } = await g.cli(['doctor', '-c', g.configFile]);
	return { code, stdout, wrong: [...stdout.matchAll(/^WRONG {2}(\w+):/gm)]
		.map(([, name]) => name) };
};

test('without its database it says so, and goes on', async (t) => {
	const g = await gateway(t, { start: false });
	const { code, wrong, stdout } = await doctor(g, {
		database: 'host=/nonexistent dbname=none' });
	assert.equal(code, 1);
	assert.deepEqual(wrong, ['database']);
	assert.match(stdout, /Kiểm tra PostgreSQL/);
	assert.match(stdout, /See that PostgreSQL runs/);
	assert.match(stdout, /^ok +disk$/m);
	assert.match(stdout, /^\? +schema:/m);
});

test('what the configuration got wrong is named', async (t) => {
	const g = await gateway(t, { start: false });
	const key = path.join(g.dir, 'open.key');
	copyFileSync(pki('secret/link.key'), key);
	chmodSync(key, 0o644);
	const found = async (config) => (await doctor(g, config)).wrong;
	assert.deepEqual(await found({ link_key_file: key }), ['modes']);
	assert.deepEqual(await found({ link_key_file: pki('secret/head.key') }),
		['secrets']);
	assert.deepEqual(await found({ link_key_file: pki('secret/link.key'),
		crls: [] }), ['crls']);
	assert.deepEqual(await found({ crls: [pki('public')] }),
		['crls']);
	assert.deepEqual(await found({ crls: [pki('crl')],
		trust_public: [], trust_government: [] }), ['trust']);
	assert.deepEqual(await found({ trust_public: [pki('public')],
		tls_certificate: pki('secret/link.key') }), ['tls']);
	const { code, stdout } = await doctor(g, { no_such_option: 'x' });
	assert.equal(code, 1);
	assert.equal(stdout, '');
});

test('a schema of another version and dead messages are found', async (t) => {
	const g = await gateway(t, { start: false });
	const well = await doctor(g);
	assert.equal(well.code, 0, well.stdout);
	assert.deepEqual(well.wrong, []);

	await g.psql("UPDATE outbox_channel SET paused_at = now() WHERE channel = 'mail'");
	assert.deepEqual((await doctor(g)).wrong, ['queue']);
	await g.psql(`INSERT INTO migration (number, name, sha256)
		VALUES (9999, 'later', sha256(''))`);
	const { wrong, stdout } = await doctor(g);
	assert.deepEqual(wrong, ['schema', 'queue']);
	assert.match(stdout, /schema 9999, this program speaks \d+/);
});
