// The rows of the callback table that are about form: keys, encodings, limits,
// methods.  What can be read in two ways is refused before its MAC is used.  The
// portal's and transfers' are in files of their own.  None are:
//
//	row 8       momo, zalopay   name no currency
//	row 20, 37  momo, zalopay   one code; JSON escapes in one way
//	row 34      momo, zalopay   JSON keys are not escaped; unknown ones: row 35
//	row 39      vnpay, momo     ZaloPay's envelope
//	row 40      vnpay, zalopay  values are escaped or JSON under the MAC
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { metrics } from '../faults/harm.js';
import { secret } from '../setup/site.js';
import { fresh, heard, providers, stage, told } from './providers.js';

const untouched = async (s, o) => {
	assert.equal(await o.state(), 'created');
	assert.equal(await s.count(`provider_event WHERE ref = '${o.ref}'`), 0);
};
const vnpayMac = (text, alg = 'sha512') =>
	createHmac(alg, secret('vnpay.secret')).update(text).digest('hex');

for (const name of told) {
	test(`${name}: form`, async (t) => {
		const s = await stage(t, name);
		const { p, g } = s;
		const row = (what, fn) => t.test(what, async () => fn(await s.order()));
		const body = (o, change, what = {}) => {
			const r = o.request({ txn: fresh(), ...what });
			return { ...r, body: change(r.body) };
		};
		const query = (o, change) => {
			const r = o.request({ txn: fresh() });
			return { ...r, path: change(r.path) };
		};
		const json = name !== 'vnpay';

		await row('row 33: a key twice is refused, not chosen from', async (o) => {
			const twice = json
				? body(o, (b) => b.replace('{', '{"x":1,"x":1,'))
				: query(o, (q) => `${q}&vnp_Amount=100`);
			assert.equal(await o.send(twice), p.bad);
			await untouched(s, o);
		});

		if (!json)
			await row('row 34: keys that are spelt otherwise', async (o) => {
				for (const more of ['vnp%5FAmount=1', 'vnp_Amount[]=1',
					'=1', 'VNP_AMOUNT=1', 'x;y=2', 'vnp-Amount=1'])
					assert.equal(await o.send(query(o, (q) =>
						`${q}&${more}`)), p.bad, more);
				await untouched(s, o);
			});

		await row('row 35: unknown keys beside the signed ones change nothing',
			async (o) => {
			const more = json ? body(o, (b) => b.replace('{', '{"x":"paid",'))
				: query(o, (q) => `${q}&utm_source=mail`);
			assert.equal(await o.send(more), p.done);
			assert.equal(await o.dossier(), 'processing');
		});

		await row('row 36: broken escapes, encodings and control bytes',
			async (o) => {
			const bad = json
				? ['\ufeff', '\x00'].map((x) => body(o, (b) => x + b)).concat(
					body(o, (b) => Buffer.from(b, 'utf16le')),
					body(o, (b) => b.replace('{', '{"x":"\\ud800",')),
					body(o, (b) => Buffer.concat([Buffer.from(
						b.slice(0, -1)), Buffer.from(',"x":"\xc0\xaf"}',
						'latin1')])))
				: ['x=%', 'x=%G1', 'x=%00', 'x=%C0%AF', 'x=%ED%A0%80']
					.map((x) => query(o, (q) => `${q}&${x}`));
			for (const r of bad)
				assert.equal(await o.send(r), p.bad, String(r.body ?? r.path));
			await untouched(s, o);
		});

		if (!json)
			await row('row 37: however the sender escapes *!()~\'', async (o) => {
				const pairs = { vnp_Amount: String(o.amount * 100),
					vnp_OrderInfo: "a*!()~'b c", vnp_ResponseCode: '00',
					vnp_TmnCode: 'DEMO0001', vnp_TransactionNo: fresh(),
					vnp_TransactionStatus: '00', vnp_TxnRef: o.ref };
				for (const esc of [encodeURIComponent, (v) =>
					encodeURIComponent(v).replace(/[!'()*~]/g, (c) =>
						`%${c.charCodeAt(0).toString(16).toUpperCase()}`)
						.replace(/%20/g, '+')]) {
					const q = Object.entries(pairs).map(([k, v]) =>
						`${k}=${esc(v)}`).join('&');
					const told = await o.send({ method: 'GET', headers: {},
						path: `/v1/payments/callbacks/vnpay?${q}` +
							`&vnp_SecureHash=${vnpayMac(q)}` });
					assert.ok([p.done, p.again].includes(told), told);
				}
				assert.equal(await o.state(), 'paid');
			});

		await row('row 38: an amount is a plain integer or none', async (o) => {
			const odd = json
				? ['10000.5', '-0', '9007199254740993', '"x"']
				: ['100.0', '1e6', '+100', ' 100', '0100', '9'.repeat(13)];
			for (const amount of odd) {
				const r = name === 'momo' ? body(o, (b) =>
					b.replace(/"amount":\d+/, `"amount":${amount}`))
					: o.request({ txn: fresh(), more: json
						? { amount: JSON.parse(amount) }
						: { vnp_Amount: amount } });
				const told = await o.send(r);
				assert.ok([p.bad, p.other].includes(told),
					`${amount}: ${told}`);
			}
			assert.equal(await o.dossier(), 'awaiting-payment');
		});

		if (name === 'vnpay')
			await row('row 7: an amount that is not whole đồng; row 8: not VND',
				async (o) => {
				for (const more of [{ vnp_Amount: '150' },
					{ vnp_Amount: '-6000000' }, { vnp_CurrCode: 'USD' }])
					assert.equal(await o.tell({ txn: fresh(), more }), p.other);
				assert.equal(await o.state(), 'review');
			});
		if (json)
			await row('row 7: an amount that is none goes to a person',
				async (o) => {
				for (const amount of [-o.amount, 0, '1e6', `+${o.amount}`,
					`${o.amount}.0`, Number('9'.repeat(13))])
					assert.equal(await o.tell({ txn: fresh(), amount }),
						p.other, String(amount));
				assert.equal(await o.state(), 'review');
				assert.equal(await o.dossier(), 'awaiting-payment');
			});
		if (name === 'vnpay')
			await row('row 20: two codes that contradict each other', async (o) => {
				assert.equal(await o.tell({ txn: fresh(), more: {
					vnp_TransactionStatus: '02' } }), p.done);
				assert.equal(await o.state(), 'review');
				assert.equal(await s.count(`payment_attempt WHERE ref =
					'${o.ref}' AND ask_at IS NOT NULL`), 1);
			});
		if (name === 'zalopay')
			await row('row 39: data that is no text, or no JSON; type is nothing',
				async (o) => {
				for (const data of ['{}', '7', 'null', '"{"', '"[]"'])
					assert.equal(await o.send(body(o, () =>
						`{"data":${data},"mac":"00","type":1}`)), p.bad);
				assert.equal(await o.send(body(o, (b) =>
					b.replace('"type":1', '"type":2'))), p.done);
			});
		if (name === 'momo')
			await row('row 40: what could be cut otherwise is in doubt',
				async (o) => {
				assert.equal(await o.tell({ txn: fresh(), more: {
					orderInfo: 'x&orderType=y' } }), p.done);
				assert.equal(await o.state(), 'review');
				assert.equal(await o.dossier(), 'awaiting-payment');
			});
		await row('row 41: a shorter or another algorithm proves nothing',
			async (o) => {
			const weak = json
				? body(o, (b) => b.replace(/"[0-9a-f]{64}"/,
					`"${'a'.repeat(32)}"`))
				: query(o, (q) => {
					const text = q.split('?')[1].split('&vnp_Secure')[0];
					return `${q.split('?')[0]}?${text}&vnp_SecureHashType=` +
						`SHA256&vnp_SecureHash=${vnpayMac(text, 'sha256')}`;
				});
			assert.equal(await o.send(weak), p.bad);
			await untouched(s, o);
		});

		await row('row 42: another method is 405, another type 415', async (o) => {
			const r = o.request({ txn: fresh() });
			const other = { ...r, method: json ? 'GET' : 'POST',
				body: undefined, ...!json && { body: 'a=b', headers: { 'content-type':
					'application/x-www-form-urlencoded' } } };
			assert.equal((await g.call(other)).status, 405);
			if (json)
				for (const type of ['text/plain', 'application/xml'])
					assert.equal((await g.call({ ...r, headers: {
						'content-type': type } })).status, 415);
			await untouched(s, o);
		});

		await row('row 43: too long is refused and costs nothing', async (o) => {
			const big = json
				? body(o, (b) => b.replace('{', `{"x":"${'x'.repeat(70000)}",`))
				: query(o, (q) => `${q}&x=${'x'.repeat(9000)}`);
			assert.ok([400, 413, 414].includes((await g.call(big)).status));
			if (!json)
				assert.equal(await o.send(query(o, (q) => q + Array.from(
					{ length: 200 }, (_, i) => `&x${i}=1`).join(''))), p.bad);
			await untouched(s, o);
		});

		await row('row 44: a flood of wrong MACs keeps no right one out',
			async (o) => {
			const bad = { txn: fresh(), secret: 'no' };
			const all = await Promise.all([...Array.from({ length: 400 }, () =>
				o.tell(bad)), o.tell({ txn: fresh() })]);
			assert.equal(all.at(-1), p.done);
			assert.ok(all.slice(0, -1).every((a) =>
				[p.bad, p.flood].includes(a)));
			assert.ok(all.filter((a) => a === p.flood).length >= 300);
			const { hosogate_notices_flood_total: flood } = await metrics(g);
			assert.ok(flood >= 300, String(flood));
			assert.ok(g.log.match(/refused, \d+ bytes/g).length <= 100,
				'what is more than a source may send is not logged');
			assert.equal(await (await s.order()).tell({ txn: fresh() }),
				p.done);
		});

		await row('row 60: what is said is data, in SQL, log and page',
			async (o) => {
			const text = "x'); DROP TABLE dossier;--\r\nINJECTED: 1 <script>";
			const more = { vnpay: { vnp_OrderInfo: text, vnp_BankTranNo: text },
				momo: { message: text, payType: text },
				zalopay: { merchant_user_id: text, embed_data: text } }[name];
			assert.equal(await o.tell({ txn: fresh(), more }), p.done);
			assert.ok(!/^INJECTED/m.test(g.log));
			assert.equal(await o.state(), 'paid');
		});
	});
}

for (const name of heard.filter((name) => providers[name].secrets))
	test(`${name}: row 3: an older key in its grace; row 59: after it`,
		async (t) => {
		const s = await stage(t, name);
		const old = s.g.config[s.p.secrets];
		const file = path.join(s.g.dir, 'new.secret');
		writeFileSync(file, 'a-fresh-secret\n', { mode: 0o600 });
		const use = async (files) => {
			s.g.options.config[s.p.secrets] = files;
			await s.g.stop();
			s.g.options.port = s.g.port;
			await s.g.configure();
			await s.g.start();
		};
		const [one, two] = [await s.order(), await s.order()];
		const said = [one, two].map((o) => o.request({ txn: fresh() }));
		// It has one secret for both ways, and is asked under the newest.
		if (name === 'dvcqg')
			s.fake.secret = 'a-fresh-secret';

		await use([file, ...old]);
		assert.equal(await one.send(said[0]), s.p.done);
		assert.match(s.g.log, /under an older secret/);
		await use([file]);
		assert.equal(await two.send(said[1]), s.p.bad);
		assert.equal(await two.state(), 'created');
	});
