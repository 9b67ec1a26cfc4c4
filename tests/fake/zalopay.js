// ZaloPay v2 as its documentation tells it: create, the callback (for
// payments that succeeded alone, three times at most), query, refund.  It is
// written from the provider's rules and knows nothing of hosogate's code.
//
//	const zalo = await startZalopay({ key, cert, ca, app, key1, key2 });
//	zalo.url                        zalopay_api_url
//	await zalo.pay(pay_url, what)   success, fail (never told), drop, forge,
//	                                other-amount, duplicate
//	                                -> [{status, text, json}]
//	zalo.refunding = 'done'         how refunds go: or 'processing', 'reject',
//	                                'mute', 'deaf'; zalo.refunds has them
//	await zalo.close()
import { createHmac } from 'node:crypto';

import { Provider } from './provider.js';

const hmac = (key, text) =>
	createHmac('sha256', key).update(text).digest('hex');

// yymmdd in Vietnam.
const today = () => new Date(Date.now() + 7 * 3600e3).toISOString()
	.slice(2, 10).replaceAll('-', '');

class Zalopay extends Provider {
	transaction = 240601000000000 + Math.floor(Math.random() * 1e6) * 100;

	refunding = 'done';
	refunds = new Map();

	routes = {
		'POST /v2/create': (body) => this.create(body),
		'POST /v2/query': (body) => this.query(body),
		'POST /v2/refund': (body) => this.refund(body),
		'POST /v2/query_refund': (body) => this.refundQuery(body),
	};

	refund(f) {
		const no = (sub) => ({ return_code: 2, return_message: 'no',
			sub_return_code: sub });
		const order = [...this.orders.values()]
			.find((o) => String(o.zp) === f.zp_trans_id);
		if (f.mac !== hmac(this.key1, [f.app_id, f.zp_trans_id, f.amount,
			f.description, f.timestamp].join('|')))
			return no(-402);
		if (this.refunding === 'deaf')
			return undefined;
		if (!f.m_refund_id.startsWith(`${today()}_${this.app}_`) ||
			f.m_refund_id.length > 45 || f.description.length > 100)
			return no(-401);
		const before = [...this.refunds.values()].filter((r) =>
			r.of === f.zp_trans_id && r.code !== 2)
			.reduce((sum, r) => sum + r.amount, 0);
		if (order?.state !== 1 || before + f.amount > order.amount)
			return no(-13);
		if (this.refunds.has(f.m_refund_id))
			return no(-68);
		const code = { done: 1, mute: 1, processing: 3,
			reject: 2 }[this.refunding];
		const id = ++this.transaction;
		this.refunds.set(f.m_refund_id, { of: f.zp_trans_id,
			amount: f.amount, code, id });
		return this.refunding === 'mute' ? undefined
			: { return_code: code, return_message: 'x', refund_id: id };
	}

	refundQuery(f) {
		const r = this.refunds.get(f.m_refund_id);
		if (f.mac !== hmac(this.key1,
			[f.app_id, f.m_refund_id, f.timestamp].join('|')))
			return { return_code: 2, sub_return_code: -402 };
		return r === undefined ? { return_code: 2, sub_return_code: -101 }
			: { return_code: r.code, refund_id: r.id };
	}

	create(f) {
		const no = (sub) => ({ return_code: 2, return_message: 'no',
			sub_return_code: sub });
		const mac = hmac(this.key1, [f.app_id, f.app_trans_id, f.app_user,
			f.amount, f.app_time, f.embed_data, f.item].join('|'));
		if (f.app_id !== this.app || f.mac !== mac)
			return no(-402);
		if (!f.app_trans_id.startsWith(`${today()}_`) ||
			f.app_trans_id.length > 40 ||
			Math.abs(f.app_time - Date.now()) > 900e3 ||
			f.expire_duration_seconds < 300 || f.description.length > 256)
			return no(-401);
		if (this.orders.has(f.app_trans_id))
			return no(-68);
		JSON.parse(f.embed_data);
		JSON.parse(f.item);
		this.orders.set(f.app_trans_id, { ...f, state: 3, zp: 0 });
		return { return_code: 1, return_message: 'ok', sub_return_code: 1,
			order_url: `${this.url}/pay/${f.app_trans_id}`,
			zp_trans_token: 'x', order_token: 'x', qr_code: 'x' };
	}

	query(f) {
		const order = this.orders.get(f.app_trans_id);
		if (f.mac !== hmac(this.key1,
			[f.app_id, f.app_trans_id, this.key1].join('|')))
			return { return_code: 2, sub_return_code: -402 };
		if (order === undefined)
			return { return_code: 2, sub_return_code: -101 };
		return { return_code: order.state, is_processing: order.state === 3,
			amount: order.state === 1 ? order.amount : 0,
			zp_trans_id: order.zp, discount_amount: 0 };
	}

	// What it leads the payer's browser back with.
	back(order) {
		const said = { appid: order.app_id, apptransid: order.app_trans_id,
			pmcid: 38, bankcode: '', amount: order.amount,
			discountamount: 0, status: 1 };
		return String(new URLSearchParams({ ...said, checksum:
			hmac(this.key2, Object.values(said).join('|')) }));
	}

	notice(order, changes = {}, key = this.key2) {
		const data = JSON.stringify({ app_id: order.app_id,
			app_trans_id: order.app_trans_id, app_time: order.app_time,
			app_user: order.app_user, amount: order.amount,
			embed_data: order.embed_data, item: order.item,
			zp_trans_id: order.zp, server_time: Date.now(), channel: 38,
			merchant_user_id: 'abc', user_fee_amount: 0, discount_amount: 0,
			...changes });
		return { data, mac: hmac(key, data), type: 1 };
	}

	async pay(payUrl, what = 'success') {
		const order = this.orders.get(payUrl.split('/').pop());
		const tell = (...how) =>
			this.post(order.callback_url, this.notice(order, ...how));
		const sure = { zp_trans_id: order.zp || this.transaction + 50 };
		if (what === 'forge')
			return [await tell(sure, 'not-the-key')];
		if (what === 'other-amount')
			return [await tell({ ...sure, amount: 1 })];
		if (what === 'duplicate')
			return Promise.all([tell(), tell()]);
		order.state = what === 'fail' ? 2 : 1;
		if (order.state === 1)
			order.zp = ++this.transaction;
		if (what !== 'success')
			return [];
		const answers = [];
		for (let calls = 0; calls < 3; calls++) {
			answers.push(await tell());
			if ([1, 2].includes(answers.at(-1).json?.return_code))
				break;
		}
		return answers;
	}
}

export const startZalopay = (options) => new Zalopay(options).up();
