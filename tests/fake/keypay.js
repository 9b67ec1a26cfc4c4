// KEYPAY_DVCQG 3.0 as the public client of the National Portal tells it:
// create, the callback, detail.  Written from the protocol alone.
//
//	const keypay = await startKeypay({ key, cert, ca, client, key1, key2,
//		callback: 'https://localhost:443/v1/payments/callbacks/keypay' });
//	keypay.createUrl, keypay.detailUrl
//	await keypay.pay(payment_url, what)
//	    success, fail        so it ends, and is called until it is answered 0
//	    drop                 paid, and nobody is told
//	    pending              not finished, and told so
//	    tamper               it failed; the callback says status 0 under the
//	                         check_sum that was made for the failure
//	    forge                a callback under another key
//	    other-amount, other-currency, other-info, other-client
//	                         true check_sums over what was never asked
//	    duplicate            the callback twice at once
//	    -> [{status, text, json}]
//	await keypay.lookup(url, code, bearer)   what does this dossier owe?
//	    its bill can then be paid at keypay.url/pay/<transaction_id>
//	keypay.detail(body)      may be replaced: a detail that lies
import { createHmac } from 'node:crypto';

import { Provider } from './provider.js';

const hmac = (key, ...values) =>
	createHmac('sha256', key).update(values.join('|')).digest('hex');
const failed = '9';
const bill = ['MaDichVu', 'TKThuHuong', 'MaNHThuHuong', 'TenTKThuHuong',
	'MaDonVi', 'TenDonVi', 'MaHoSo', 'MaTTHC', 'TenTTHC', 'HoTenNguoiNop'];

class Keypay extends Provider {
	transaction = Math.floor(Math.random() * 1e9);
	calls = 3;
	looked = new Map();

	routes = {
		'POST /create': (body) => this.create(body),
		'POST /detail': (body) => this.detail(body),
	};

	get createUrl() {
		return `${this.url}/create`;
	}

	get detailUrl() {
		return `${this.url}/detail`;
	}

	create(f) {
		const no = (msg) => ({ error: '1', msg });
		const sum = hmac(this.key1, f.addition_fee, f.client_id, f.command,
			f.trans_amount, f.transaction_id, f.version);
		if (f.client_id !== this.client || f.check_sum !== sum)
			return no('check_sum');
		if (f.transaction_id.length > 20 || this.orders.has(f.transaction_id))
			return no('transaction_id');
		if (f.command !== 'PAY' || f.version !== '3.0' ||
			f.currency_code !== 'VND' || !/^[1-9]\d*$/.test(f.trans_amount))
			return no('a field');
		const missing = bill.find((name) => !f.bill_info?.[name]);
		const sums = f.bill_info?.PhiLePhi?.map((l) => Number(l.SoTien)) ?? [];
		if (missing || sums.reduce((a, b) => a + b, 0) !==
			Number(f.trans_amount))
			return no(`bill_info ${missing}`);
		this.orders.set(f.transaction_id, { ...f, status: '1', code: '' });
		return { error: '0', msg: 'ok',
			payment_url: `${this.url}/pay/${f.transaction_id}` };
	}

	// dptracuuthanhtoanhs.  What is told is known here only once it is paid.
	async lookup(url, code, bearer) {
		const answer = await this.post(url, { MaHoSo: code },
			bearer && { authorization: `Bearer ${bearer}` });
		if (answer.json?.error_code !== 1)
			return answer;
		const b = answer.json.message;
		const missing = [...bill, 'MaTraCuuTT'].find((name) => !b[name]);
		if (missing || b.client_id !== this.client || b.MaHoSo !== code)
			throw new Error(`a bill without ${missing}`);
		this.looked.set(b.transaction_id, { client_id: b.client_id,
			transaction_id: b.transaction_id, addition_fee: '0', code: '',
			description: b.NoiDungThanhToan, trans_amount: String(b.PhiLePhi
				.reduce((sum, l) => sum + Number(l.SoTien), 0)) });
		return answer;
	}

	detail(f) {
		const order = this.orders.get(f.transaction_id);
		if (f.check_sum !== hmac(this.key1, f.client_id, f.command,
			f.transaction_id) || order === undefined)
			return { error: '1', msg: 'no' };
		return { error: '0', client_id: order.client_id,
			transaction_id: order.transaction_id, status: order.status,
			trans_amount: order.trans_amount, transaction_code: order.code,
			currency_code: 'VND' };
	}

	callbackOf(order, changes = {}, key = this.key2) {
		const body = { client_id: order.client_id,
			transaction_id: order.transaction_id,
			transaction_code: order.code, trans_amount: order.trans_amount,
			payment_fee: 0, command: 'PAY', addition_fee: order.addition_fee,
			version: '3.0', description: order.description, locale: 'vn',
			country_code: 'vi', currency_code: 'VND', environment: '1',
			status: order.status, ...changes };
		body.check_sum = hmac(key, body.addition_fee, body.client_id,
			body.command, body.trans_amount, body.transaction_id, body.version);
		return body;
	}

	tell(order, ...how) {
		return this.post(this.callback, this.callbackOf(order, ...how));
	}

	async pay(payUrl, what = 'success') {
		const id = payUrl.split('/').pop();
		if (!this.orders.has(id))
			this.orders.set(id, this.looked.get(id));
		const order = this.orders.get(id);
		const sure = { status: 0, transaction_code: 'T1' };
		const other = { 'other-amount': { ...sure, trans_amount: 1 },
			'other-currency': { ...sure, currency_code: 'USD' },
			'other-info': { ...sure, description: 'another' },
			'other-client': { ...sure, client_id: 'another' } };
		if (what === 'forge')
			return [await this.tell(order, sure, 'not-the-key')];
		if (what in other)
			return [await this.tell(order, other[what])];
		if (what === 'duplicate')
			return Promise.all([this.tell(order), this.tell(order)]);
		const paid = ['success', 'drop'].includes(what);
		order.status = paid ? '0' : what === 'pending' ? '1' : failed;
		if (paid && order.code === '')
			order.code = `T${++this.transaction}`;
		if (what === 'drop')
			return [];
		if (what === 'tamper')
			return [await this.tell(order, sure)];
		const answers = [];
		for (let calls = 0; calls < this.calls; calls++) {
			answers.push(await this.tell(order));
			if (answers.at(-1).json?.return_code === 0)
				break;
		}
		return answers;
	}
}

export const startKeypay = (options) => new Keypay(options).up();
