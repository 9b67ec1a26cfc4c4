// GET /v1/payments/callbacks/vnpay: what VNPay is told, and what it does here.
// Refusals first; the rows of the callback table.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { psql } from '../setup/site.js';
import { gateway, paid, signed, until } from './gateway.js';

const path = '/v1/payments/callbacks/vnpay';
const tell = (g, query) => g.get(`${path}?${query}`, { as: 'nobody' });
const state = async (g, code) =>
	(await g.get(`/v1/dossiers/${code}`)).json.state;
const attempt = async (g, code, i = 0) =>
	(await g.get(`/v1/dossiers/${code}`)).json.payments[0].attempts[i];

async function start(g, code) {
	const res = await g.post(`/v1/dossiers/${code}/payments`,
		{ provider: 'vnpay' });
	assert.equal(res.status, 201, res.text);
	return res.json;
}

async function owing(t, options) {
	const g = await gateway(t, options);
	const d = await g.dossier({ in: 'awaiting-payment' });
	const a = await start(g, d.code);
	return { g, code: d.code, ...a, said: (changes) =>
		paid(a.pay_url, { vnp_TransactionNo: '14422574', ...changes }) };
}

// VNPay takes every code at HTTP 200 alone.
async function answers(g, query, code) {
	const res = await tell(g, query);
	assert.equal(res.status, 200, res.text);
	assert.match(res.headers['content-type'], /^application\/json/);
	assert.equal(res.json.RspCode, code, `${query}\n${res.text}`);
	return res;
}

async function balances(g) {
	const done = await g.cli(['ledger', 'check', '--json', '-c',
		g.configFile]);
	const figures = JSON.parse(done.stdout);
	assert.equal(done.code, 0, done.stdout);
	assert.equal(figures.balance, 0);
	return Object.fromEntries(figures.accounts.map((a) =>
		[a.account, a.balance]));
}

const journals = (g) =>
	g.psql('SELECT kind FROM ledger_journal ORDER BY id');

test('a POST, an unknown provider and a notice without anything in it',
	async (t) => {
	const g = await gateway(t);

	const posted = await g.send('POST', path, { as: 'nobody', key: null,
		body: 'vnp_TxnRef=1', headers: { 'content-type':
			'application/x-www-form-urlencoded' } });
	assert.equal(posted.status, 405);
	assert.equal((await g.get('/v1/payments/callbacks/nobody?a=1',
		{ as: 'nobody' })).status, 404);
	await answers(g, '', '99');
	await answers(g, 'utm_source=x', '99');
});

test('what is forged or can be read in two ways is 97 and leaves no trace',
	async (t) => {
	const { g, code, said } = await owing(t);
	const good = said();
	const bad = [
		good.replace(/vnp_SecureHash=.*/, ''),
		good.replace(/vnp_SecureHash=.*/, 'vnp_SecureHash='),
		good.replace(/vnp_SecureHash=..../, 'vnp_SecureHash=0000'),
		good.slice(0, -2),
		good.replace(/vnp_Amount=\d+/, 'vnp_Amount=100'),
		`${good}&vnp_Amount=100`,
		`vnp%5FAmount=1&${good}`,
		`${good}&vnp_Amount[]=1`,
		`${good}&x=%`,
		`${good}&x=%00`,
		signed(Object.fromEntries(new URLSearchParams(
			good.replace(/&vnp_SecureHash.*/, ''))), 'not-the-secret'),
	];

	for (const query of bad)
		await answers(g, query, '97');
	assert.equal(await state(g, code), 'awaiting-payment');
	assert.equal((await attempt(g, code)).state, 'created');
	assert.deepEqual(await g.psql('SELECT count(*) FROM provider_event'),
		[['0']]);
});

test('an order that we do not know is 01, and kept for a person', async (t) => {
	const { g, said } = await owing(t);

	await answers(g, said({ vnp_TxnRef: 'P1R00000000000000000000' }), '01');
	await answers(g, said({ vnp_TxnRef: 'P9R00000000000000000000' }), '01');
	await answers(g, said({ vnp_TxnRef: "x'; DROP TABLE dossier" }), '01');
	await answers(g, said({ vnp_TmnCode: 'OTHER001' }), '01');
	assert.deepEqual(await g.psql(`SELECT count(*) FROM provider_event
		WHERE attempt_id IS NULL AND tenant_id = 0`), [['4']]);
});

test('another amount is 04, stands in suspense and moves no dossier',
	async (t) => {
	const { g, code, said, amount } = await owing(t);

	for (const wrong of ['100', '150', '-100', '0100', '1e6', '100.0'])
		await answers(g, said({ vnp_Amount: wrong }), '04');
	await answers(g, said({ vnp_CurrCode: 'USD' }), '04');
	assert.equal(await state(g, code), 'awaiting-payment');
	assert.equal((await attempt(g, code)).state, 'review');
	assert.equal((await balances(g)).suspense, -1);
	assert.equal((await balances(g)).receivable, amount);

	await answers(g, said(), '00');
	assert.equal(await state(g, code), 'processing');
	const accounts = await balances(g);
	assert.equal(accounts.suspense, 0);
	assert.equal(accounts['provider_clearing:vnpay'], amount);
});

test('the first success is 00, resumes the dossier and is booked by line',
	async (t) => {
	const { g, code, said, lines, amount, attempt: ref } = await owing(t);

	await answers(g, said(), '00');

	const d = (await g.get(`/v1/dossiers/${code}`)).json;
	assert.equal(d.state, 'processing');
	assert.equal(d.payments[0].state, 'paid');
	assert.equal(d.payments[0].attempts[0].state, 'paid');
	const event = d.history.find((e) => e.event === 'paid');
	assert.equal(event.data.attempt, ref);
	const accounts = await balances(g);
	for (const line of lines.filter((l) => l.amount > 0))
		assert.equal(accounts[`fee_income:${line.code}`], -line.amount);
	assert.equal(accounts['provider_clearing:vnpay'], amount);
	assert.equal(accounts.receivable, 0);
});

test('an exact repetition is 02 and one effect', async (t) => {
	const { g, said } = await owing(t);

	await answers(g, said(), '00');
	await answers(g, said(), '02');
	await answers(g, said({ vnp_PayDate: '20261123111111' }), '02');
	assert.deepEqual(await journals(g), [['demand'], ['payment']]);
	assert.deepEqual(await g.psql('SELECT count(*) FROM provider_event'),
		[['2']]);
});

test('fifty at once are one effect: one 00, and 02 for the rest', async (t) => {
	const { g, code, said } = await owing(t);
	const query = said();

	const all = await Promise.all(Array.from({ length: 50 },
		() => tell(g, query)));

	const codes = all.map((r) => r.json.RspCode).sort();
	assert.deepEqual(codes, ['00', ...Array(49).fill('02')]);
	assert.equal(await state(g, code), 'processing');
	assert.deepEqual(await journals(g), [['demand'], ['payment']]);
	await balances(g);
});

test('a failure is 00 too, leaves the fee owed, and a late success counts',
	async (t) => {
	const { g, code, said } = await owing(t);
	const failed = said({ vnp_ResponseCode: '24',
		vnp_TransactionStatus: '02', vnp_TransactionNo: '0' });

	await answers(g, failed, '00');
	await answers(g, failed, '02');
	assert.equal((await attempt(g, code)).state, 'failed');
	assert.equal(await state(g, code), 'awaiting-payment');

	await answers(g, said(), '00');
	assert.equal(await state(g, code), 'processing');
	await answers(g, failed, '02');
	assert.equal((await attempt(g, code)).state, 'paid-late');
	await balances(g);
});

test('suspicion and contradiction are 00, and neither paid nor failed',
	async (t) => {
	for (const [response, status] of [['07', '07'], ['00', '04'], ['00', '02'],
		['24', '00'], ['99', '88']]) {
		await t.test(`${response}/${status}`, async (tt) => {
			const { g, code, said } = await owing(tt);
			await answers(g, said({ vnp_ResponseCode: response,
				vnp_TransactionStatus: status }), '00');
			assert.equal((await attempt(g, code)).state, 'review');
			assert.equal(await state(g, code), 'awaiting-payment');
			assert.deepEqual(await journals(g), [['demand']]);
			await balances(g);
		});
	}
});

test('a second attempt that is paid too is surplus, and told', async (t) => {
	const { g, code, said, amount } = await owing(t);
	const second = await start(g, code);

	await answers(g, said(), '00');
	assert.equal((await attempt(g, code, 1)).state, 'superseded');
	await answers(g, paid(second.pay_url,
		{ vnp_TransactionNo: '14422599' }), '00');

	assert.equal((await attempt(g, code, 1)).state, 'surplus');
	const accounts = await balances(g);
	assert.equal(accounts.surplus_payable, -amount);
	assert.equal(accounts['provider_clearing:vnpay'], 2 * amount);
	const { json } = await g.get(`/v1/dossiers/${code}`);
	assert.equal(json.history.filter((e) => e.event === 'paid').length, 1);
	assert.equal(json.history.filter((e) =>
		e.event === 'payment-surplus').length, 1);
});

test('a second charge on a paid attempt is surplus', async (t) => {
	const { g, said, amount } = await owing(t);

	await answers(g, said(), '00');
	await answers(g, said({ vnp_TransactionNo: '14422575' }), '00');
	await answers(g, said({ vnp_TransactionNo: '14422575' }), '02');
	assert.equal((await balances(g)).surplus_payable, -amount);
});

test('one transaction for two orders credits the first, and is 99',
	async (t) => {
	const { g, said } = await owing(t);
	const other = await g.dossier({ in: 'awaiting-payment' });
	const a = await start(g, other.code);

	await answers(g, said(), '00');
	await answers(g, paid(a.pay_url, { vnp_TransactionNo: '14422574' }), '99');
	assert.equal(await state(g, other.code), 'awaiting-payment');
	assert.equal((await attempt(g, other.code)).state, 'review');
	await balances(g);
});

test('money after a withdrawal is kept as surplus, and the end stays an end',
	async (t) => {
	const { g, code, said, amount } = await owing(t);
	await g.act(code, 'withdraw', { as: 'portal', reason: 'Không cần nữa' });

	await answers(g, said(), '00');

	assert.equal(await state(g, code), 'withdrawn');
	assert.equal((await attempt(g, code)).state, 'surplus');
	const accounts = await balances(g);
	assert.equal(accounts.surplus_payable, -amount);
	assert.equal(accounts.receivable, 0);
	assert.equal(accounts['fee_income:issue'], 0);
});

test('one that is malformed spoils none of those beside it', async (t) => {
	const g = await gateway(t);
	const owed = [];
	for (let i = 0; i < 6; i++) {
		const d = await g.dossier({ in: 'awaiting-payment' });
		owed.push({ code: d.code, ...await start(g, d.code) });
	}

	const all = await Promise.all(owed.flatMap((a, i) => [
		tell(g, paid(a.pay_url, { vnp_TransactionNo: `9000${i}` })),
		tell(g, `vnp_Amount=1&vnp_Amount=2&vnp_SecureHash=${i}`),
		tell(g, paid(a.pay_url, { vnp_TxnRef: `nobody${i}` }))]));

	assert.deepEqual(all.map((r) => r.json.RspCode),
		owed.flatMap(() => ['00', '97', '01']));
	for (const { code } of owed)
		assert.equal(await state(g, code), 'processing');
	await balances(g);
});

test('killed right after its answer, it has kept what it answered',
	async (t) => {
	const { g, code, said } = await owing(t);

	await answers(g, said(), '00');
	await g.kill();
	await g.start();

	assert.equal(await state(g, code), 'processing');
	await answers(g, said(), '02');
	await balances(g);
});

test('without a database VNPay hears 99 and calls again, and is heard then',
	async (t) => {
	const { g, code, said } = await owing(t);
	const allow = (yes) => psql('postgres',
		`ALTER DATABASE ${g.database} ALLOW_CONNECTIONS ${yes}`);
	await allow(false);
	await psql('postgres', `SELECT pg_terminate_backend(pid)
		FROM pg_stat_activity WHERE datname = '${g.database}'`);

	await answers(g, said(), '99');
	await answers(g, said().slice(0, -1), '97');
	await allow(true);
	await until(async () => (await tell(g, said())).json.RspCode === '00');

	assert.equal(await state(g, code), 'processing');
	await balances(g);
});

test('the ledger refuses what does not balance, and any change', async (t) => {
	const { g, said } = await owing(t);
	await answers(g, said(), '00');
	const refused = (sql, why) => assert.rejects(g.psql(sql), why);

	for (const table of ['ledger_entry', 'ledger_journal', 'provider_event',
		'payment_line']) {
		await refused(`UPDATE ${table} SET tenant_id = tenant_id`,
			/append-only/);
		await refused(`DELETE FROM ${table}`, /append-only/);
		await refused(`TRUNCATE ${table} CASCADE`, /append-only/);
	}
	await refused(`INSERT INTO ledger_entry
		SELECT tenant_id, journal_id, 9, account, 5 FROM ledger_entry LIMIT 1`,
	/does not balance/);
	await refused(`INSERT INTO ledger_entry
		SELECT tenant_id, journal_id, 9 + g, account, 5 - 10 * g
		FROM (SELECT * FROM ledger_entry LIMIT 1) e, generate_series(0, 1) g`,
	/does not balance/);
	await refused(`INSERT INTO ledger_journal (tenant_id, kind, attempt_id,
		provider, txn, amount, booked_at) SELECT tenant_id, 'surplus',
		attempt_id, provider, txn, amount, now() FROM ledger_journal
		WHERE kind = 'payment'`, /ledger_money_once/);
});

test('a request cannot say of itself what is not booked', async (t) => {
	const { g } = await owing(t);
	const refused = (sql) => assert.rejects(g.psql(sql),
		/request \d+ is not what is booked/);

	await refused('UPDATE payment_request SET superseded_at = now()');
	await refused(`UPDATE payment_request SET paid_at = now(),
		paid_attempt_id = (SELECT id FROM payment_attempt)`);
	await refused(`UPDATE payment_request SET superseded_at = now();
		INSERT INTO payment_request (tenant_id, dossier_id, procedure_id,
		phase, amount, asked_at) SELECT tenant_id, dossier_id,
		procedure_id, phase, 7, now() FROM payment_request`);
});

test('hosogate ledger check finds what is owed and not receivable',
	async (t) => {
	const { g } = await owing(t);
	await g.psql(`ALTER TABLE payment_request DISABLE TRIGGER ALL;
		UPDATE payment_request SET superseded_at = now()`);

	const done = await g.cli(['ledger', 'check', '-c', g.configFile]);

	assert.equal(done.code, 1, done.stdout);
	assert.match(done.stdout, /receivable-is-not-what-is-owed/);
});

test('hosogate ledger check names what was tampered with', async (t) => {
	const { g, said, attempt: ref } = await owing(t);
	await answers(g, said(), '00');
	await g.psql(`ALTER TABLE ledger_entry DISABLE TRIGGER ALL;
		UPDATE ledger_entry SET amount = amount + 1 WHERE line = 1`);
	await g.psql('UPDATE payment_attempt SET state = 4');

	const done = await g.cli(['ledger', 'check', '-c', g.configFile]);

	assert.equal(done.code, 1, done.stdout);
	assert.match(done.stdout, /journal-does-not-balance/);
	assert.ok(done.stdout.includes(ref));
	assert.match(done.stdout, /THE LEDGER DOES NOT BALANCE/);
});
