// Trust anchors as imported rows: refused where they make no sense, believed
// without a restart, for their purpose and within their validity alone.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { gateway, pki, submission, until } from './gateway.js';

const root = (name) => readFileSync(pki(`${name}/root.crt`), 'utf8');
const source = 'Trang NEAC, đối chiếu vân tay ngày 2026-11-20';
const day = (n) => new Date(Date.now() + n * 86400e3).toISOString();

const load = async (g, ...anchors) => {
	const file = path.join(g.dir, 'anchors.json');
	writeFileSync(file, JSON.stringify({ tenant: { code: 'sgddt-hcm',
		name: 'Sở Giáo dục và Đào tạo' }, trust_anchors: anchors }));
	return g.cli(['import', '-c', g.configFile, file]);
};

// No anchor of the public CAs in the configuration.
const distrustful = (t) => gateway(t, { config: { trust_public: [] } });
const submit = (g) => g.form('/v1/dossiers', submission());
const refused = async (g) => {
	const res = await submit(g);
	assert.equal(res.status, 422, res.text);
	assert.equal(res.json.documents[0].report.subindication,
		'NO_CERTIFICATE_CHAIN_FOUND');
};
const reread = async (g) => {
	const before = g.log.length;
	g.child.kill('SIGHUP');
	await until(() => /trust: read anew/.test(g.log.slice(before)),
		{ what: 'the trust is read anew' });
};

test('an anchor that makes no sense is refused with its place', async (t) => {
	const g = await distrustful(t);
	const good = { purpose: 'public', pem: root('public'), source };
	const { source: nothing, ...unsourced } = good;
	assert.ok(nothing);
	for (const [anchor, what] of [
		[{ ...good, purpose: 'any' }, /trust_anchors\/1\/purpose/],
		[{ ...good, pem: 'hello' }, /not a certificate/],
		[{ ...good, pem: undefined }, /pem or file/],
		[{ ...good, file: pki('public/root.crt') }, /pem or file/],
		[{ ...good, pem: undefined, file: 'nobody.pem' }, /nobody.pem/],
		[{ ...good, valid_from: '2026-13-01T00:00:00Z' }, /valid_from/],
		[{ ...good, valid_from: day(2), valid_until: day(1) },
			/ends before it begins/],
		[{ ...good, comment: 'x' }, /trust_anchors\/1\/comment/],
		[unsourced, /trust_anchors\/1\/source/]]) {
		const done = await load(g, good, anchor);
		assert.equal(done.code, 1, JSON.stringify(anchor));
		assert.match(done.stderr, what);
	}
	const [[count]] = await g.psql('SELECT count(*) FROM trust_anchor');
	assert.equal(count, '0');
});

test('an imported anchor is believed without a restart, until it is not',
	async (t) => {
	const g = await distrustful(t);
	await refused(g);
	const anchor = { purpose: 'public', file: pki('public/root.crt'), source };

	assert.equal((await load(g, anchor)).code, 0);
	await reread(g);
	const res = await submit(g);
	assert.equal(res.status, 201, res.text);
	assert.deepEqual(res.json.documents[0].report.signatures[0].anchor,
		['public']);

	// Withdrawn; then given again for a time that is to come.
	assert.equal((await load(g, { ...anchor, valid_from: day(-9),
		valid_until: day(-1) })).code, 0);
	await reread(g);
	await refused(g);
	assert.equal((await load(g, { ...anchor, valid_from: day(1) })).code, 0);
	await refused(g);
	assert.equal((await load(g, { ...anchor, valid_from: day(-1),
		valid_until: day(1) })).code, 0);
	await reread(g);
	assert.equal((await submit(g)).status, 201);
});

test('an anchor of timestamps makes no signer believed', async (t) => {
	const g = await distrustful(t);
	assert.equal((await load(g, { purpose: 'timestamp', pem: root('public'),
		source })).code, 0);
	await reread(g);
	await refused(g);
	// Rows count from the first request on.
	assert.equal((await load(g, { purpose: 'public', pem: root('public'),
		source })).code, 0);
	await g.restart();
	assert.equal((await submit(g)).status, 201);
});

test('the gateway itself may add no anchor', async (t) => {
	const g = await distrustful(t);
	for (const sql of ['DELETE FROM trust_anchor',
		`UPDATE trust_anchor SET purpose = 'public'`,
		`INSERT INTO trust_anchor SELECT sha256('x'), 'public', 'x', now(),
			NULL, 'x'`])
		await assert.rejects(g.psql(`SET ROLE hosogate_gateway; ${sql}`),
			/permission denied/, sql);
});
