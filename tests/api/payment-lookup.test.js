// The National Portal's question what a dossier owes, dptracuuthanhtoanhs of
// KEYPAY_DVCQG 3.0: who may ask, what is told, and that what is told is paid.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { until } from './gateway.js';
import { scene } from './providers.js';

const where = '/v1/payments/lookups/keypay';
const bearer = 'national-portal-key-0123456789';

// A gateway that knows the National Portal, by a key of its own.
async function portal(t, config = {}) {
	const s = await scene(t, 'keypay', config);
	const know = async (tenant, key, client) => {
		const file = path.join(s.g.dir, `${client}.json`);
		writeFileSync(path.join(s.g.dir, `${client}.key`), `${key}\n`);
		writeFileSync(file, JSON.stringify({
			tenant: { code: tenant, name: tenant },
			clients: [{ code: client, name: client, key_file: `${client}.key`,
				rights: ['payment-lookup'] }] }));
		await s.g.must('import', '-c', s.g.configFile, file);
	};
	await know('sgddt-hcm', bearer, 'dvcqg');
	const ask = (body, { as = bearer, at = where } = {}) => s.g.post(at, body,
		{ key: null, as: 'nobody', headers: as &&
			{ authorization: `Bearer ${as}` } });
	return { ...s, know, ask, owed: (code) => ask({ MaHoSo: code }),
		lookup: () => s.fake.lookup(`${s.g.url}${where}`, s.code, bearer),
		count: async () => Number((await s.g.psql(
			'SELECT count(*) FROM payment_attempt'))[0][0]) };
}

const wrong = { error_code: -1, message: [] };
const nothing = { error_code: 0, message: [] };

test('only who has the right may ask, and only of a provider that asks',
	async (t) => {
	const { g, ask, code, count } = await portal(t);
	const body = { MaHoSo: code };

	assert.equal((await ask(body, { as: null })).status, 401);
	assert.equal((await ask(body, { as: 'another-key-of-20-characters' }))
		.status, 401);
	assert.equal((await g.post(where, body, { key: null })).status, 403);
	assert.equal((await g.post(where, body, { key: null, as: 'ptdung' }))
		.status, 403);
	for (const name of ['dvcqg', 'vnpay', 'momo', 'none'])
		assert.equal((await ask(body, { at: `/v1/payments/lookups/${name}` }))
			.status, 404, name);
	assert.equal((await g.get(`/v1/dossiers/${code}`, { as: 'nobody',
		headers: { authorization: `Bearer ${bearer}` } })).status, 403,
	'the key opens nothing else');
	assert.equal(await count(), 0);
});

test('what is no question is answered -1, and starts nothing', async (t) => {
	const { ask, code, count } = await portal(t);

	for (const body of [{}, { MaHoSo: '' }, { MaHoSo: 7 }, { MaHoSo: null },
		{ MaHoSo: [code] }, { MaHoSo: 'x'.repeat(64) },
		{ MaHoSo: code, more: 1 }, { MaHoSo: 'H29.20-000000-0000' },
		{ MaHoSo: `${code} ` }, { MaHoSo: "' OR 1=1" }])
		assert.deepEqual((await ask(body)).json, wrong, JSON.stringify(body));
	assert.equal((await ask('{"MaHoSo"')).status, 400);
	assert.equal(await count(), 0);
});

test('a dossier that waits for no money owes nothing', async (t) => {
	const { g, owed, count } = await portal(t);
	const fresh = await g.dossier();

	assert.deepEqual((await owed(fresh.code)).json, nothing);
	assert.equal(await count(), 0);
});

test('a dossier of another tenant does not exist', async (t) => {
	const { know, ask, code, count } = await portal(t);
	await know('another-tenant', 'key-of-another-tenant-0123', 'other');

	assert.deepEqual((await ask({ MaHoSo: code },
		{ as: 'key-of-another-tenant-0123' })).json, wrong);
	assert.equal(await count(), 0);
});

test('an attempt is on disk before its bill is told, and told again',
	async (t) => {
	const { g, owed, code, shown, count, attempt } = await portal(t);

	const { json: { error_code, message: bill } } = await owed(code);

	assert.equal(error_code, 1);
	const [[ref, created]] = await g.psql(`SELECT ref, to_char(created_at AT
		TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYYMMDDHH24MISS') FROM payment_attempt`);
	assert.equal(bill.transaction_id, ref.split('R')[1]);
	assert.equal(bill.MaTraCuuTT, `${code}${created}`);
	assert.equal(bill.client_id, 'CLIENT01');
	assert.equal(bill.MaHoSo, code);
	const { amount, lines } = (await shown()).payments[0];
	const sum = (list) => list.reduce((s, l) => s + Number(l.SoTien), 0);
	assert.equal(sum(bill.PhiLePhi), amount);
	assert.equal(sum(bill.DSKhoanNop), amount);
	assert.deepEqual(bill.PhiLePhi.map((l) => l.MaPhiLePhi),
		lines.map((l) => l.code));
	assert.equal((await attempt()).state, 'created');
	assert.deepEqual((await owed(code)).json.message, bill);
	assert.equal(await count(), 1);
});

test('a bill that was told is paid, once, and then nothing is owed',
	async (t) => {
	const { p, fake, lookup, owed, code, shown, attempt, balances } =
		await portal(t, { payment_sweep_seconds: ['86400'] });
	const { json } = await lookup();
	const url = `${fake.url}/pay/${json.message.transaction_id}`;

	assert.deepEqual((await fake.pay(url, 'forge')).map(p.said), [p.bad]);
	assert.deepEqual((await fake.pay(url)).map(p.said), [p.done]);
	assert.deepEqual((await fake.pay(url, 'duplicate')).map(p.said),
		[p.again, p.again]);

	assert.equal((await attempt()).state, 'paid');
	assert.equal((await shown()).state, 'processing');
	assert.deepEqual((await owed(code)).json, nothing);
	await balances();
});

test('who pays here and there at once has one paid and one to get back',
	async (t) => {
	const { p, g, fake, start, lookup, shown, balances } = await portal(t,
		{ payment_sweep_seconds: ['86400'] });
	const { json } = await lookup();
	const mine = await start();
	assert.equal(mine.status, 201, mine.text);

	assert.deepEqual((await fake.pay(`${fake.url}/pay/${
		json.message.transaction_id}`)).map(p.said), [p.done]);
	assert.deepEqual((await fake.pay(mine.json.pay_url)).map(p.said), [p.done]);

	assert.equal((await shown()).state, 'processing');
	assert.deepEqual(await g.psql("SELECT kind, count(*) FROM ledger_journal " +
		"WHERE kind <> 'demand' GROUP BY 1 ORDER BY 1"),
	[['payment', '1'], ['surplus', '1']]);
	await balances();
});

test('a bill that nobody paid gives its provider no rest and is not expired ' +
	'before its end', async (t) => {
	const { g, lookup, attempt } = await portal(t,
		{ keypay_absent_errors: ['1'] });
	await lookup();

	await until(async () => Number((await g.psql(
		'SELECT asks FROM payment_attempt'))[0][0]) >= 2);

	assert.equal((await attempt()).state, 'created');
	assert.deepEqual(await g.psql('SELECT count(*) FROM provider_rest'),
		[['0']]);
	await g.psql("UPDATE payment_attempt SET ask_at = now(), expires_at = " +
		"now() - interval '16 min', created_at = now() - interval '46 min'");
	await until(async () => (await attempt()).state === 'expired');
});
