// The failure table for the National Portal's two protocols: what each row
// sends, what is answered, and what it does to the money.  A row that holds
// for both is one test for each.  Rows 24 to 28, 32, 57 and 62 are in
// payment-failure-fault.test.js, 29 in -order, 3 and 59 in -form, 44 and 45 in
// -source, 58 in -outbox and 61 in -tenant.  None are:
//
//	row 20      dvcqg: says its end once, under the MAC
//	row 31      no signed time
//	row 34, 37  JSON has no keys to escape
//	row 39      ZaloPay's envelope
//	row 50-52   transfers
//	row 53      nobody can be asked to refund: by hand, refund.test.js
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { psql } from '../setup/site.js';
import { until } from './gateway.js';
import { scene } from './providers.js';

// What differs between them.
const dialects = {
	dvcqg: { mac: 'MaXacThuc', order: 'MaThamChieu', amount: 'SoTien',
		txn: 'MaGiaoDich', currency: 'MaTienTe', info: 'ThongTinGiaoDich', free: 'MaNganHang',
		other: 'other-partner', secrets: 'dvcqg_secret_files',
		ask: 'query', answer: (fields) => ({ error_code: '0',
			message: JSON.stringify(fields) }),
		paid: { TrangThaiGD: 1 }, sure: { MaLoi: '00', MaGiaoDich: 'GD1' } },
	keypay: { mac: 'check_sum', order: 'transaction_id',
		amount: 'trans_amount', txn: 'transaction_code',
		currency: 'currency_code', info: 'description', free: 'payment_fee',
		other: 'other-client', secrets: 'keypay_key2_files',
		ask: 'detail', answer: (fields) => fields,
		paid: { status: 0 }, sure: { status: 0, transaction_code: 'T1' } },
};

const quiet = { payment_sweep_seconds: ['86400'] };

async function started(t, name, config = quiet) {
	const s = await scene(t, name, config);
	const res = await s.start('k-1');
	assert.equal(res.status, 201, res.text);
	const order = [...s.fake.orders.values()].at(-1);
	return { ...s, order, dialect: dialects[name], ref: res.json.attempt,
		url: res.json.pay_url,
		// Answers in one value each.
		say: async (what) =>
			(await s.fake.pay(res.json.pay_url, what)).map(s.p.said),
		raw: async (body) => s.g.call({ method: 'POST',
			path: `/v1/payments/callbacks/${name}`, body,
			headers: { 'content-type': 'application/json' } }),
		async isUntouched() {
			assert.equal((await s.attempt()).state, 'created');
			assert.equal((await s.shown()).state, 'awaiting-payment');
			assert.deepEqual(await s.g.psql(
				"SELECT count(*) FROM ledger_journal WHERE kind <> 'demand'"),
			[['0']]);
		},
		async isPaidOnce() {
			assert.equal((await s.shown()).state, 'processing');
			assert.deepEqual(await s.g.psql(
				"SELECT count(*) FROM ledger_journal WHERE kind = 'payment'"),
			[['1']]);
			await s.balances();
		} };
}

const each = (what, body) => {
	for (const name of Object.keys(dialects))
		test(`${name}, ${what}`, (t) => body(t, name));
};

each('row 1: a MAC that is wrong, missing, empty, short or no hex is refused',
	async (t, name) => {
	const { p, fake, order, dialect, raw, isUntouched } =
		await started(t, name);
	const good = fake.callbackOf(order, dialect.sure);
	for (const mac of ['0'.repeat(64), undefined, '', 'abcd', 'z'.repeat(64),
		`${good[dialect.mac]}00`, ` ${good[dialect.mac]}`, null, 7, ['x']]) {
		const res = await raw(JSON.stringify({ ...good, [dialect.mac]: mac }));
		assert.equal(res.status, 200);
		assert.equal(p.said(res), p.bad, String(mac));
	}
	await isUntouched();
});

each('row 2: a MAC in capitals is the same MAC', async (t, name) => {
	const { p, fake, order, dialect, raw, isPaidOnce, say } =
		await started(t, name);
	await say('drop');
	const good = fake.callbackOf(order);

	const res = await raw(JSON.stringify({ ...good,
		[dialect.mac]: good[dialect.mac].toUpperCase() }));

	assert.equal(p.said(res), p.done);
	await isPaidOnce();
});

each('row 4: a MAC that is true for another contract credits nothing',
	async (t, name) => {
	const { p, say, dialect, isUntouched } = await started(t, name);
	assert.deepEqual(await say(dialect.other), [p.bad]);
	await isUntouched();
});

each('row 5: an order that nobody has made is kept and credits nothing',
	async (t, name) => {
	const { g, p, fake, order, dialect, raw, isUntouched } =
		await started(t, name);
	for (const id of ['ffffffffffffffffffff', 'P1Rffffffffffffffffffff',
		'123_0f8fad5b', 'không có'])
		assert.equal(p.said(await raw(JSON.stringify(fake.callbackOf(order,
			{ ...dialect.sure, [dialect.order]: id })))), p.bad, id);
	await isUntouched();
	assert.deepEqual(await g.psql('SELECT count(*) FROM provider_event ' +
		'WHERE attempt_id IS NULL'), [['4']]);
});

each('row 6 and bug (b): another amount goes to a person, unasked for',
	async (t, name) => {
	const { p, say, attempt, shown } = await started(t, name);
	assert.deepEqual(await say('other-amount'), [p.bad]);
	assert.equal((await attempt()).state, 'review');
	assert.equal((await shown()).state, 'awaiting-payment');
});

each('row 7 and 38: an amount that is no plain number is none',
	async (t, name) => {
	const { p, fake, order, dialect, raw, shown } = await started(t, name);
	for (const amount of ['1e6', '100.0', '+1', '01', ' 1', '-1', '',
		'9'.repeat(20)])
		assert.equal(p.said(await raw(JSON.stringify(fake.callbackOf(order,
			{ ...dialect.sure, [dialect.amount]: amount })))), p.bad, amount);
	const body = JSON.stringify(fake.callbackOf(order, dialect.sure));
	for (const lexeme of ['1000.0', '1e3', '-0.0', '1E400'])
		assert.equal(p.said(await raw(body.replace(
			new RegExp(`"${dialect.amount}":"?\\d+"?`),
			`"${dialect.amount}":${lexeme}`))), p.bad, lexeme);
	assert.equal((await shown()).state, 'awaiting-payment');
});

each('row 8: another currency is no amount of ours', async (t, name) => {
	const { p, say, attempt } = await started(t, name);
	assert.deepEqual(await say('other-currency'), [p.bad]);
	assert.equal((await attempt()).state, 'review');
});

each('a provider at rest is not asked for a notice, which may come again',
	async (t, name) => {
	const { g, p, fake, dialect, say, isPaidOnce, attempt, raw, order } =
		await started(t, name);
	const right = fake[dialect.ask].bind(fake);
	let asked = 0;
	fake[dialect.ask] = (body) => {
		asked++;
		return right(body);
	};
	fake.calls = 1;
	await g.psql(`INSERT INTO provider_rest VALUES
		('${name}', 9, now() + interval '1 hour')`);

	assert.deepEqual(await say('success'), [p.bad]);

	assert.equal(asked, 0);
	assert.equal((await attempt()).state, 'pending');
	await g.psql("UPDATE provider_rest SET open_until = now()");
	assert.equal(p.said(await raw(JSON.stringify(fake.callbackOf(order)))),
		p.done);
	assert.equal(asked, 1);
	await isPaidOnce();
});

each('row 9: a success is credited when the query confirms it, not before',
	async (t, name) => {
	const { p, fake, say, isPaidOnce, attempt, raw, order } =
		await started(t, name);
	fake.calls = 1;
	fake.down = true;
	assert.deepEqual(await say('success'), [p.bad]);
	assert.equal((await attempt()).state, 'pending');
	fake.down = false;
	assert.equal(p.said(await raw(JSON.stringify(fake.callbackOf(order)))),
		p.done);
	await isPaidOnce();
});

each('row 10: a failure is recorded, and the fee can be paid anew',
	async (t, name) => {
	const { p, fake, say, attempt, start, shown } = await started(t, name);
	assert.deepEqual(await say('fail'), [p.done]);
	assert.equal((await attempt()).state, 'failed');
	const again = await start('k-2');
	assert.deepEqual((await fake.pay(again.json.pay_url)).map(p.said),
		[p.done]);
	assert.equal((await shown()).state, 'processing');
});

each('row 11, 12 and 26: told again, alone or twice at once, it pays once',
	async (t, name) => {
	const { p, say, isPaidOnce } = await started(t, name);
	assert.deepEqual(await say('success'), [p.done]);
	assert.deepEqual(await say('duplicate'), [p.again, p.again]);
	assert.deepEqual(await say('success'), [p.again]);
	await isPaidOnce();
});

each('row 12: two first notices at once pay once', async (t, name) => {
	const { p, say, isPaidOnce } = await started(t, name);
	await say('drop');
	assert.deepEqual(await say('duplicate'), [p.done, p.done]);
	await isPaidOnce();
});

each('row 13: notice and sweep at once pay once', async (t, name) => {
	const { say, isPaidOnce, shown } = await started(t, name, {});
	await Promise.all([say('success'), until(async () =>
		(await shown()).state === 'processing')]);
	await isPaidOnce();
});

each('row 14 and 30: a success after a failure here is credited, however late',
	async (t, name) => {
	const { p, say, isPaidOnce } = await started(t, name);
	assert.deepEqual(await say('fail'), [p.done]);
	assert.deepEqual(await say('success'), [p.done]);
	await isPaidOnce();
});

each('row 15 and bug (f): a failure after it was paid takes nothing away',
	async (t, name) => {
	const { p, say, isPaidOnce } = await started(t, name);
	assert.deepEqual(await say('success'), [p.done]);
	assert.deepEqual(await say('fail'), [p.done]);
	await isPaidOnce();
});

each('row 16: a second attempt that is paid too is surplus',
	async (t, name) => {
	const { p, fake, start, say, isPaidOnce, attempt } =
		await started(t, name);
	const two = await start('k-2');
	assert.deepEqual(await say('success'), [p.done]);
	assert.deepEqual((await fake.pay(two.json.pay_url)).map(p.said), [p.done]);
	assert.equal((await attempt(1)).state, 'surplus');
	await isPaidOnce();
});

each('row 17: one transaction cannot pay two orders, and a person looks at ' +
	'both', async (t, name) => {
	const { p, fake, g, start, say, attempt, shown, ref } =
		await started(t, name);
	const two = await start('k-2');
	fake.calls = 1;
	assert.deepEqual(await say('success'), [p.done]);
	fake.transaction--;
	assert.deepEqual((await fake.pay(two.json.pay_url)).map(p.said), [p.bad]);
	assert.equal((await attempt(1)).state, 'review');
	const { state, history } = await shown();
	assert.equal(state, 'processing');
	assert.deepEqual(history.filter((e) => e.event === 'payment-review')
		.map((e) => e.data.attempt).sort(), [ref, two.json.attempt].sort());
	assert.deepEqual(await g.psql('SELECT count(*) FROM ledger_journal ' +
		"WHERE kind IN ('payment', 'surplus')"), [['1']]);
});

each('row 18: a second charge of the same order is surplus',
	async (t, name) => {
	const { p, order, say, isPaidOnce, g } = await started(t, name);
	assert.deepEqual(await say('success'), [p.done]);
	order[name === 'keypay' ? 'code' : 'txn'] = 'T999';
	assert.deepEqual(await say('success'), [p.done]);
	await isPaidOnce();
	assert.deepEqual(await g.psql(
		"SELECT txn FROM ledger_journal WHERE kind = 'surplus'"), [['T999']]);
});

each('row 19: what is not finished is no failure', async (t, name) => {
	const { fake, say, attempt, shown } = await started(t, name);
	fake.calls = 1;
	await say('pending');
	assert.equal((await attempt()).state, 'pending');
	assert.equal((await shown()).state, 'awaiting-payment');
});

test('keypay, row 20 and OpenCPS (c): a failure sent again with status 0 is ' +
	'no payment', async (t) => {
	const { p, say, attempt, shown, g } = await started(t, 'keypay');
	assert.deepEqual(await say('tamper'), [p.done]);
	assert.equal((await attempt()).state, 'failed');
	assert.equal((await shown()).state, 'awaiting-payment');
	assert.deepEqual(await g.psql('SELECT count(*) FROM ledger_journal ' +
		"WHERE kind <> 'demand'"), [['0']]);
});

each('row 21: a notice that overtakes the answer to create is credited',
	async (t, name) => {
	const s = await scene(t, name, quiet);
	const make = name === 'keypay' ? 'create' : 'init';
	const own = s.fake[make];
	let early;
	s.fake[make] = function overtaking(f) {
		const made = own.call(this, f);
		const id = f.transaction_id ?? f.MaThamChieu;
		early = this.pay(`/${id}`);
		return made;
	};

	assert.equal((await s.start('k-1')).status, 201);

	assert.equal(s.p.said((await early).at(-1)), s.p.done);
	assert.equal((await s.shown()).state, 'processing');
});

each('row 22: an order whose create was never answered can be paid',
	async (t, name) => {
	const s = await scene(t, name, quiet);
	const make = name === 'keypay' ? 'create' : 'init';
	const own = s.fake[make];
	s.fake[make] = function mute(f) {
		own.call(this, f);
		return undefined;
	};
	assert.equal((await s.start('k-1')).status, 502);
	assert.equal((await s.attempt()).state, 'created');
	const [id] = s.fake.orders.keys();

	assert.deepEqual((await s.fake.pay(`/${id}`)).map(s.p.said), [s.p.done]);

	assert.equal((await s.attempt()).state, 'paid');
	assert.equal((await s.shown()).state, 'processing');
});

each('row 23: without a database it is told to call again', async (t, name) => {
	const { g, p, fake, say, raw, order, isPaidOnce } = await started(t, name);
	await say('drop');
	await psql('postgres', `ALTER DATABASE ${g.database}
		ALLOW_CONNECTIONS false`);
	await psql('postgres', `SELECT pg_terminate_backend(pid)
		FROM pg_stat_activity WHERE datname = '${g.database}'`);
	const body = JSON.stringify(fake.callbackOf(order));
	assert.equal(p.said(await raw(body)), p.bad);
	await psql('postgres', `ALTER DATABASE ${g.database}
		ALLOW_CONNECTIONS true`);
	await until(async () => p.said(await raw(body)) === p.done);
	await isPaidOnce();
});

each('row 33: a name that stands twice is refused before any MAC',
	async (t, name) => {
	const { p, fake, order, dialect, raw, isUntouched } =
		await started(t, name);
	const body = JSON.stringify(fake.callbackOf(order, dialect.sure));
	for (const twice of [`{"${dialect.amount}":1,${body.slice(1)}`,
		`${body.slice(0, -1)},"${dialect.txn}":"T2"}`])
		assert.equal(p.said(await raw(twice)), p.bad);
	await isUntouched();
});

each('row 35: members that nobody knows change nothing', async (t, name) => {
	const { p, fake, order, dialect, raw, say, isPaidOnce } =
		await started(t, name);
	await say('drop');
	assert.equal(p.said(await raw(JSON.stringify({ TrangThai: 'paid',
		...fake.callbackOf(order), amount: 1, [`${dialect.mac}2`]: 'x' }))),
	p.done);
	await isPaidOnce();
});

each('row 36: bytes that are no JSON text are refused', async (t, name) => {
	const { p, fake, order, dialect, raw, isUntouched } =
		await started(t, name);
	const body = Buffer.from(
		JSON.stringify(fake.callbackOf(order, dialect.sure)));
	for (const bad of [Buffer.concat([Buffer.from('\ufeff'), body]),
		Buffer.from(body.toString(), 'utf16le'),
		Buffer.from(body.toString().replace('VND', 'V\\ud800D')),
		Buffer.from(body.toString().replace('VND', 'V\\u0000D')),
		Buffer.concat([body.subarray(0, -2), Buffer.from([0xff, 0x22, 0x7d])]),
		Buffer.concat([body, Buffer.from('{}')])])
		assert.equal(p.said(await raw(bad)), p.bad);
	await isUntouched();
});

each('row 40: what we never sent goes to a person under a true MAC',
	async (t, name) => {
	const { p, fake, order, dialect, raw, say, attempt, isUntouched } =
		await started(t, name);
	assert.equal(p.said(await raw(JSON.stringify(fake.callbackOf(order,
		{ ...dialect.sure, [dialect.order]: `${order[dialect.order]}|x` })))),
	p.bad);
	await isUntouched();
	assert.deepEqual(await say('other-info'), [p.bad]);
	assert.equal((await attempt()).state, 'review');
});

each('row 41 and OpenCPS (b): a shorter hash, or none, proves nothing',
	async (t, name) => {
	const { p, fake, order, dialect, raw, isUntouched } =
		await started(t, name);
	const good = fake.callbackOf(order, dialect.sure);
	for (const len of [0, 32, 40, 63])
		assert.equal(p.said(await raw(JSON.stringify({ ...good,
			[dialect.mac]: good[dialect.mac].slice(0, len) }))), p.bad);
	await isUntouched();
});

each('row 42 and 43: another method, a body over the limit',
	async (t, name) => {
	const { g, raw, isUntouched } = await started(t, name);
	assert.equal((await g.get(`/v1/payments/callbacks/${name}`,
		{ as: 'nobody' })).status, 405);
	assert.equal((await raw(`"${'x'.repeat(70000)}"`)).status, 413);
	await isUntouched();
});

each('row 46: who comes back sees how it stands, and credits nothing',
	async (t, name) => {
	const { g, ref, shown, say } = await started(t, name);
	const where = `/v1/payments/return/${name}?attempt=`;
	const back = await g.get(`${where}${ref}&status=0&MaLoi=00`,
		{ as: 'nobody' });
	assert.notEqual(back.json.state, 'paid');
	assert.equal((await shown()).state, 'awaiting-payment');
	assert.equal((await g.get(`${where}P1R${'0'.repeat(20)}`,
		{ as: 'nobody' })).status, 404);
	await say('success');
	assert.equal((await g.get(where + ref, { as: 'nobody' })).json.state,
		'paid');
});

each('row 47: who returns before the notice is asked about at once',
	async (t, name) => {
	const { g, ref, shown, say, isPaidOnce } = await started(t, name);
	await say('drop');
	assert.equal((await g.get(`/v1/payments/return/${name}?attempt=${ref}`,
		{ as: 'nobody' })).status, 200);
	await until(async () => (await shown()).state === 'processing');
	await isPaidOnce();
});

each('row 48: an old address that is paid next day counts for its own',
	async (t, name) => {
	const { p, g, start, say, attempt, ref, isPaidOnce } =
		await started(t, name);
	const again = await start('k-2');
	assert.notEqual(again.json.attempt, ref);
	await g.psql(`UPDATE payment_attempt SET created_at = created_at -
		interval '1 day', expires_at = expires_at - interval '1 day'
		WHERE ref = '${ref}'`);
	assert.deepEqual(await say('success'), [p.done]);
	assert.equal((await attempt()).state, 'paid');
	assert.equal((await attempt(1)).state, 'superseded');
	await isPaidOnce();
});

each('row 49: money for a dossier that was withdrawn meanwhile is surplus',
	async (t, name) => {
	const { g, p, code, say, shown, attempt, balances } =
		await started(t, name);
	await g.act(code, 'withdraw', { as: 'portal', reason: 'Rút hồ sơ' });
	assert.deepEqual(await say('success'), [p.done]);
	assert.equal((await shown()).state, 'withdrawn');
	assert.equal((await attempt()).state, 'surplus');
	await balances();
});

each('row 54: an answer that cannot be believed is no answer',
	async (t, name) => {
	const { p, fake, dialect, say, attempt, shown } = await started(t, name);
	fake.calls = 1;
	for (const lie of [() => ({}), () => 'html', () => undefined,
		() => dialect.answer({ ...dialect.paid, [dialect.order]: 'another' }),
		() => dialect.answer({ [dialect.amount]: '1' })]) {
		fake[dialect.ask] = lie;
		assert.deepEqual(await say('success'), [p.bad]);
		assert.notEqual((await attempt()).state, 'paid');
		assert.notEqual((await attempt()).state, 'failed');
	}
	assert.equal((await shown()).state, 'awaiting-payment');
});

each('row 55: an order that it does not know is no end, however late',
	async (t, name) => {
	const { g, fake, attempt } = await started(t, name,
		{ payment_sweep_seconds: Array(12).fill('1') });
	fake.orders.clear();
	await g.psql(`UPDATE payment_attempt SET
		created_at = created_at - interval '2 hours',
		expires_at = expires_at - interval '2 hours'`);
	await until(async () => Number((await g.psql(
		'SELECT max(asks) FROM payment_attempt'))[0][0]) >= 2);
	assert.equal((await attempt()).state, 'created');
});

each('row 60: what is said is data, in SQL and log', async (t, name) => {
	const { g, p, fake, order, dialect, raw, say, isPaidOnce } =
		await started(t, name);
	await say('drop');
	const text = "x'); DROP TABLE dossier;--\r\nINJECTED: 1 <script>";
	assert.equal(p.said(await raw(JSON.stringify(fake.callbackOf(order,
		{ [dialect.free]: text })))), p.done);
	assert.doesNotMatch(g.log, /^INJECTED/m);
	await isPaidOnce();
});
