// PaymentPlatform 1.0.6 as a public client of the National Portal tells it:
// INIT, the callback, QUERY.  Written from the protocol alone.
//
//	const portal = await startDvcqg({ key, cert, ca, partner, secret, token,
//		callback: 'https://localhost:443/v1/payments/callbacks/dvcqg' });
//	portal.initUrl, portal.queryUrl
//	await portal.pay(pay_url, what)
//	    success, fail, drop, pending, forge, duplicate, other-amount,
//	    other-currency, other-info, other-partner       as in keypay.js
//	    -> [{status, text, json}]
//	portal.query(body)       may be replaced: a QUERY that lies
import { createHash } from 'node:crypto';

import { Provider } from './provider.js';
import { stamp } from './vnpay.js';

const hash = (...values) =>
	createHash('sha256').update(values.join('|')).digest('hex');
const init = ['LoaiBanTin', 'PhienBan', 'MaDoiTac', 'MaThamChieu', 'SoTien',
	'LoaiHinhThanhToan', 'MaKenhThanhToan', 'MaThietBi', 'NgonNgu', 'MaTienTe',
	'MaNganHang', 'ThongTinGiaoDich', 'ThoiGianGD', 'Ip'];
const asked = ['LoaiBanTin', 'PhienBan', 'MaDoiTac', 'MaThamChieu',
	'ThoiGianGD'];
const told = ['LoaiBanTin', 'MaLoi', 'MaDoiTac', 'MaThamChieu', 'SoTien',
	'MaTienTe', 'MaGiaoDich', 'MaNganHang', 'ThoiGianGD', 'ThongTinGiaoDich'];
const replied = ['MaLoi', 'MoTaLoi', 'MaDoiTac', 'MaThamChieu', 'ThoiGianGD'];

class Dvcqg extends Provider {
	transaction = Math.floor(Math.random() * 1e9);
	calls = 3;

	routes = {
		'POST /init': (body) => this.init(body),
		'POST /query': (body) => this.query(body),
	};

	get initUrl() {
		return `${this.url}/init`;
	}

	get queryUrl() {
		return `${this.url}/query`;
	}

	hashOf(names, fields, secret = this.secret) {
		return hash(...names.map((name) => fields[name] ?? ''), secret);
	}

	async take(req, res) {
		if (this.token &&
			req.headers.authorization !== `Bearer ${this.token}`) {
			res.writeHead(401).end();
			return undefined;
		}
		return super.take(req, res);
	}

	init(f) {
		const no = (message) => ({ error_code: '1', message });
		if (f.MaXacThuc !== this.hashOf(init, f))
			return no('MaXacThuc');
		// Of 24 hours, and of now.
		if (Math.abs(Number(f.ThoiGianGD) - Number(stamp())) > 2000)
			return no('ThoiGianGD');
		if (f.MaDoiTac !== this.partner || this.orders.has(f.MaThamChieu) ||
			!f.ThongTinBienLai?.TKThuHuong || !f.ThongTinBienLai.MaHoSo)
			return no('a field');
		this.orders.set(f.MaThamChieu, { ...f, state: '3', txn: '' });
		return { error_code: '0', message: JSON.stringify({
			UrlThanhToan: `${this.url}/pay/${f.MaThamChieu}` }) };
	}

	query(f) {
		const order = this.orders.get(f.MaThamChieu);
		if (f.MaXacThuc !== this.hashOf(asked, f) || order === undefined)
			return { error_code: '1', message: 'no' };
		return { error_code: '0', message: JSON.stringify({
			MaDoiTac: this.partner, MaThamChieu: f.MaThamChieu,
			SoTien: order.SoTien, MaGiaoDich: order.txn,
			TrangThaiGD: order.state }) };
	}

	callbackOf(order, changes = {}, secret = this.secret) {
		const body = { LoaiBanTin: 'CONFIRM',
			MaLoi: order.state === '4' ? '51' : '00',
			MaDoiTac: this.partner, MaThamChieu: order.MaThamChieu,
			SoTien: order.SoTien, MaTienTe: 'VND', MaGiaoDich: order.txn,
			MaNganHang: 'VCB', ThoiGianGD: order.paidAt ?? stamp(),
			ThongTinGiaoDich: order.ThongTinGiaoDich, ...changes };
		return { ...body, MaXacThuc: this.hashOf(told, body, secret) };
	}

	// A reply that does not prove itself is none.
	async tell(order, ...how) {
		const answer = await this.post(this.callback,
			this.callbackOf(order, ...how));
		if (answer.json?.MaXacThuc !== this.hashOf(replied, answer.json ?? {}))
			answer.json = undefined;
		return answer;
	}

	async pay(payUrl, what = 'success') {
		const order = this.orders.get(payUrl.split('/').pop());
		const sure = { MaLoi: '00', MaGiaoDich: 'GD1' };
		const other = { 'other-amount': { ...sure, SoTien: '1' },
			'other-currency': { ...sure, MaTienTe: 'USD' },
			'other-info': { ...sure, ThongTinGiaoDich: 'another' },
			'other-partner': { ...sure, MaDoiTac: 'another' } };
		if (what === 'forge')
			return [await this.tell(order, sure, 'not-the-secret')];
		if (what in other)
			return [await this.tell(order, other[what])];
		if (what === 'duplicate')
			return Promise.all([this.tell(order), this.tell(order)]);
		order.state = { success: '1', drop: '1', pending: '3' }[what] ?? '4';
		order.paidAt = stamp();
		if (order.state === '1' && order.txn === '')
			order.txn = `GD${++this.transaction}`;
		if (what === 'drop')
			return [];
		const answers = [];
		for (let calls = 0; calls < this.calls; calls++) {
			answers.push(await this.tell(order));
			if (answers.at(-1).json?.MaLoi === '00')
				break;
		}
		return answers;
	}
}

export const startDvcqg = (options) => new Dvcqg(options).up();
