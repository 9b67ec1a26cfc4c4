// The providers whose pay address has to be asked for, played by
// simulators that keep their rules.  What all providers share is tested with
// VNPay; here is what each demands for itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startVnpay } from '../fake/vnpay.js';
import { gateway, pki, until } from './gateway.js';
import { scene, tls } from './providers.js';

for (const name of ['momo', 'zalopay', 'dvcqg', 'keypay']) {
	test(`${name}: no address is given when the provider gives none`,
		async (t) => {
		const { fake, start, attempt } = await scene(t, name);
		fake.down = true;

		const res = await start('k-1');

		assert.equal(res.status, 502, res.text);
		assert.equal(res.json.code, 'provider');
		assert.equal((await attempt()).state, 'created');
		fake.down = false;
		assert.equal((await start('k-1')).status, 201);
	});

	test(`${name}: forged, another amount, then paid, then told again`,
		async (t) => {
		const { p, fake, start, shown, attempt, balances } =
			await scene(t, name);
		const res = await start('k-1');
		assert.equal(res.status, 201, res.text);
		assert.equal((await start('k-1')).text, res.text);
		const say = async (what) =>
			(await fake.pay(res.json.pay_url, what)).map(p.said);

		assert.deepEqual(await say('forge'), [p.bad]);
		assert.equal((await attempt()).state, 'created');
		assert.deepEqual(await say('other-amount'), [p.other]);
		assert.equal((await shown()).state, 'awaiting-payment');
		assert.equal((await attempt()).state, 'review');
		assert.deepEqual(await say('success'), [p.done]);
		assert.equal((await shown()).state, 'processing');
		assert.deepEqual(await say('duplicate'), [p.again, p.again]);
		assert.equal((await attempt()).state, 'paid');
		await balances();
	});

	test(`${name}: a notice that never came is found by asking`, async (t) => {
		const { g, fake, start, shown, balances } = await scene(t, name);
		const { json } = await start();

		await fake.pay(json.pay_url, 'drop');

		await until(async () => (await shown()).state === 'processing');
		assert.deepEqual(await g.psql(
			"SELECT via FROM provider_event WHERE outcome = 'paid'"),
		[['query']]);
		await balances();
	});

	test(`${name}: its notices come by POST, with something in them`,
		async (t) => {
		const { p, g } = await scene(t, name);
		const where = `/v1/payments/callbacks/${name}`;

		assert.equal((await g.get(where, { as: 'nobody' })).status, 405);
		for (const body of ['', '{}', 'a=b', '{"amount":1,"amount":1}']) {
			const res = await g.call({ method: 'POST', path: where, body,
				headers: { 'content-type': 'application/json' } });
			assert.equal(p.said(res), p.bad, body);
		}
	});
}

test('momo: a failure that was never told is found', async (t) => {
	const { fake, start, attempt } = await scene(t, 'momo');
	const { json } = await start();
	fake.orders.get(json.attempt).ipnUrl = 'https://localhost:9/lost';

	await fake.pay(json.pay_url, 'fail');

	await until(async () => (await attempt()).state === 'failed');
});

test('a provider that is down delays no other', async (t) => {
	const vnpay = await startVnpay({ ...tls(), terminal: 'DEMO0001',
		secret: pki('secret/vnpay.secret'), ipn: 'https://localhost:9/lost' });
	t.after(() => vnpay.close());
	const { g, fake: momo, start, shown } = await scene(t, 'momo', {
		vnpay_pay_url: vnpay.payUrl, vnpay_api_url: vnpay.apiUrl,
		allow: [`localhost:${vnpay.port}`] });
	const other = await g.dossier({ in: 'awaiting-payment' });
	const [a, b] = [await start(), await g.post(
		`/v1/dossiers/${other.code}/payments`, { provider: 'vnpay' })];
	momo.down = true;

	await momo.pay(a.json.pay_url, 'drop');
	await until(() => g.log.includes('no answer'));
	await vnpay.pay(b.json.pay_url, 'drop');

	await until(async () => (await g.get(`/v1/dossiers/${other.code}`))
		.json.state === 'processing');
	assert.equal((await shown()).state, 'awaiting-payment');
	momo.down = false;
	await until(async () => (await shown()).state === 'processing');
});

test('a provider that is not configured is no provider', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });
	for (const provider of ['momo', 'zalopay', 'dvcqg', 'keypay']) {
		const res = await g.post(`/v1/dossiers/${d.code}/payments`,
			{ provider });
		assert.equal(res.status, 400);
		assert.equal(res.json.errors[0].pointer, '/provider');
		assert.equal((await g.call({ method: 'POST', body: '{}',
			path: `/v1/payments/callbacks/${provider}` })).status, 404);
	}
});
