// PaymentPlatform 1.0.6 as a public client of the National Portal tells it:
// INIT, the callback, QUERY, GET_BILL.  Written from the protocol alone.
//
//	const portal = await startDvcqg({ key, cert, ca, partner, secret, token,
//		callback: 'https://localhost:443/v1/payments/callbacks/dvcqg' });
//	portal.initUrl, portal.queryUrl, portal.billUrl
//	await portal.pay(pay_url, what)
//	    success, fail, drop, pending, forge, duplicate, other-amount,
//	    other-currency, other-info, other-partner       as in keypay.js
//	    -> [{status, text, json}]
//	portal.query(body)       may be replaced: a QUERY that lies
//	portal.bills = how       what GET_BILL answers about an order that is paid
//	    body, base64, member     a PDF: itself, in message, in a member of it
//	    largest                  the same, of all the bytes that it may have
//	    none, another, html, large, cut, refused, silent, slow, down
//	    held                 a PDF, once portal.letGo() is called
//	portal.billsAsked        one reference for each question
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

// Of so many bytes, and the same each time for one order.
export const pdfOf = (ref, length = 2000) =>
	Buffer.from(`%PDF-1.7\n% ${ref}\n`.padEnd(length, 'x'));
export const billMax = 4 * 1024 * 1024;

class Dvcqg extends Provider {
	transaction = Math.floor(Math.random() * 1e9);
	calls = 3;
	bills = 'body';
	billsAsked = [];
	held = new Promise((resolve) => {
		this.letGo = resolve;
	});

	routes = {
		'POST /init': (body) => this.init(body),
		'POST /query': (body) => this.query(body),
	};

	get initUrl() {
		return `${this.url}/init`;
	}

	get billUrl() {
		return `${this.url}/bill`;
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
		return req.url === '/bill' ? this.bill(req, res)
			: super.take(req, res);
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

	// Of an order that is not paid there is none, whatever else is wrong.
	billOf(f) {
		const order = this.orders.get(f.MaThamChieu);
		const secret = this.bills === 'refused' ? 'another' : this.secret;
		if (f.LoaiBanTin !== 'GET_BILL' || f.PhienBan !== '1.0.6' ||
			f.MaDoiTac !== this.partner ||
			f.MaXacThuc !== this.hashOf(asked, f, secret))
			return { error_code: '97', message: 'MaXacThuc' };
		if (order?.state !== '1' || this.bills === 'none')
			return { error_code: '5', message: 'chua co bien lai' };
		const pdf = pdfOf(f.MaThamChieu);
		const within = (bytes, ref = f.MaThamChieu) => ({ error_code: '0',
			message: JSON.stringify({ MaThamChieu: ref,
				FileBienLai: bytes.toString('base64') }) });
		switch (this.bills) {
		case 'base64': return { error_code: '0',
			message: pdf.toString('base64') };
		case 'member': return within(pdf);
		case 'another': return within(pdf, 'another');
		case 'html': return '<html>moi quy khach doi</html>';
		case 'large': return pdfOf(f.MaThamChieu, billMax + 1);
		case 'largest': return pdfOf(f.MaThamChieu, billMax);
		default: return pdf;
		}
	}

	async bill(req, res) {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const f = JSON.parse(Buffer.concat(parts).toString());
		this.billsAsked.push(f.MaThamChieu);
		if (this.bills === 'down')
			return res.writeHead(500).end();
		if (this.bills === 'held')
			await this.held;
		if (this.bills === 'silent')
			return res.destroy();
		const answer = this.billOf(f);
		const bytes = Buffer.from(Buffer.isBuffer(answer) ||
			typeof answer === 'string' ? answer : JSON.stringify(answer));
		// Of all that it promises, the first half, and the rest never.
		if (this.bills === 'slow' || this.bills === 'cut') {
			res.writeHead(200, { 'content-length': bytes.length });
			res.write(bytes.subarray(0, bytes.length / 2), () =>
				this.bills === 'cut' && res.destroy());
			return undefined;
		}
		return res.writeHead(200).end(bytes);
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
