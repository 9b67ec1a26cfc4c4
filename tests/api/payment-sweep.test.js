// Notices that never come: the gateway asks VNPay itself.  A simulator that
// keeps VNPay's rules plays the other side.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stamp, startVnpay } from '../fake/vnpay.js';
import { freePort, Site } from '../setup/site.js';
import { gateway, paid, pki, until } from './gateway.js';

async function scene(t, seconds = ['1', '1', '1', '1', '1', '1', '1', '1']) {
	const port = await freePort();
	const vnpay = await startVnpay({ key: pki('tls/vnpay.key'),
		cert: pki('tls/vnpay.crt'), ca: pki('tls/ca.crt'),
		terminal: 'DEMO0001', secret: pki('secret/vnpay.secret'),
		ipn: `https://localhost:${port}/v1/payments/callbacks/vnpay`,
		retryMs: 50 });
	t.after(() => vnpay.close());
	const g = await gateway(t, { port, config: { tick_ms: 20,
		vnpay_pay_url: vnpay.payUrl, vnpay_api_url: vnpay.apiUrl,
		http_allow_private: [`localhost:${vnpay.port}`],
		payment_sweep_seconds: seconds } });
	const d = await g.dossier({ in: 'awaiting-payment' });
	const res = await g.post(`/v1/dossiers/${d.code}/payments`,
		{ provider: 'vnpay' });
	assert.equal(res.status, 201, res.text);
	const shown = async () => (await g.get(`/v1/dossiers/${d.code}`)).json;
	return { g, vnpay, url: res.json.pay_url, ref: res.json.attempt, shown,
		attempt: async () => (await shown()).payments[0].attempts[0],
		asks: async () => Number((await g.psql(
			`SELECT asks FROM payment_attempt WHERE ref = '${
				res.json.attempt}'`))[0][0]) };
}

// So many more attempts as the scene's, past their end and due: VNPay knows
// none of them, and says so.
const clones = (g, count) => g.psql(`INSERT INTO payment_attempt
	SELECT (jsonb_populate_record(a, jsonb_build_object('id', 1000 + n,
		'ref', 'P1R' || lpad(to_hex(n), 20, '0'), 'ask_at', now(),
		'created_at', a.created_at - interval '1 hour',
		'expires_at', a.expires_at - interval '1 hour'))).*
	FROM payment_attempt a, generate_series(1, ${count}) n`);

const counted = async (g, what) => Number((await g.psql(
	`SELECT ${what} FROM payment_attempt WHERE id > 1000`))[0][0]);

const expired = (g) => counted(g, 'count(*) FILTER (WHERE state = 5)');

test('the simulator refuses a pay URL that was touched', async (t) => {
	const { vnpay, url } = await scene(t, ['60']);

	assert.equal((await vnpay.visit(url.replace(/vnp_Amount=\d/,
		'vnp_Amount=9'))).status, 400);
	assert.equal((await vnpay.visit(url)).status, 200);
});

test('forged, other amount, then the real one, then duplicates', async (t) => {
	const { vnpay, url, shown } = await scene(t, ['60']);
	const say = async (what) => (await vnpay.pay(url, what)).answers
		.map((a) => a.RspCode);

	assert.deepEqual(await say('forge'), ['97']);
	assert.deepEqual(await say('other-amount'), ['04']);
	assert.equal((await shown()).state, 'awaiting-payment');
	assert.deepEqual(await say('success'), ['00']);
	assert.equal((await shown()).state, 'processing');
	assert.deepEqual(await say('duplicate'), ['02', '02']);
});

test('a notice that finds us down is repeated until it is heard',
	async (t) => {
	const { g, vnpay, url, ref, shown } = await scene(t, ['60']);
	vnpay.retryMs = 1000; // ten calls outlast the start
	await g.stop();

	const { answers } = await vnpay.pay(url, 'success');
	assert.equal(answers[0].status, 0);
	await g.start();

	await until(async () => (await shown()).state === 'processing');
	assert.ok(vnpay.orders.get(ref).notices.length > 1);
});

test('a notice that never came is found by asking', async (t) => {
	const { g, vnpay, url, shown, attempt } = await scene(t);

	await vnpay.pay(url, 'drop');

	await until(async () => (await shown()).state === 'processing');
	assert.equal((await attempt()).state, 'paid');
	assert.deepEqual(await g.psql(
		"SELECT via, answer FROM provider_event WHERE outcome = 'paid'"),
	[['query', 'done']]);
	const done = await g.cli(['ledger', 'check', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout);
});

test('a failure that was never told is found, and the fee stays owed',
	async (t) => {
	const { g, vnpay, url, shown, attempt } = await scene(t);
	vnpay.ipn = 'https://localhost:9/lost';

	await vnpay.pay(url, 'fail');

	await until(async () => (await attempt()).state === 'failed');
	assert.equal((await shown()).state, 'awaiting-payment');
	assert.deepEqual(await g.psql(
		'SELECT ask_at IS NULL FROM payment_attempt'), [['t']]);
});

test('an order that nobody opened does not expire before its end',
	async (t) => {
	const { attempt, asks } = await scene(t);

	await until(async () => await asks() >= 2);
	assert.equal((await attempt()).state, 'created');
});

test('an order that nobody opened expires past its end, on VNPay\'s word',
	async (t) => {
	const { g, attempt } = await scene(t);

	await g.psql(`UPDATE payment_attempt
		SET created_at = created_at - interval '1 hour',
		    expires_at = expires_at - interval '1 hour'`);

	await until(async () => (await attempt()).state === 'expired');
});

test('no word of the provider that can be believed is no answer',
	async (t) => {
	const { vnpay, url, attempt, asks, shown } = await scene(t,
		Array(12).fill('1'));
	vnpay.queries = 'forged';
	await vnpay.pay(url, 'drop');
	await until(async () => await asks() >= 1);
	assert.equal((await attempt()).state, 'created');
	vnpay.queries = 'down';
	const before = await asks();
	await until(async () => await asks() > before);
	assert.equal((await attempt()).state, 'created');

	vnpay.queries = 'well';
	await until(async () => (await shown()).state === 'processing');
});

test('all that are due are asked about, many a turn, each once', async (t) => {
	const { g } = await scene(t, ['9999']);

	await clones(g, 120);

	await until(async () => await expired(g) === 120);
	assert.equal(await counted(g, 'sum(asks)'), 120);
	assert.equal(await counted(g, 'count(ask_at)'), 0);
	assert.ok(await counted(g, 'count(DISTINCT moved_at)') < 30,
		'answers are applied together');
});

test('of a provider that falls silent one is asked about, the others go back',
	async (t) => {
	const { g, vnpay } = await scene(t, ['9999']);
	vnpay.queries = 'down';
	await clones(g, 50);

	// In one snapshot: whatever failed was one question, and nothing else is
	// any later for it.
	await until(async () => (await g.psql(`SELECT r.failures >= 2 AND
		r.failures = (SELECT sum(asks) FROM payment_attempt) AND
		50 = (SELECT r.failures + count(*) FROM payment_attempt
			WHERE ask_at <= now())
		FROM provider_rest r`)).flat()[0] === 't');
	vnpay.queries = 'well';

	await until(async () => await expired(g) > 40);
});

test('two gateways ask about each attempt once', async (t) => {
	const { g } = await scene(t, ['9999']);
	const twin = new Site(`${g.database}twin`, g.database,
		{ config: { ...g.options.config } });
	t.after(async () => {
		await twin.stop();
		twin.close();
	});
	await twin.configure();
	await twin.start();

	await clones(g, 120);

	await until(async () => await expired(g) === 120);
	assert.equal(await counted(g, 'sum(asks)'), 120);
	assert.deepEqual(await g.psql('SELECT count(*) FROM provider_event'),
		[['120']]);
});

test('killed while it asks, it asks again when the next time comes',
	async (t) => {
	const { g, vnpay } = await scene(t, ['9999', '2']);
	vnpay.queries = 'hang';
	await clones(g, 20);
	await until(async () => await counted(g, 'sum(asks)') === 20);

	await g.kill();
	vnpay.queries = 'well';
	await g.start();

	await until(async () => await expired(g) === 20);
});

// First asked about when a test says so, then every second.
const later = ['9999', ...Array(12).fill('1')];

// The attempt and VNPay's order, as if they were from so many days ago; due.
async function age(s, days) {
	await s.g.psql(`UPDATE payment_attempt
		SET created_at = created_at - interval '${days} days',
		    expires_at = expires_at - interval '${days} days'`);
	const { started_at: at } = await s.attempt();
	s.vnpay.orders.get(s.ref).created = stamp(Date.parse(at));
	await s.g.psql('UPDATE payment_attempt SET ask_at = now()');
}

const waits = async (g) => (await g.psql(
	'SELECT ask_at IS NOT NULL FROM payment_attempt'))[0][0] === 't';

test('what is not finished is asked about until the limit', async (t) => {
	const s = await scene(t, later);
	await s.vnpay.pay(s.url, 'pending');
	await age(s, 7);

	await until(async () => await s.asks() >= 2);
	assert.equal((await s.attempt()).state, 'pending');
	assert.equal(await waits(s.g), true);
});

for (const [what, queries] of [['not finished', 'well'], ['nothing', 'down']])
	test(`past the limit, and it says ${what}: the desk is told, none expires`,
		async (t) => {
		const s = await scene(t, later);
		await s.vnpay.pay(s.url, 'pending');
		s.vnpay.queries = queries;
		await age(s, 8);

		await until(async () => (await s.attempt()).state === 'review');
		assert.equal(await waits(s.g), false);
		assert.equal((await s.shown()).state, 'awaiting-payment');
		assert.deepEqual(await s.g.psql(`SELECT e.kind, e.data::jsonb ->> 'said',
			o.template FROM event e JOIN outbox o ON o.event_id = e.id
			WHERE e.kind = 'payment-review'`),
		[['payment-review', 'no-word', 'mail-desk-payment-review']]);
		assert.deepEqual(await s.g.psql(`SELECT via, outcome
			FROM provider_event WHERE via = 'query'`),
		queries === 'well' ? [['query', 'pending']] : []);
		const done = await s.g.cli(['audit', 'verify', '-c', s.g.configFile]);
		assert.equal(done.code, 0, done.stdout);
	});

test('money counts that comes when nobody asks any more', async (t) => {
	const s = await scene(t, later);
	await s.vnpay.pay(s.url, 'pending');
	await age(s, 8);
	await until(async () => (await s.attempt()).state === 'review');

	const told = await s.g.get('/v1/payments/callbacks/vnpay?' +
		paid(s.url), { as: 'nobody' });

	assert.equal(told.json.RspCode, '00');
	assert.equal((await s.attempt()).state, 'paid');
	assert.equal((await s.shown()).state, 'processing');
});
