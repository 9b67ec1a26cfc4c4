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
import { startPayos } from '../fake/payos.js';
import { startSepay } from '../fake/sepay.js';
import { startVnpay } from '../fake/vnpay.js';
import { startZalopay } from '../fake/zalopay.js';
import { freePort } from '../setup/site.js';
import { gateway, paid, pki } from './gateway.js';

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

const post = (name, body) => ({ method: 'POST',
	path: `/v1/payments/callbacks/${name}`,
	headers: { 'content-type': 'application/json' },
	body: JSON.stringify(body) });

// start, config, pay: the answers to its notices.  another: what start takes
// besides for the contract of another agency; key: the secret that a contract's
// notices are signed with.  notice: a request of the provider's own making; says
// lists the outcomes that it tells of, where it may say anything.  The others
// are believed as far as they agree with their own books (dvcqg, keypay), or
// tell of transfers.  said: an answer in one value; bad, flood, done, again,
// other, unknown, clash, trouble: what it is told for a wrong MAC, one more
// than a source may send, news, no news,
// another amount, no order of ours, another's transaction, and when we cannot.
// variant: the same news in other bytes; secrets: the option of its keys.
// back: what the payer's browser brings back from it.
// refunds: it can be asked to give money back; asked: it can be asked at all.
export const providers = {
	vnpay: {
		start: (port, more) => startVnpay({ ...tls(), terminal: 'DEMO0001',
			secret: pki('secret/vnpay.secret'), retryMs: 50,
			ipn: `https://localhost:${port}/v1/payments/callbacks/vnpay`,
			...more }),
		another: { terminal: 'DEMO0002', secret: 'of-another-agency' },
		key: (fake) => fake.secret,
		config: (t, fake) => ({ vnpay_terminal: fake.terminal,
			vnpay_pay_url: fake.payUrl, vnpay_api_url: fake.apiUrl,
			...secretFiles(t, { vnpay_secret_files: fake.secret }) }),
		pay: async (fake, url, what) => (await fake.pay(url, what)).answers,
		said: (a) => a.RspCode,
		says: ['paid', 'failed', 'pending', 'doubt'],
		notice(fake, { url, outcome = 'paid', txn, amount, ref, terminal,
			secret, more }) {
			const [response, status] = { paid: ['00', '00'],
				failed: ['24', '02'], pending: ['99', '01'],
				doubt: ['07', '07'] }[outcome];
			const asked = new URL(url).searchParams;
			const changes = { vnp_ResponseCode: response,
				vnp_TransactionStatus: status, vnp_TransactionNo: txn,
				vnp_Amount: amount === undefined ? asked.get('vnp_Amount')
					: String(amount * 100),
				...ref && { vnp_TxnRef: ref },
				...terminal && { vnp_TmnCode: terminal }, ...more };
			return { method: 'GET', headers: {},
				path: `/v1/payments/callbacks/vnpay?${
					paid(url, changes, secret ?? fake.secret)}` };
		},
		otherRef: (ref) => ref.replace(/R.*/, `R${'0'.repeat(20)}`),
		otherTerminal: 'OTHER001',
		back: (fake, url, txn) => paid(url, { vnp_TransactionNo: txn }),
		variant: { vnp_PayDate: '20261123111111' },
		secrets: 'vnpay_secret_files',
		refunds: true, asked: true, bad: '97', flood: '97', done: '00', again: '02',
		other: '04', unknown: '01', clash: '99', trouble: '99',
	},
	momo: {
		start: (port, more) => startMomo({ ...tls(), partner: 'MOMO',
			access: momoAccess, secret: momoSecret, ...more }),
		another: { partner: 'MOMO2', secret: 'of-another-agency' },
		key: (fake) => fake.secret,
		config: (t, fake) => ({ momo_partner: fake.partner,
			momo_access_key: momoAccess, momo_api_url: fake.url,
			...secretFiles(t, { momo_secret_files: fake.secret }) }),
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.status,
		says: ['paid', 'failed', 'pending'],
		notice(fake, { url, outcome = 'paid', txn, amount, ref, terminal,
			secret, more }) {
			const order = fake.orders.get(url.split('/').pop());
			return post('momo', fake.notice(order, { transId: Number(txn),
				resultCode: { paid: 0, failed: 1006, pending: 7000 }[outcome],
				...amount !== undefined && { amount },
				...ref && { orderId: ref, requestId: ref },
				...terminal && { partnerCode: terminal }, ...more }, secret));
		},
		otherRef: (ref) => ref.replace(/R.*/, `R${'0'.repeat(20)}`),
		otherTerminal: 'OTHER',
		back: (fake, url, txn) => String(new URLSearchParams(fake.notice(
			fake.orders.get(url.split('/').pop()),
			{ resultCode: 0, transId: Number(txn) }))),
		variant: { message: 'Đã trả' },
		secrets: 'momo_secret_files',
		refunds: true, asked: true, bad: 400, flood: 429, done: 204, again: 204,
		other: 204, unknown: 204, clash: 204, trouble: 503,
	},
	zalopay: {
		start: (port, more) => startZalopay({ ...tls(), app: 2553, key1, key2,
			...more }),
		another: { app: 2555, key2: 'of-another-agency' },
		key: (fake) => fake.key2,
		config: (t, fake) => ({ zalopay_app: String(fake.app),
			zalopay_api_url: fake.url, ...secretFiles(t, {
				zalopay_key1_files: fake.key1,
				zalopay_key2_files: fake.key2 }) }),
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.json.return_code,
		says: ['paid'],
		notice(fake, { url, txn, amount, ref, terminal, secret, more }) {
			const order = fake.orders.get(url.split('/').pop());
			const day = order.app_trans_id.slice(0, 7);
			return post('zalopay', fake.notice(order, {
				zp_trans_id: Number(txn),
				...amount !== undefined && { amount },
				...ref && { app_trans_id: `${day}${ref}` },
				...terminal && { app_id: terminal }, ...more }, secret));
		},
		otherRef: (ref) => ref.replace(/R.*/, `R${'0'.repeat(20)}`),
		otherTerminal: 2554,
		back: (fake, url) => fake.back(fake.orders.get(url.split('/').pop())),
		variant: { server_time: 1 },
		secrets: 'zalopay_key2_files',
		refunds: true, asked: true, bad: -1, flood: -1, done: 1, again: 2, other: 1,
		unknown: 0, clash: 0, trouble: 0,
	},
	dvcqg: {
		start: (port, more) => startDvcqg({ ...tls(), partner: 'DT01',
			secret: 'portal-secret', token: 't0k3n', ...more,
			callback: `https://localhost:${port}/v1/payments/callbacks/dvcqg` }),
		another: { partner: 'DT02', secret: 'of-another-agency' },
		key: (fake) => fake.secret,
		config: (t, fake) => {
			const { token: [token], ...files } = secretFiles(t, {
				dvcqg_secret_files: fake.secret, token: 't0k3n' });
			return { dvcqg_partner: fake.partner, dvcqg_init_url: fake.initUrl,
				dvcqg_query_url: fake.queryUrl, dvcqg_token_file: token,
				dvcqg_voucher_url: fake.billUrl, ...files };
		},
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.json.MaLoi,
		notice(fake, { url, txn, secret, more }) {
			const order = fake.orders.get(url.split('/').pop());
			Object.assign(order, { state: '1', txn });
			return post('dvcqg', fake.callbackOf(order, more, secret));
		},
		secrets: 'dvcqg_secret_files',
		asked: true, bad: '99', done: '00', again: '00', other: '99',
		unknown: '99', trouble: '99',
	},
	keypay: {
		start: (port, more) => startKeypay({ ...tls(), client: 'CLIENT01',
			key1: 'hashkey1', key2: 'hashkey2', ...more, callback:
				`https://localhost:${port}/v1/payments/callbacks/keypay` }),
		another: { client: 'CLIENT02', key2: 'of-another-agency' },
		key: (fake) => fake.key2,
		config: (t, fake) => ({ keypay_client: fake.client,
			keypay_create_url: fake.createUrl,
			keypay_detail_url: fake.detailUrl,
			keypay_failed_statuses: ['9'], ...secretFiles(t, {
				keypay_key1_files: fake.key1,
				keypay_key2_files: fake.key2 }) }),
		pay: (fake, url, what) => fake.pay(url, what),
		said: (a) => a.json.return_code,
		notice(fake, { url, txn, secret, more }) {
			const order = fake.orders.get(url.split('/').pop());
			Object.assign(order, { status: '0', code: txn });
			return post('keypay', fake.callbackOf(order, more, secret));
		},
		secrets: 'keypay_key2_files',
		asked: true, bad: -1, done: 0, again: 0, other: -1,
		unknown: -1, trouble: -1,
	},
	vietqr: {
		start: () => startSepay({ ...tls(), secret: 'sepay_secret' }),
		config: (t, fake) => ({ vietqr_auth: 'hmac', ...secretFiles(t, {
			vietqr_secret_files: fake.secret }) }),
		said: (a) => a.status,
		notice(fake, { url, txn, secret, more }) {
			const body = fake.event(url, { id: Number(txn), ...more });
			const request = post('vietqr', body);
			Object.assign(request.headers, fake.proof(body,
				{ secret: secret ?? fake.secret }));
			return request;
		},
		bad: 401, done: 200, again: 200, trouble: 503,
	},
	payos: {
		start: (port, more) => startPayos({ ...tls(), client: 'c-1',
			apiKey: 'k-1', checksum: 'checksum', ...more }),
		another: { client: 'c-2', checksum: 'of-another-agency' },
		key: (fake) => fake.checksum,
		config: (t, fake) => {
			const { payos_key_file: [key], ...files } = secretFiles(t, {
				payos_key_file: 'k-1',
				payos_checksum_files: fake.checksum });
			return { payos_client: fake.client, payos_key_file: key,
				payos_create_url: fake.createUrl, ...files };
		},
		said: (a) => a.status,
		notice: (fake, { url, txn, secret, more }) => post('payos',
			fake.webhook(fake.data(fake.orderOf(url),
				{ reference: txn, ...more }), { checksum: secret })),
		bad: 401, done: 200, again: 200, unknown: 200, trouble: 503,
	},
};

// Those whose notices we can make say anything, and all.
export const told = Object.keys(providers)
	.filter((name) => providers[name].says);
export const heard = Object.keys(providers);

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

let transaction = 70000000 + process.pid % 9000 * 1000;
export const fresh = () => String(++transaction);

// A gateway with one provider and no clock of its own, for many orders:
// order() makes a dossier that owes and an attempt to pay it.  beside: another
// stage, whose database this gateway shares, under another agency's contract.
export async function stage(t, name, { allow = [], ...config } = {}, beside) {
	const p = providers[name];
	const port = await freePort();
	const fake = await p.start(port, beside && p.another);
	t.after(() => fake.close());
	const g = await gateway(t, { port, beside: beside?.g, config: {
		tick_ms: 20, http_allow_private: [`localhost:${fake.port}`, ...allow],
		payment_sweep_seconds: ['9999'], ...p.config(t, fake), ...config } });
	const s = { name, p, g, fake };
	s.hear = async (r) => p.said(unJson(await g.call(r)));
	s.start = async (code, as = 'portal') => {
		const res = await g.post(`/v1/dossiers/${code}/payments`,
			{ provider: name }, { as });
		assert.equal(res.status, 201, res.text);
		const url = res.json.transfer?.qr ?? res.json.pay_url;
		if (name === 'vnpay')
			await fake.visit(url);
		const shown = async () =>
			(await g.get(`/v1/dossiers/${code}`, { as })).json;
		const request = (what = {}) => p.notice(fake, { url, ...what });
		const send = (r) => s.hear(r);
		return { code, url, ref: res.json.attempt, amount: res.json.amount,
			shown, request, send, tell: (what) => send(request(what)),
			dossier: async () => (await shown()).state,
			state: async () => (await shown()).payments.flatMap((x) =>
				x.attempts).find((a) => a.attempt === res.json.attempt).state };
	};
	s.order = async () =>
		s.start((await g.dossier({ in: 'awaiting-payment' })).code);
	s.balances = async () => {
		const done = await g.cli(['ledger', 'check', '--json', '-c',
			g.configFile]);
		assert.equal(done.code, 0, done.stdout);
		return Object.fromEntries(JSON.parse(done.stdout).accounts
			.map((a) => [a.account, a.balance]));
	};
	s.strays = async () => (await g.get('/v1/payments/strays?limit=200',
		{ as: 'ptdung' })).json.items;
	s.count = async (what) => Number((await g.psql(
		`SELECT count(*) FROM ${what}`))[0][0]);
	return s;
}

const unJson = (res) => ({ ...res, status: res.status,
	RspCode: res.json?.RspCode ?? res.status,
	json: res.json ?? { return_code: res.status } });

// A gateway whose unit's account SePay watches, and that payOS works for.
export async function transfers(t, { auth = 'hmac', secrets = ['sepay_secret'],
	config = {} } = {}) {
	const sepay = await startSepay({ ...tls(), secret: secrets[0], auth });
	t.after(() => sepay.close());
	const payos = await startPayos({ ...tls(), client: 'c-1', apiKey: 'k-1',
		checksum: 'checksum' });
	t.after(() => payos.close());
	const { payos_key_file: [payosKey], ...files } = secretFiles(t, {
		payos_key_file: 'k-1', payos_checksum_files: 'checksum' });
	const live = secrets.map((value, i) =>
		secretFiles(t, { [`s${i}`]: value })[`s${i}`][0]);
	const g = await gateway(t, { config: { tick_ms: 20, vietqr_auth: auth,
		vietqr_secret_files: live, payos_client: 'c-1',
		payos_key_file: payosKey, payos_create_url: payos.createUrl, ...files,
		http_allow_private: [`localhost:${payos.port}`], ...config } });
	sepay.callback = `${g.url}/v1/payments/callbacks/vietqr`;
	payos.callback = `${g.url}/v1/payments/callbacks/payos`;
	const d = await g.dossier({ in: 'awaiting-payment' });
	const shown = async () => (await g.get(`/v1/dossiers/${d.code}`)).json;
	return { g, sepay, payos, code: d.code, shown,
		start: (provider = 'vietqr', key) => g.post(
			`/v1/dossiers/${d.code}/payments`, { provider }, { key }),
		async qr(provider) {
			const res = await this.start(provider);
			assert.equal(res.status, 201, res.text);
			return res.json.transfer.qr;
		},
		attempt: async (i = 0) => (await shown()).payments[0].attempts[i],
		async balances() {
			const done = await g.cli(['ledger', 'check', '--json', '-c',
				g.configFile]);
			assert.equal(done.code, 0, done.stdout);
			return Object.fromEntries(JSON.parse(done.stdout).accounts
				.map((a) => [a.account, a.balance]));
		} };
}
