// MoMo and ZaloPay, whose pay address has to be asked for, played by
// simulators that keep their rules.  What all providers share is tested with
// VNPay; here is what each demands for itself.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { startMomo } from '../fake/momo.js';
import { startVnpay } from '../fake/vnpay.js';
import { startZalopay } from '../fake/zalopay.js';
import { gateway, pki, until } from './gateway.js';

const tls = () => ({ key: pki('tls/vnpay.key'), cert: pki('tls/vnpay.crt'),
	ca: pki('tls/ca.crt') });

// Published for the sandboxes.
const momoSecret = 'K951B6PE1waDMi640xX08PD3vg6EkVlz';
const momoAccess = 'F8BBA842ECF85';
const key1 = 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL';
const key2 = 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz';

function secretFiles(t, secrets) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'hosogate-'));
	t.after(() => rmSync(dir, { recursive: true }));
	return Object.fromEntries(Object.entries(secrets).map(([name, value]) => {
		const file = path.join(dir, name);
		writeFileSync(file, `${value}\n`, { mode: 0o600 });
		return [name, [file]];
	}));
}

const providers = {
	momo: {
		start: () => startMomo({ ...tls(), partner: 'MOMO',
			access: momoAccess, secret: momoSecret }),
		config: (t, fake) => ({ momo_partner: 'MOMO',
			momo_access_key: momoAccess, momo_api_url: fake.url,
			...secretFiles(t, { momo_secret_files: momoSecret }) }),
		said: (a) => a.status,
		bad: 400, done: 204, again: 204, other: 204,
	},
	zalopay: {
		start: () => startZalopay({ ...tls(), app: 2553, key1, key2 }),
		config: (t, fake) => ({ zalopay_app: '2553',
			zalopay_api_url: fake.url, ...secretFiles(t, {
				zalopay_key1_files: key1, zalopay_key2_files: key2 }) }),
		said: (a) => a.json.return_code,
		bad: -1, done: 1, again: 2, other: 1,
	},
};

async function scene(t, name, { allow = [], ...config } = {}) {
	const p = providers[name];
	const fake = await p.start();
	t.after(() => fake.close());
	const g = await gateway(t, { config: { tick_ms: 20,
		http_allow_private: [`localhost:${fake.port}`, ...allow],
		payment_sweep_seconds: Array(12).fill('1'),
		...p.config(t, fake), ...config } });
	const d = await g.dossier({ in: 'awaiting-payment' });
	const shown = async () => (await g.get(`/v1/dossiers/${d.code}`)).json;
	return { p, g, fake, code: d.code, shown,
		start: (key) => g.post(`/v1/dossiers/${d.code}/payments`,
			{ provider: name }, { key }),
		attempt: async (i = 0) => (await shown()).payments[0].attempts[i],
		async balances() {
			const done = await g.cli(['ledger', 'check', '-c', g.configFile]);
			assert.equal(done.code, 0, done.stdout);
		} };
}

for (const name of Object.keys(providers)) {
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
	for (const provider of ['momo', 'zalopay']) {
		const res = await g.post(`/v1/dossiers/${d.code}/payments`,
			{ provider });
		assert.equal(res.status, 400);
		assert.equal(res.json.errors[0].pointer, '/provider');
		assert.equal((await g.call({ method: 'POST', body: '{}',
			path: `/v1/payments/callbacks/${provider}` })).status, 404);
	}
});
