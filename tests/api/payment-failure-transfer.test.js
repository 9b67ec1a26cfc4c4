// The failure table for bank transfers, told by SePay and payOS: what payers
// and banks make of a code, and what each row is answered.  Rows 24 to 28, 32,
// 57 and 62 are in payment-failure-fault.test.js, 29 in -order, 44 and 45 in
// -source, 58 in -outbox and 61 in -tenant.  None are:
//
//	row 10, 14, 15, 19  what did not arrive is no news
//	row 18              a second transfer is row 48 or 51
//	row 21              SePay: we make the code; payOS: row 22
//	row 34, 37, 39      JSON has no keys to escape, and no envelope
//	row 46, 47          nobody is led away, so that nobody comes back
//	row 53              nobody can be asked to refund: by hand, refund.test.js
//	row 54, 55          nobody can be asked
//	row 61              SePay: the account is the unit's, and a gateway has one
//	                    secret for all of them
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { read, write } from '../fake/vietqr.js';
import { ground, people, procedure } from '../setup/sample.js';
import { psql } from '../setup/site.js';
import { until } from './gateway.js';
import { transfers } from './providers.js';

const nobody = async (s) => assert.deepEqual(await s.g.psql(
	"SELECT count(*) FROM ledger_journal WHERE kind <> 'demand'"), [['0']]);
const strays = async (s) =>
	(await s.g.psql('SELECT amount FROM stray_money ORDER BY id'))
		.map(([amount]) => Number(amount));
const paid = async (s) => {
	assert.equal((await s.shown()).state, 'processing');
	assert.deepEqual(await s.g.psql(
		"SELECT count(*) FROM ledger_journal WHERE kind = 'payment'"), [['1']]);
	return s.balances();
};
const ok = (res) => assert.deepEqual([res.status, res.json],
	[200, { success: true }]);
const raw = (s, provider, body, headers = {}) => s.g.call({ method: 'POST',
	path: `/v1/payments/callbacks/${provider}`, body,
	headers: { 'content-type': 'application/json', ...headers } });

test('row 1: what SePay did not sign is 401 and changes nothing', async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	for (const how of [{ secret: 'another' }, { mac: '' }, { mac: 'sha256=' },
		{ mac: `sha256=${'0'.repeat(63)}` }, { mac: 'md5=00' },
		{ mac: `sha256=${'z'.repeat(64)}` }])
		assert.equal((await s.sepay.transfer(qr, {}, how)).status, 401);
	assert.equal((await s.payos.tell({ code: '00' },
		{ checksum: 'another' })).status, 401);
	await nobody(s);
});

test('row 2: a MAC in capitals is the same MAC', async (t) => {
	const s = await transfers(t);
	const body = s.sepay.event(await s.qr());
	const headers = s.sepay.proof(body);
	const [scheme, hex] = headers['x-sepay-signature'].split('=');
	headers['x-sepay-signature'] = `${scheme}=${hex.toUpperCase()}`;
	ok(await raw(s, 'vietqr', JSON.stringify(body), headers));
	await paid(s);
});

test('row 3 and 59: the older of two secrets is taken, another is not',
	async (t) => {
	const s = await transfers(t, { secrets: ['new', 'old'] });
	const qr = await s.qr();
	assert.equal((await s.sepay.transfer(qr, {}, { secret: 'gone' })).status,
		401);
	ok(await s.sepay.transfer(qr, {}, { secret: 'old' }));
	await paid(s);
	assert.match(s.g.log, /notice of vietqr under an older secret/);
});

test('row 4: money on another account than the QR\'s credits nothing',
	async (t) => {
	const s = await transfers(t);
	ok(await s.sepay.transfer(await s.qr(), { accountNumber: '999' }));
	await nobody(s);
	assert.equal((await strays(s)).length, 1);
	assert.match(s.g.log, /money for nobody/);
});

test('row 7 and 38: an amount that is no plain number goes to a person',
	async (t) => {
	for (const amount of ['1e3', '+5', '-5', '0', '']) {
		const s = await transfers(t);
		ok(await s.sepay.transfer(await s.qr(), { transferAmount: amount }));
		await nobody(s);
		assert.equal((await s.attempt()).state, 'review', amount);
	}
});

test('row 8: payOS in another currency goes to a person', async (t) => {
	const s = await transfers(t);
	ok(await s.payos.transfer(await s.qr('payos'), { currency: 'USD' }));
	await nobody(s);
	assert.equal((await s.attempt()).state, 'review');
});

test('row 11: told again, it is the same money', async (t) => {
	const s = await transfers(t);
	const body = s.sepay.event(await s.qr());
	ok(await s.sepay.tell(body));
	ok(await s.sepay.tell(body));
	const { amount } = await s.attempt();
	assert.equal((await paid(s))['provider_clearing:vietqr'], amount);
});

test('row 12: told twice at once, it is the same money', async (t) => {
	const s = await transfers(t);
	const body = s.sepay.event(await s.qr());
	(await Promise.all([s.sepay.tell(body), s.sepay.tell(body),
		s.sepay.tell(body)])).forEach(ok);
	await paid(s);
});

test('row 17: one transfer cannot pay two codes, and a person looks at both',
	async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	const other = await s.g.dossier({ in: 'awaiting-payment' });
	const two = await s.g.post(`/v1/dossiers/${other.code}/payments`,
		{ provider: 'vietqr' });
	const body = s.sepay.event(qr);
	ok(await s.sepay.tell(body));
	for (let i = 0; i < 2; i++)
		ok(await s.sepay.tell({ ...body,
			content: two.json.transfer.content }));
	await paid(s);
	const second = (await s.g.get(`/v1/dossiers/${other.code}`)).json;
	assert.equal(second.state, 'awaiting-payment');
	for (const d of [await s.shown(), second])
		assert.equal(d.history.filter((e) =>
			e.event === 'payment-review').length, 1);
});

test('row 20: outside of data, success says nothing', async (t) => {
	const s = await transfers(t);
	const qr = await s.qr('payos');
	ok(await s.payos.transfer(qr, { code: '01' },
		{ outer: { success: true, code: '00' } }));
	await nobody(s);
	ok(await s.payos.transfer(qr, {}, { outer: { success: false,
		code: '99' } }));
	await paid(s);
});

test('row 22: a link whose create was never answered can be paid',
	async (t) => {
	const s = await transfers(t);
	const { create } = s.payos;
	let order;
	s.payos.create = function mute(f) {
		create.call(this, f);
		order = f;
		return undefined;
	};
	assert.equal((await s.start('payos', 'k-1')).status, 502);
	ok(await s.payos.tell(s.payos.data(order)));
	await paid(s);
});

test('row 23: without a database SePay is told to call again', async (t) => {
	const s = await transfers(t);
	const body = s.sepay.event(await s.qr());
	const database = s.g.database;
	await psql('postgres',
		`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
	await psql('postgres', `SELECT pg_terminate_backend(pid)
		FROM pg_stat_activity WHERE datname = '${database}'`);
	assert.equal((await s.sepay.tell(body)).status, 503);
	await psql('postgres', `ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
	await until(async () => (await s.sepay.tell(body)).status === 200);
	await paid(s);
});

test('row 31: a stamp more than five minutes off is 401 and an alarm',
	async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	for (const skew of [-310, 310])
		assert.equal((await s.sepay.transfer(qr, {}, { skew })).status, 401);
	await nobody(s);
	assert.match(s.g.log, /clock: a notice is -?31\d s off/);
	ok(await s.sepay.transfer(qr, {}, { skew: -290 }));
	await paid(s);
});

test('row 33 and 36: a name twice and bytes that are no JSON are 400',
	async (t) => {
	const s = await transfers(t, { auth: 'apikey' });
	const key = { authorization: 'Apikey sepay_secret' };
	const body = JSON.stringify(s.sepay.event(await s.qr()));
	for (const bad of [`{"transferAmount":1,${body.slice(1)}`, '{', '[]',
		`\ufeff${body}`, `${body}{}`, Buffer.from([0x7b, 0xff, 0x7d])]) {
		assert.equal((await raw(s, 'vietqr', bad, key)).status, 400);
		assert.equal((await raw(s, 'payos', bad)).status === 200, false);
	}
	await nobody(s);
});

test('row 35: members that nobody knows change nothing', async (t) => {
	const [one, two] = [await transfers(t), await transfers(t)];
	ok(await one.sepay.transfer(await one.qr(),
		{ status: 'failed', transfer_amount: 1 }));
	await paid(one);
	const qr = await two.qr('payos');
	ok(await two.payos.tell(two.payos.data(two.payos.orderOf(qr),
		{ amountPaid: 1, note: null }), { amount: 1, status: 'CANCELLED' }));
	await paid(two);
});

test('row 41: only the proof that was agreed upon counts', async (t) => {
	const s = await transfers(t);
	const body = JSON.stringify(s.sepay.event(await s.qr()));
	assert.equal((await raw(s, 'vietqr', body,
		{ authorization: 'Apikey sepay_secret' })).status, 401);
	await nobody(s);
});

test('row 42 and 43: another method or type, a body over the limit',
	async (t) => {
	const s = await transfers(t);
	for (const provider of ['vietqr', 'payos']) {
		assert.equal((await s.g.get(`/v1/payments/callbacks/${provider}`,
			{ as: 'nobody' })).status, 405);
		assert.equal((await raw(s, provider, '{}',
			{ 'content-type': 'text/plain' })).status, 415);
		assert.equal((await raw(s, provider, `"${'x'.repeat(70000)}"`)).status,
			413);
	}
});

test('row 48 and 50: money for a code that is paid is owed back', async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	ok(await s.sepay.transfer(qr));
	ok(await s.sepay.transfer(qr, { transferAmount: 7000 }));
	const accounts = await paid(s);
	assert.equal(accounts.surplus_payable, -7000);
	assert.equal((await s.attempt()).state, 'paid');
});

test('row 49: money for a dossier that was withdrawn is owed back',
	async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	await s.g.act(s.code, 'withdraw', { as: 'portal', reason: 'Rút hồ sơ' });
	ok(await s.sepay.transfer(qr));
	assert.equal((await s.attempt()).state, 'surplus');
	await s.balances();
});

// Nothing is left in suspense; these sums ask to be given back, on record.
async function isOwedBack(s, ...sums) {
	const { refunds, history } = await s.shown();
	assert.deepEqual(refunds.map((r) => [r.amount, r.of, r.state,
		r.requested_by]), sums.map((sum) =>
		[sum, 'surplus', 'requested', 'gateway']));
	assert.deepEqual(history.filter((e) => e.event === 'payment-surplus')
		.map((e) => e.data.amount), sums);
	const accounts = await s.balances();
	assert.equal(accounts.suspense, 0);
	assert.equal(accounts.surplus_payable,
		-sums.reduce((sum, one) => sum + one, 0));
}

test('row 49 and 51: parts of a fee that is given up are owed back, and so is ' +
	'what comes after', async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	ok(await s.sepay.transfer(qr, { transferAmount: 1000 }));
	ok(await s.sepay.transfer(qr, { transferAmount: 2000 }));
	await s.g.act(s.code, 'withdraw', { as: 'portal', reason: 'Rút hồ sơ' });
	assert.equal((await s.attempt()).state, 'surplus');
	await isOwedBack(s, 3000);

	ok(await s.sepay.transfer(qr, { transferAmount: 500 }));
	await isOwedBack(s, 3000, 500);

	const [{ refund }] = (await s.shown()).refunds;
	const act = (action, as, more) => s.g.post(
		`/v1/dossiers/${s.code}/refunds/${refund}/actions`,
		{ action, ...more }, { as });
	assert.equal((await act('approve', 'ptdung')).json.state, 'approved');
	assert.equal((await act('confirm', 'vvem', { evidence: 'UNC 12/2026' }))
		.json.state, 'done');
	const accounts = await s.balances();
	assert.equal(accounts.surplus_payable, -500);
	assert.equal(accounts.own_funds, -3000);
});

test('row 8, 49 and 51: parts that are in review are owed back as well',
	async (t) => {
	const s = await transfers(t);
	const qr = await s.qr('payos');
	ok(await s.payos.transfer(qr, { amount: 1000 }));
	ok(await s.payos.transfer(qr, { amount: 1, currency: 'USD' }));
	assert.equal((await s.attempt()).state, 'review');

	await s.g.act(s.code, 'withdraw', { as: 'portal', reason: 'Rút hồ sơ' });
	assert.equal((await s.attempt()).state, 'surplus');
	await isOwedBack(s, 1000);
});

for (const [relief, state] of [['half', 'awaiting-payment'],
	['all', 'processing']])
	test(`row 49 and 51: parts of a fee that is relieved of ${relief} are ` +
		'owed back', async (t) => {
		const s = await transfers(t);
		const tariff = path.join(s.g.dir, 'tariff.json');
		writeFileSync(tariff, JSON.stringify({
			tenant: people().tenant, tariffs: [{ procedure, version: 1,
				basis: ground, valid_from: '2026-01-01',
				lines: [{ code: 'fee', kind: 'fee', title: 'Phí',
					amount: 60000, unit: 'hồ sơ' }],
				reliefs: [{ code: 'half', title: 'Nửa', percent: 50,
					basis: ground },
				{ code: 'all', title: 'Tất cả', percent: 100,
					basis: ground }] }] }));
		await s.g.must('import', '-c', s.g.configFile, tariff);
		ok(await s.sepay.transfer(await s.qr(), { transferAmount: 1000 }));

		const res = await s.g.post(`/v1/dossiers/${s.code}/reliefs`,
			{ relief, ground }, { as: 'ptdung' });
		assert.equal(res.status, 201, res.text);
		assert.equal((await s.shown()).state, state);
		await isOwedBack(s, 1000);
	});

test('row 51 and 53: parts that add up are not given back one by one',
	async (t) => {
	const s = await transfers(t);
	ok(await s.sepay.transfer(await s.qr(), { transferAmount: 1000 }));
	const { attempt } = await s.attempt();

	const res = await s.g.post(`/v1/dossiers/${s.code}/refunds`,
		{ attempt, amount: 1000, reason: 'x' }, { as: 'ptdung' });
	assert.equal(res.status, 400, res.text);
	assert.equal(res.json.errors[0].pointer, '/attempt');
	assert.deepEqual((await s.shown()).refunds, []);
});

test('row 50: without a code, with a broken one or with two it waits for ' +
	'an officer', async (t) => {
	const s = await transfers(t);
	const { content } = read(await s.qr());
	const broken = content.slice(0, -1) + (content.endsWith('A') ? 'B' : 'A');
	const stranger = 'DVC1234567890';
	const other = (await s.g.dossier({ in: 'awaiting-payment' })).code;
	const two = (await s.g.post(`/v1/dossiers/${other}/payments`,
		{ provider: 'vietqr' })).json.transfer.content;
	const contents = ['nop le phi', '', broken, content.slice(0, -2), stranger,
		`${content} ${two}`];
	for (const [i, text] of contents.entries())
		ok(await s.sepay.tell(s.sepay.event(write({ bank: '970436',
			account: '0123499999', amount: i + 1, content: 'x' }),
		{ content: text })));
	await nobody(s);
	assert.deepEqual(await strays(s), [1, 2, 3, 4, 5, 6]);
	assert.equal((await s.shown()).state, 'awaiting-payment');
});

test('row 50: what leaves the account is not looked at', async (t) => {
	const s = await transfers(t);
	ok(await s.sepay.transfer(await s.qr(), { transferType: 'out' }));
	await nobody(s);
	assert.deepEqual(await s.g.psql('SELECT count(*) FROM provider_event'),
		[['0']]);
});

test('row 51: parts add up, and the QR asks for the rest', async (t) => {
	const s = await transfers(t);
	const first = await s.qr();
	const { amount } = read(first);
	ok(await s.sepay.transfer(first, { transferAmount: 1000 }));
	assert.equal((await s.attempt()).state, 'underpaid');
	assert.equal((await s.shown()).state, 'awaiting-payment');
	assert.equal((await s.balances()).suspense, -1000);

	const rest = read(await s.qr());
	assert.deepEqual(rest, { ...read(first), amount: amount - 1000 });
	ok(await s.sepay.transfer(first, { transferAmount: 2000 }));
	ok(await s.sepay.transfer(await s.qr()));

	const accounts = await paid(s);
	assert.equal(accounts['provider_clearing:vietqr'], amount);
	assert.equal(accounts.suspense, 0);
	assert.equal(accounts.surplus_payable ?? 0, 0);
});

test('row 51: parts that come at once add up to one payment', async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	const part = read(qr).amount / 4;
	(await Promise.all([1, 2, 3, 4].map(() =>
		s.sepay.transfer(qr, { transferAmount: part })))).forEach(ok);
	assert.equal((await paid(s)).suspense, 0);
});

test('row 51: what is more than was asked for is owed back', async (t) => {
	const s = await transfers(t);
	const qr = await s.qr();
	const { amount } = read(qr);
	ok(await s.sepay.transfer(qr, { transferAmount: 1000 }));
	ok(await s.sepay.transfer(qr, { transferAmount: amount }));
	const accounts = await paid(s);
	assert.equal(accounts['provider_clearing:vietqr'], amount + 1000);
	assert.equal(accounts.surplus_payable, -1000);
	assert.equal(accounts.suspense, 0);
	await isOwedBack(s, 1000);
});

test('row 16 and 51: parts of a fee that is paid otherwise are owed back',
	async (t) => {
	const s = await transfers(t);
	ok(await s.sepay.transfer(await s.qr(), { transferAmount: 1000 }));
	await s.g.pay(s.code);
	const accounts = await paid(s);
	assert.equal(accounts.surplus_payable, -1000);
	assert.equal(accounts.suspense, 0);
	assert.equal((await s.attempt()).state, 'superseded');
	await isOwedBack(s, 1000);
});

test('row 52: the event that registers payOS is answered, and is no money',
	async (t) => {
	const s = await transfers(t);
	ok(await s.payos.register());
	await nobody(s);
	assert.deepEqual(await strays(s), []);
});

test('row 60: what a payer writes is data', async (t) => {
	const s = await transfers(t);
	const { content } = read(await s.qr());
	ok(await s.sepay.transfer(await s.qr(), { content:
		`'; DROP TABLE dossier; -- <script>\r\nlevel=error ${content}` }));
	await paid(s);
	assert.doesNotMatch(s.g.log, /^level=error/m);
});
