// payOS as its official client library tells it: a payment link, and the
// webhook of which only data is signed.
//
//	const payos = await startPayos({ key, cert, ca, client, apiKey, checksum,
//		callback: 'https://localhost:443/v1/payments/callbacks/payos' });
//	payos.createUrl
//	await payos.transfer(qr, changes, how)   of data; how: {outer, checksum}
//	await payos.register()                   the sample event, order 123
//	    -> {status, text, json}
import { createHmac } from 'node:crypto';

import { Provider } from './provider.js';
import { read, write } from './vietqr.js';

const text = (value) => [null, 'null', 'undefined'].includes(value) ? ''
	: Array.isArray(value) ? JSON.stringify(value) : String(value);
export const signature = (key, data) => createHmac('sha256', key).update(
	Object.keys(data).sort().map((name) => `${name}=${text(data[name])}`)
		.join('&')).digest('hex');

class Payos extends Provider {
	reference = Math.floor(Math.random() * 1e9);

	routes = { 'POST /create': (body) => this.create(body) };

	get createUrl() {
		return `${this.url}/create`;
	}

	async take(req, res) {
		if (req.headers['x-client-id'] !== this.client ||
			req.headers['x-api-key'] !== this.apiKey) {
			res.writeHead(401).end();
			return undefined;
		}
		return super.take(req, res);
	}

	create(f) {
		const { signature: given, ...data } = f;
		if (given !== signature(this.checksum, data) ||
			this.orders.has(f.orderCode) || f.description.length > 25 ||
			!Number.isSafeInteger(f.orderCode))
			return { code: '20', desc: 'no', data: null };
		this.orders.set(f.orderCode, f);
		const made = { bin: '970422', accountNumber: 'VQRQ0000001',
			accountName: 'SO GD', amount: f.amount, currency: 'VND',
			description: f.description, orderCode: f.orderCode,
			paymentLinkId: 'x', status: 'PENDING',
			checkoutUrl: `${this.url}/pay/${f.orderCode}`,
			qrCode: write({ bank: '970422', account: 'VQRQ0000001',
				amount: f.amount, content: f.description }) };
		return { code: '00', desc: 'success', data: made,
			signature: signature(this.checksum, made) };
	}

	data(order, changes = {}) {
		return { accountNumber: '12345678', amount: order.amount, code: '00',
			counterAccountBankId: null, counterAccountBankName: null,
			counterAccountName: null, counterAccountNumber: null,
			currency: 'VND', desc: 'Thành công', description: order.description,
			orderCode: order.orderCode, paymentLinkId: 'x',
			reference: `TF${++this.reference}`,
			transactionDateTime: '2023-02-04 18:25:00',
			virtualAccountName: '', virtualAccountNumber: '', ...changes };
	}

	webhook(data, { checksum = this.checksum, outer = {}, ...more } = {}) {
		return { code: '00', desc: 'success', success: true, data,
			signature: signature(checksum, data), ...outer, ...more };
	}

	tell(data, how) {
		return this.post(this.callback, this.webhook(data, how));
	}

	orderOf(qr) {
		const { content } = read(qr);
		return [...this.orders.values()]
			.find((o) => o.description === content);
	}

	transfer(qr, changes, how) {
		return this.tell(this.data(this.orderOf(qr), changes), how);
	}

	register() {
		return this.tell(this.data({ amount: 3000, description: 'VQRIO123',
			orderCode: 123 }));
	}
}

export const startPayos = (options) => new Payos(options).up();
