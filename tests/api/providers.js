// The providers as one thing: a simulator each, the gateway's configuration for
// it, and how it says what it was answered.  A provider more is a row more,
// and every test that walks over them walks over it too.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { startDvcqg } from '../fake/dvcqg.js';
import { startKeypay } from '../fake/keypay.js';
import { startMomo } from '../fake/momo.js';
import { startVnpay } from '../fake/vnpay.js';
import { startZalopay } from '../fake/zalopay.js';
import { freePort } from '../setup/site.js';
import { gateway, pki } from './gateway.js';

export const tls = () => ({ key: pki('tls/vnpay.key'),
	cert: pki('tls/vnpay.crt'), ca: pki('tls/ca.crt') });

// Published for the sandboxes.
const momoSecret = 'K951B6PE1waDMi640xX08PD3vg6EkVlz';
const momoAccess = 'F8BBA842ECF85';
const key1 = 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL';
const key2 = 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz';

export function secretFiles(t, secrets) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'hosogate-'));
	t.after(() => rmSync(dir, { recursive: true }));
	return Object.fromEntries(Object.entries(secrets).map(([name, value]) => {
		const file = path.join(dir, name);
		writeFileSync(file, `${value}\n`, { mode: 0o600 });
		return [name, [file]];
	}));
}

// start, config, pay: the answers to its notices.  said: an answer in one
// value; bad, done, again, other: what it is told for a wrong MAC, news, no
// news, another amount.  refunds: it can be asked to
// give money back.
export const providers = {
	vnpay: {
		start: (port) => startVnpay({ ...tls(), terminal: 'DEMO0001',
			secret: pki('secret/vnpay.secret'), retryMs: 50,
			ipn: `https://localhost:${port}/v1/payments/callbacks/vnpay` }),
		config: (t, fake) => ({ vnpay_pay_url: fake.payUrl,
			vnpay_api_url: fake.apiUrl }),
		pay: async (fake, url, what) => (await fake.pay(url, what)).answers,
		said: (a) => a.RspCode,
		refunds: true, bad: '97', done: '00', again: '02', other: '04',
	},
	momo: {
		start: () => startMomo({ ...tls(), partner: 'MOMO',
			access: momoAccess, secret: momoSecret }),
		config: (t, fake) => ({ momo_partner: 'MOMO',
			momo_access_key: momoAccess, momo_api_url: fake.url,
			...secretFiles(t, { momo_secret_files: momoSecret }) }),
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.status,
		refunds: true, bad: 400, done: 204, again: 204, other: 204,
	},
	zalopay: {
		start: () => startZalopay({ ...tls(), app: 2553, key1, key2 }),
		config: (t, fake) => ({ zalopay_app: '2553',
			zalopay_api_url: fake.url, ...secretFiles(t, {
				zalopay_key1_files: key1, zalopay_key2_files: key2 }) }),
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.json.return_code,
		refunds: true, bad: -1, done: 1, again: 2, other: 1,
	},
	dvcqg: {
		start: (port) => startDvcqg({ ...tls(), partner: 'DT01',
			secret: 'portal-secret', token: 't0k3n',
			callback: `https://localhost:${port}/v1/payments/callbacks/dvcqg` }),
		config: (t, fake) => {
			const { token: [token], ...files } = secretFiles(t, {
				dvcqg_secret_files: 'portal-secret', token: 't0k3n' });
			return { dvcqg_partner: 'DT01', dvcqg_init_url: fake.initUrl,
				dvcqg_query_url: fake.queryUrl, dvcqg_token_file: token,
				...files };
		},
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.json.MaLoi,
		bad: '99', done: '00', again: '00', other: '99',
	},
	keypay: {
		start: (port) => startKeypay({ ...tls(), client: 'CLIENT01',
			key1: 'hashkey1', key2: 'hashkey2', callback:
				`https://localhost:${port}/v1/payments/callbacks/keypay` }),
		config: (t, fake) => ({ keypay_client: 'CLIENT01',
			keypay_create_url: fake.createUrl,
			keypay_detail_url: fake.detailUrl,
			keypay_failed_statuses: ['9'], ...secretFiles(t, {
				keypay_key1_files: 'hashkey1',
				keypay_key2_files: 'hashkey2' }) }),
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.json.return_code,
		bad: -1, done: 0, again: 0, other: -1,
	},
};

// A gateway with one provider and a dossier that owes.
export async function scene(t, name, { allow = [], ...config } = {}) {
	const p = providers[name];
	const port = await freePort();
	const fake = await p.start(port);
	t.after(() => fake.close());
	const g = await gateway(t, { port, config: { tick_ms: 20,
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
			const done = await g.cli(['ledger', 'check', '--json', '-c',
				g.configFile]);
			assert.equal(done.code, 0, done.stdout);
			return Object.fromEntries(JSON.parse(done.stdout).accounts
				.map((a) => [a.account, a.balance]));
		} };
}
