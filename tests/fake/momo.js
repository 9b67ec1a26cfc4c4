// MoMo, AIO v2, as its documentation tells it: create, the page, the notice
// (IPN) by POST, called once and never again, query, refund.  It is written
// from the provider's rules and knows nothing of hosogate's code.
//
//	const momo = await startMomo({ key, cert, ca, partner, access, secret });
//	momo.url                        momo_api_url
//	await momo.pay(pay_url, what)   success, fail, drop (paid, no notice),
//	                                pending, forge, other-amount, duplicate
//	                                -> [{status, text}], one for each notice
//	momo.down = true                create and query answer 500
//	momo.refunding = 'done'         how refunds go: or 'processing', 'reject',
//	                                'mute', 'deaf'; momo.refunds has them
//	await momo.close()
import { createHmac } from 'node:crypto';

import { Provider } from './provider.js';

const hmac = (key, text) =>
	createHmac('sha256', key).update(text).digest('hex');
const raw = (fields) => Object.keys(fields).sort()
	.map((name) => `${name}=${fields[name]}`).join('&');

class Momo extends Provider {
	transaction = 4042000000 + Math.floor(Math.random() * 1e6) * 100;

	refunding = 'done';
	refunds = new Map();

	sign(fields, secret = this.secret) {
		return hmac(secret, raw({ accessKey: this.access, ...fields }));
	}

	routes = {
		'POST /v2/gateway/api/create': (body) => this.create(body),
		'POST /v2/gateway/api/query': (body) => this.query(body),
		'POST /v2/gateway/api/refund': (body) => this.refund(body),
		'POST /v2/gateway/api/refund/query': (body) => this.refundQuery(body),
	};

	refund({ signature, lang, ...f }) {
		const answer = (resultCode, more = {}) => ({
			partnerCode: f.partnerCode, orderId: f.orderId,
			requestId: f.requestId, amount: f.amount, transId: 0,
			resultCode, message: 'x', responseTime: Date.now(), ...more });
		const order = [...this.orders.values()]
			.find((o) => o.transId === f.transId);
		if (this.sign(f) !== signature || lang === undefined)
			return answer(11);
		if (this.refunding === 'deaf')
			return undefined;
		if (!Number.isInteger(f.amount) || f.amount < 1000)
			return answer(22);
		if (this.refunds.has(f.orderId))
			return answer(41);
		const before = [...this.refunds.values()].filter((r) =>
			r.of === f.transId && r.resultCode !== 1088)
			.reduce((sum, r) => sum + r.amount, 0);
		if (order === undefined || order.resultCode !== 0)
			return answer(1088);
		if (before + f.amount > order.amount)
			return answer(1081);
		const resultCode = { done: 0, mute: 0, processing: 7002,
			reject: 1088 }[this.refunding];
		const transId = ++this.transaction;
		this.refunds.set(f.orderId, { of: f.transId, amount: f.amount,
			resultCode, transId });
		return this.refunding === 'mute' ? undefined
			: answer(resultCode, { transId });
	}

	refundQuery({ signature, lang, ...f }) {
		const r = this.refunds.get(f.orderId);
		const answer = (resultCode, more = {}) => ({
			partnerCode: f.partnerCode, orderId: f.orderId,
			requestId: f.requestId, amount: 0, transId: 0, resultCode,
			message: 'x', responseTime: Date.now(), ...more });
		if (this.sign(f) !== signature || lang === undefined)
			return answer(11);
		return r === undefined ? answer(42) : answer(r.resultCode,
			{ amount: r.amount, transId: r.transId });
	}

	create({ signature, lang, ...f }) {
		const answer = (resultCode, more = {}) => ({
			partnerCode: f.partnerCode, requestId: f.requestId,
			orderId: f.orderId, amount: f.amount, responseTime: Date.now(),
			message: 'x', resultCode, ...more });
		if (this.sign(f) !== signature)
			return answer(11);
		if (!Number.isInteger(f.amount) || f.amount < 1000 ||
			f.amount > 50000000)
			return answer(22);
		if (!/^[0-9a-zA-Z]([-_.]*[0-9a-zA-Z]+)*$/.test(f.orderId) ||
			f.orderId.length >= 64 || f.requestId.length > 50 ||
			f.ipnUrl.includes('?') || !['vi', 'en'].includes(lang))
			return answer(20);
		if (this.orders.has(f.orderId))
			return answer(41);
		this.orders.set(f.orderId, { ...f, resultCode: 1000, transId: 0 });
		return answer(0, { payUrl: `${this.url}/pay/${f.orderId}` });
	}

	query({ signature, lang, ...f }) {
		const order = this.orders.get(f.orderId);
		const answer = (resultCode, more) => ({ partnerCode: f.partnerCode,
			orderId: f.orderId, requestId: f.requestId, extraData: '',
			amount: 0, transId: 0, payType: 'qr', refundTrans: [],
			message: 'x', resultCode, responseTime: Date.now(), ...more });
		if (this.sign(f) !== signature || lang === undefined)
			return answer(11);
		if (order === undefined)
			return answer(42);
		const { resultCode, amount, transId } = order;
		return answer(resultCode, { amount, transId });
	}

	notice(order, changes = {}, secret = this.secret) {
		const fields = { amount: order.amount, extraData: order.extraData,
			message: 'Thành công.', orderId: order.orderId,
			orderInfo: order.orderInfo, orderType: 'momo_wallet',
			partnerCode: order.partnerCode, payType: 'qr',
			requestId: order.requestId, responseTime: Date.now(),
			resultCode: order.resultCode, transId: order.transId, ...changes };
		return { ...fields, signature: this.sign(fields, secret) };
	}

	async pay(payUrl, what = 'success') {
		const order = this.orders.get(payUrl.split('/').pop());
		const tell = (...how) =>
			this.post(order.ipnUrl, this.notice(order, ...how));
		const sure = { resultCode: 0, transId: order.transId ||
			this.transaction + 50 };
		if (what === 'forge')
			return [await tell(sure, 'not-the-secret')];
		if (what === 'other-amount')
			return [await tell({ ...sure, amount: 1 })];
		if (what === 'duplicate')
			return Promise.all([tell(), tell()]);
		order.resultCode = { success: 0, drop: 0, fail: 1006,
			pending: 7000 }[what];
		if (order.resultCode === 0)
			order.transId = ++this.transaction;
		return what === 'drop' ? [] : [await tell()];
	}
}

export const startMomo = (options) => new Momo(options).up();
