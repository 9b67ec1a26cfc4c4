// What `make run` has beside VNPay: every other provider, each a simulator in
// a process of its own.  Their keys open nothing but this demo; MoMo's and
// ZaloPay's are those that they have published for their sandboxes.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { freePort, pki, top } from '../setup/site.js';

const names = ['momo', 'zalopay', 'dvcqg', 'keypay', 'sepay', 'payos'];
const secrets = { momo: 'K951B6PE1waDMi640xX08PD3vg6EkVlz',
	zalo1: 'PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL',
	zalo2: 'kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz', dvcqg: 'portal-secret',
	keypay1: 'hashkey1', keypay2: 'hashkey2', sepay: 'sepay-secret',
	payosKey: 'k-1', payos: 'checksum' };

// {config, allow} for a site, and up(url, start) that starts them all.
export async function wallets() {
	const dir = path.join(top, '.run/wallets');
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const file = Object.fromEntries(Object.entries(secrets).map(
		([name, value]) => {
		const at = path.join(dir, name);
		writeFileSync(at, `${value}\n`, { mode: 0o600 });
		return [name, at];
	}));
	const port = {};
	for (const name of names)
		port[name] = await freePort();
	const at = (name, where = '') => `https://localhost:${port[name]}${where}`;
	const own = { momo: { partner: 'MOMO', access: 'F8BBA842ECF85',
		secret: secrets.momo },
	zalopay: { app: 2553, key1: secrets.zalo1, key2: secrets.zalo2 },
	dvcqg: { partner: 'DT01', secret: secrets.dvcqg },
	keypay: { client: 'CLIENT01', key1: secrets.keypay1,
		key2: secrets.keypay2 },
	sepay: { secret: secrets.sepay, path: 'vietqr' },
	payos: { client: 'c-1', apiKey: secrets.payosKey,
		checksum: secrets.payos } };
	return {
		allow: names.map((name) => `localhost:${port[name]}`),
		config: { momo_partner: 'MOMO', momo_access_key: 'F8BBA842ECF85',
			momo_secret_files: [file.momo], momo_api_url: at('momo'),
			zalopay_app: '2553', zalopay_key1_files: [file.zalo1],
			zalopay_key2_files: [file.zalo2], zalopay_api_url: at('zalopay'),
			dvcqg_partner: 'DT01', dvcqg_secret_files: [file.dvcqg],
			dvcqg_init_url: at('dvcqg', '/init'),
			dvcqg_query_url: at('dvcqg', '/query'),
			dvcqg_voucher_url: at('dvcqg', '/bill'),
			keypay_client: 'CLIENT01', keypay_key1_files: [file.keypay1],
			keypay_key2_files: [file.keypay2], keypay_failed_statuses: ['9'],
			keypay_create_url: at('keypay', '/create'),
			keypay_detail_url: at('keypay', '/detail'),
			vietqr_auth: 'hmac', vietqr_secret_files: [file.sepay],
			payos_client: 'c-1', payos_key_file: file.payosKey,
			payos_checksum_files: [file.payos],
			payos_create_url: at('payos', '/create') },
		async up(url, start) {
			const running = await Promise.all(names.map((name) =>
				start('tests/fake/serve.js', [name, JSON.stringify({
					port: port[name], key: pki('tls/vnpay.key'),
					cert: pki('tls/vnpay.crt'), ca: pki('tls/ca.crt'),
					callback: `${url}/v1/payments/callbacks/` +
						(own[name].path ?? name), ...own[name] })])));
			return { shown: names.map((name) =>
				`  ${name.padEnd(20)}${at(name)}`).join('\n'),
			async stop() {
				for (const program of running)
					await program.stop();
			} };
		},
	};
}
