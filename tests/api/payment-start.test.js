// POST /v1/dossiers/{code}/payments: refusals first, then where one pays.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, signed } from './gateway.js';

const vnpay = { provider: 'vnpay' };
const start = (g, code, body = vnpay, options) =>
	g.post(`/v1/dossiers/${code}/payments`, body, options);
const attempts = async (g) =>
	Number((await g.psql('SELECT count(*) FROM payment_attempt'))[0][0]);

test('a dossier that owes nothing starts no payment', async (t) => {
	const g = await gateway(t);
	for (const state of ['registered', 'withdrawn']) {
		const d = await g.dossier({ in: state });
		const res = await start(g, d.code);
		assert.equal(res.status, 409);
		assert.equal(res.json.code, 'wrong-state');
	}
	assert.equal(await attempts(g), 0);
});

test('what is not declared is refused and changes nothing', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });
	const bodies = [
		['{', 'bad-json'],
		['{"provider":"vnpay","provider":"vnpay"}', 'bad-json'],
		[{}, 'missing-field'],
		[{ provider: 7 }, 'bad-field'],
		[{ provider: 'momopay' }, 'bad-field'],
		[{ provider: '' }, 'bad-field'],
		[{ ...vnpay, locale: 'fr' }, 'bad-field'],
		[{ ...vnpay, amount: 1 }, 'unknown-field'],
	];
	for (const [body, code] of bodies) {
		const res = await start(g, d.code, body);
		assert.equal(res.status, 400, JSON.stringify(body));
		assert.equal(res.json.code, code, JSON.stringify(body));
	}
	assert.equal(await attempts(g), 0);
});

test('a stranger, a missing key and an unknown dossier are refused',
	async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });

	assert.equal((await start(g, d.code, vnpay, { as: 'nobody' })).status, 401);
	assert.equal((await start(g, d.code, vnpay, { key: null })).json.code,
		'idempotency-key-required');
	assert.equal((await start(g, 'H29.20-990101-0001')).status, 404);
	assert.equal(await attempts(g), 0);
});

test('the attempt is there before its pay URL, which keeps VNPay\'s rules',
	async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });

	const res = await start(g, d.code);

	assert.equal(res.status, 201, res.text);
	const url = new URL(res.json.pay_url);
	const fields = Object.fromEntries(url.searchParams);
	const { vnp_SecureHash: given, ...data } = fields;
	assert.equal(signed(data), url.search.slice(1));
	assert.match(given, /^[0-9a-f]{128}$/);
	assert.equal(fields.vnp_TxnRef, res.json.attempt);
	assert.equal(fields.vnp_Amount, String(res.json.amount * 100));
	assert.equal(fields.vnp_ReturnUrl, `${g.url}/v1/payments/return/vnpay`);
	assert.ok(!('vnp_SecureHashType' in fields));
	assert.match(fields.vnp_OrderInfo, /^[A-Za-z0-9 .,:-]+$/);
	assert.equal(res.json.lines.reduce((sum, l) => sum + l.amount, 0),
		res.json.amount);
	assert.equal(Date.parse(res.json.expires_at), Date.parse(
		fields.vnp_ExpireDate.replace(
			/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6+07:00')) +
		Date.parse(res.json.expires_at) % 1000);
	const shown = await g.get(`/v1/dossiers/${d.code}`);
	assert.equal(shown.json.payments.length, 1);
	assert.equal(shown.json.payments[0].attempts[0].attempt,
		res.json.attempt);
	assert.equal(shown.json.payments[0].attempts[0].state, 'created');
});

test('the same key is one attempt and the same answer, ten times at once',
	async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });
	const send = () => start(g, d.code, vnpay, { key: 'k-1' });

	const all = await Promise.all(Array.from({ length: 10 }, send));
	const texts = new Set(all.filter((r) => r.status === 201)
		.map((r) => r.text));
	assert.equal(texts.size, 1);
	for (const r of all)
		assert.ok(r.status === 201 || r.status === 409, r.text);
	assert.equal((await send()).text, [...texts][0]);
	assert.equal(await attempts(g), 1);

	const other = await start(g, d.code, { ...vnpay, locale: 'en' },
		{ key: 'k-1' });
	assert.equal(other.json.code, 'idempotency-key-reused');
});

test('two attempts never share a reference', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });

	const [a, b] = [await start(g, d.code), await start(g, d.code)];

	assert.equal(b.status, 201);
	assert.notEqual(a.json.attempt, b.json.attempt);
});
