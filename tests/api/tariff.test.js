// What a dossier owes: by the tariff of the day it was received, less what it
// is relieved of.  Refusals first.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { citizen, gateway, procedure } from './gateway.js';

const ground = 'Điểm a khoản 1 Điều 10 Luật Phí và lệ phí';
const version = (n, changes = {}) => ({ procedure, version: n,
	basis: `Nghị quyết ${n}/2026/NQ-HĐND (thử nghiệm)`,
	valid_from: '2026-01-01',
	lines: [
		{ code: 'appraisal', kind: 'fee', title: 'Phí thẩm định hồ sơ',
			amount: 80000, unit: 'hồ sơ' },
		{ code: 'issue', kind: 'charge', title: 'Lệ phí cấp quyết định',
			amount: 20001, unit: 'bản' },
	],
	reliefs: [
		{ code: 'poor', title: 'Hộ nghèo', percent: 100, basis: ground },
		{ code: 'remote', title: 'Vùng sâu, vùng xa', percent: 50,
			basis: ground },
		{ code: 'issue-free', title: 'Miễn lệ phí', percent: 100,
			line: 'issue', basis: ground },
		{ code: 'agency', title: 'Cơ quan nhà nước', percent: 100,
			category: 'agency', basis: ground },
	], ...changes });

// A day of the Vietnamese calendar.
const inDays = (n) => new Date(Date.now() + 7 * 3600e3 + n * 86400e3)
	.toISOString().slice(0, 10);

async function bring(g, ...tariffs) {
	const file = path.join(g.dir, 'tariffs.json');
	writeFileSync(file, JSON.stringify({ tenant: { code: 'sgddt-hcm',
		name: 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh' }, tariffs }));
	return g.cli(['import', '-c', g.configFile, file]);
}

async function scene(t, ...tariffs) {
	const g = await gateway(t, { config: { tick_ms: 20 } });
	const done = await bring(g, ...tariffs);
	assert.equal(done.code, 0, done.stderr);
	return g;
}

const relieve = (g, code, relief, options) => g.post(
	`/v1/dossiers/${code}/reliefs`, { relief, ground },
	{ as: 'ptdung', ...options });
const owed = (d) => d.payments.filter((p) => p.state === 'owed')
	.map((p) => p.amount);

test('a file of tariffs that is wrong changes nothing', async (t) => {
	const g = await gateway(t, { start: false });
	const line = version(1).lines[0];
	const relief = version(1).reliefs[0];

	for (const [changes, word] of [
		[{ version: 0 }, 'version'], [{ lines: [] }, 'lines'],
		[{ lines: [{ ...line, amount: -1 }] }, 'lines/0'],
		[{ lines: [{ ...line, kind: 'tax' }] }, 'lines/0'],
		[{ reliefs: [{ ...relief, percent: 101 }] }, 'reliefs/0'],
		[{ reliefs: [{ ...relief, line: 'none' }] }, 'reliefs/0'],
		[{ reliefs: [{ ...relief, category: 'cat' }] }, 'reliefs/0'],
		[{ valid_to: '2025-12-31' }, 'tariffs/0'],
	]) {
		const done = await bring(g, version(1, changes));
		assert.notEqual(done.code, 0);
		assert.ok(done.stderr.includes(word), done.stderr);
	}
	assert.deepEqual(await g.psql('SELECT count(*) FROM tariff'), [['0']]);
});

test('who may not relieve, a relief that is none, one for a category',
	async (t) => {
	const g = await scene(t, version(1));
	const d = await g.dossier({ in: 'awaiting-payment' });

	assert.equal((await relieve(g, d.code, 'poor', { as: 'portal' })).status,
		403);
	for (const bad of ['none', 'agency']) {
		const res = await relieve(g, d.code, bad);
		assert.equal(res.status, 400, res.text);
		assert.equal(res.json.errors[0].pointer, '/relief');
	}
	assert.equal((await g.post(`/v1/dossiers/${d.code}/reliefs`,
		{ relief: 'poor' }, { as: 'ptdung' })).status, 400);
	await g.pay(d.code);
	assert.equal((await relieve(g, d.code, 'poor')).status, 409);
	assert.deepEqual(await g.psql('SELECT count(*) FROM dossier_relief'),
		[['0']]);
});

test('the tariff of the day it was received counts, whatever comes later',
	async (t) => {
	const g = await scene(t, version(1));
	const d = await g.dossier({ in: 'awaiting-payment' });

	assert.deepEqual(owed(d), [100001]);
	const changed = await bring(g, version(1, { basis: 'khác' }));
	assert.notEqual(changed.code, 0);
	assert.match(changed.stderr, /another one/);
	assert.equal((await bring(g, version(1, { valid_to: inDays(400) })))
		.code, 0, 'its end may be set');
	const later = await bring(g, version(2, { valid_from: inDays(1),
		lines: [{ ...version(1).lines[0], amount: 1 }], reliefs: [] }));
	assert.equal(later.code, 0, later.stderr);
	assert.equal((await g.post(`/v1/dossiers/${d.code}/payments`,
		{ provider: 'vnpay' })).json.amount, 100001);
});

test('a fee that is no longer what was asked for is not collected',
	async (t) => {
	const g = await scene(t, version(1));
	const d = await g.dossier({ in: 'awaiting-payment' });
	await g.psql('UPDATE tariff_line SET amount = amount + 1');

	const res = await g.post(`/v1/dossiers/${d.code}/payments`,
		{ provider: 'vnpay' });
	assert.equal(res.status, 422, res.text);
	assert.equal(res.json.code, 'wrong-amount');
	assert.deepEqual(await g.psql('SELECT count(*) FROM payment_attempt'),
		[['0']]);
});

test('a reduction is asked for anew, rounded up, the greatest for each line',
	async (t) => {
	const g = await scene(t, version(1));
	const d = await g.dossier({ in: 'awaiting-payment' });

	let res = await relieve(g, d.code, 'remote');
	assert.equal(res.status, 201, res.text);
	assert.deepEqual(owed(res.json), [40000 + 10001]);
	assert.deepEqual(res.json.payments.map((p) => p.state),
		['superseded', 'owed']);
	res = await relieve(g, d.code, 'issue-free');
	assert.deepEqual(owed(res.json), [40000]);
	assert.deepEqual(res.json.payments.at(-1).lines.map((l) =>
		[l.code, l.full_amount, l.relief, l.amount]),
	[['appraisal', 80000, 'remote', 40000], ['issue', 20001, 'issue-free', 0]]);
	assert.equal((await relieve(g, d.code, 'remote')).status, 409);
	await g.pay(d.code);
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.state,
		'processing');
	assert.equal((await g.cli(['ledger', 'check', '-c', g.configFile])).code,
		0);
});

test('with nothing left to pay the dossier goes on, and gets no receipt',
	async (t) => {
	const g = await scene(t, version(1));
	const d = await g.dossier({ in: 'awaiting-payment' });
	const key = 'relief-of-the-poor-1';

	const res = await relieve(g, d.code, 'poor', { key });
	assert.equal(res.status, 201, res.text);
	assert.equal(res.json.state, 'processing');
	assert.equal(res.json.clock.state, 'runs');
	assert.deepEqual(owed(res.json), []);
	assert.ok(res.json.history.some((h) => h.event === 'exempt' &&
		h.data.relief === 'poor'));
	assert.equal((await relieve(g, d.code, 'poor', { key })).text, res.text);
	assert.deepEqual(res.json.receipts, []);

	const before = await g.submit();
	assert.equal((await relieve(g, before.code, 'poor')).status, 201);
	const accepted = await g.act(before.code, 'accept');
	assert.equal(accepted.state, 'accepted', 'nothing is asked for');
});

test('who is exempt by what he is pays nothing, without anybody\'s word',
	async (t) => {
	const g = await scene(t, version(1, { reliefs: [{ code: 'people',
		title: 'Công dân', percent: 100, category: citizen.kind,
		basis: ground }] }));
	const d = await g.submit();

	assert.equal((await g.act(d.code, 'accept')).state, 'accepted');
	assert.deepEqual(await g.psql('SELECT count(*) FROM payment_request'),
		[['0']]);
});
