// VNPay as its documentation tells it (PAY 2.1.0): the pay page, the notice
// (IPN) by GET with its repetitions, the return of the browser, querydr.  It
// is written from the provider's rules and knows nothing of hosogate's code.
//
//	const vnpay = await startVnpay({ key, cert, ca, terminal, secret,
//		ipn: 'https://localhost:443/v1/payments/callbacks/vnpay' });
//	vnpay.payUrl, vnpay.apiUrl    what a merchant configures
//	await vnpay.visit(pay_url)    a browser opens the page; {status, text}
//	await vnpay.pay(pay_url, 'success')   visits, and does one of:
//	    success, fail, suspect    the order ends so; a notice, repeated as
//	                              VNPay does for any answer but 00 and 02
//	    drop                      paid, and no notice ever comes
//	    pending                   not finished
//	    forge                     a notice under another secret
//	    other-amount              a notice with another amount
//	    duplicate                 the last notice, twice at once
//	    -> {ref, state, answers: [{status, RspCode, Message}], return_url}
//	vnpay.orders                  Map of ref -> order with its notices
//	vnpay.queries = 'well'        or 'down' (HTTP 503, HTML), 'forged'
//	                              (wrong checksum), 'hang'
//	vnpay.refunding = 'done'      how refunds go: or 'processing', 'reject';
//	                              'mute' (carried out, and no answer), 'deaf'
//	                              (not heard, and no answer)
//	vnpay.refunds                 Map of request id -> refund
//	await vnpay.close()
//
// As a program it prints one JSON line when it listens; the same is then at
//	GET  /control/orders          POST /control/orders/{ref}/{what}
//	POST /control/queries/{mode}
// and the pay page has the buttons for a person.
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import https from 'node:https';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { signed } from '../setup/ipn.js';

const callsMax = 10;
const contents = (given) =>
	existsSync(given) ? readFileSync(given, 'utf8').trim() : given;
const hmac = (key, text) =>
	createHmac('sha512', key).update(text).digest('hex');
const escaped = (text) => String(text).replace(/[&<>"']/g,
	(c) => `&#${c.charCodeAt(0)};`);

// yyyyMMddHHmmss in Vietnam.
export const stamp = (ms = Date.now()) => new Date(ms + 7 * 3600e3)
	.toISOString().replace(/\D/g, '').slice(0, 14);
const unstamp = (text) => Date.UTC(text.slice(0, 4), text.slice(4, 6) - 1,
	text.slice(6, 8), text.slice(8, 10), text.slice(10, 12),
	text.slice(12, 14)) - 7 * 3600e3;

// A.1.1: name -> what a value must look like; all but BankCode are mandatory.
const asked = {
	vnp_Version: /^2\.1\.0$/, vnp_Command: /^pay$/,
	vnp_TmnCode: /^[A-Za-z0-9]{8}$/, vnp_Amount: /^[1-9]\d{0,11}$/,
	vnp_CreateDate: /^\d{14}$/, vnp_CurrCode: /^VND$/,
	vnp_IpAddr: /^[0-9a-fA-F.:]{7,45}$/, vnp_Locale: /^(vn|en)$/,
	vnp_OrderInfo: /^[A-Za-z0-9 .,:-]{1,255}$/,
	vnp_OrderType: /^[A-Za-z0-9]{1,100}$/, vnp_ReturnUrl: /^https:.{4,249}$/,
	vnp_ExpireDate: /^\d{14}$/, vnp_TxnRef: /^[A-Za-z0-9]{1,100}$/,
};

// How an order ends: response code, transaction status.
const ends = { success: ['00', '00'], drop: ['00', '00'], fail: ['24', '02'],
	suspect: ['07', '07'], pending: ['', '01'] };

const saidNames = ['ResponseId', 'Command', 'ResponseCode', 'Message',
	'TmnCode', 'TxnRef', 'Amount', 'BankCode', 'PayDate', 'TransactionNo',
	'TransactionType', 'TransactionStatus', 'OrderInfo', 'PromotionCode',
	'PromotionAmount'];
const askNames = ['RequestId', 'Version', 'Command', 'TmnCode', 'TxnRef',
	'TransactionDate', 'CreateDate', 'IpAddr', 'OrderInfo'];
const refundNames = ['RequestId', 'Version', 'Command', 'TmnCode',
	'TransactionType', 'TxnRef', 'Amount', 'TransactionNo', 'TransactionDate',
	'CreateBy', 'CreateDate', 'IpAddr', 'OrderInfo'];
const refundedNames = saidNames.slice(0, 13);
const refundStatus = { done: '00', processing: '05', reject: '09' };
const joined = (names, fields) =>
	names.map((name) => fields[`vnp_${name}`] ?? '').join('|');

class Vnpay {
	orders = new Map();
	queries = 'well';
	refunding = 'done';
	refunds = new Map();
	requestIds = new Set();
	timers = new Set();
	// Numbers of transactions are VNPay's own and do not start again at 1.
	transaction = 14000000 + randomBytes(3).readUIntBE(0, 3) * 100;

	constructor({ key, cert, ca, terminal, secret, ipn, port = 0,
		retryMs = 300000 }) {
		Object.assign(this, { terminal, ipn, port, retryMs,
			secret: contents(secret),
			tls: { key: contents(key), cert: contents(cert) },
			agent: new https.Agent({ keepAlive: true, ca: contents(ca) }) });
	}

	get payUrl() {
		return `https://localhost:${this.port}/paymentv2/vpcpay.html`;
	}

	get apiUrl() {
		return `https://localhost:${this.port}/merchant_webapi/api/transaction`;
	}

	async up() {
		this.server = https.createServer(this.tls, (req, res) =>
			this.take(req, res).catch((e) => {
				res.writeHead(500).end(String(e.stack));
			}));
		await new Promise((resolve, reject) => this.server
			.once('error', reject).listen(this.port, '127.0.0.1', resolve));
		this.port = this.server.address().port;
	}

	async close() {
		for (const timer of this.timers)
			clearTimeout(timer);
		this.agent.destroy();
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	async take(req, res) {
		const url = new URL(req.url, 'https://localhost');
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const body = Buffer.concat(parts).toString();
		const route = `${req.method} ${url.pathname}`;
		const json = (status, value) => res.writeHead(status,
			{ 'content-type': 'application/json' }).end(JSON.stringify(value));
		const [, ref, what] =
			/^POST \/control\/orders\/(\w+)\/([\w-]+)$/.exec(route) ?? [];

		if (route === 'GET /paymentv2/vpcpay.html')
			return this.page(url, res);
		if (route === 'POST /paymentv2/confirm')
			return this.confirm(new URLSearchParams(body), res);
		if (route === 'POST /merchant_webapi/api/transaction')
			return this.query(body, res, json);
		if (route === 'GET /control/orders')
			return json(200, [...this.orders.values()]);
		if (route.startsWith('POST /control/queries/')) {
			this.queries = url.pathname.split('/').pop();
			return json(200, { queries: this.queries });
		}
		if (ref !== undefined && this.orders.has(ref))
			return json(200, await this.order(ref, what));
		return json(404, { error: 'no such thing' });
	}

	// What is wrong with a pay URL, in VNPay's order: the MAC, then the fields.
	fault(query) {
		const fields = Object.fromEntries(query);
		const given = fields.vnp_SecureHash;
		delete fields.vnp_SecureHash;
		if ('vnp_SecureHashType' in fields)
			return '97: vnp_SecureHashType is not of 2.1.0';
		if (signed(fields, this.secret) !==
			`${this.last(query)}&vnp_SecureHash=${given}`)
			return '97: wrong signature';
		for (const [name, shape] of Object.entries(asked))
			if (!shape.test(fields[name] ?? ''))
				return `03: ${name}`;
		if (fields.vnp_TmnCode !== this.terminal)
			return '02: no such terminal';
		if (Math.abs(unstamp(fields.vnp_CreateDate) - Date.now()) > 900e3)
			return '11: vnp_CreateDate is more than 15 minutes off';
		if (Date.now() > unstamp(fields.vnp_ExpireDate))
			return '11: the time to pay has run out';
		return undefined;
	}

	// The hash stands last and is no part of the data.
	last(query) {
		const text = query.raw;
		return text.slice(0, text.lastIndexOf('&vnp_SecureHash='));
	}

	page(url, res) {
		const query = url.searchParams;
		query.raw = url.search.slice(1);
		const fault = this.fault(query);
		const html = (status, text) => res.writeHead(status, {
			'content-type': 'text/html; charset=utf-8' }).end(
			'<!doctype html><html lang="vi"><meta charset="utf-8">' +
			`<title>VNPAY</title><h1>VNPAY (giả lập · simulator)</h1>${text}`);
		if (fault !== undefined)
			return html(400, `<p>${escaped(fault)}</p>`);
		const f = Object.fromEntries(query);
		if (!this.orders.has(f.vnp_TxnRef))
			this.orders.set(f.vnp_TxnRef, { ref: f.vnp_TxnRef, state: 'open',
				amount: f.vnp_Amount, info: f.vnp_OrderInfo,
				created: f.vnp_CreateDate, returnUrl: f.vnp_ReturnUrl,
				transaction: '0', notices: [], answers: [] });
		else if (this.orders.get(f.vnp_TxnRef).created !== f.vnp_CreateDate)
			return html(400, '<p>04: this order exists already</p>');
		return html(200, `<p>${escaped(f.vnp_OrderInfo)}: ` +
			`${f.vnp_Amount / 100} VND</p><form method="post" ` +
			'action="/paymentv2/confirm"><input type="hidden" name="ref" ' +
			`value="${f.vnp_TxnRef}"><button name="what" value="success">` +
			'Thanh toán · Pay</button><button name="what" value="fail">' +
			'Hủy · Cancel</button></form>');
	}

	async confirm(form, res) {
		if (!this.orders.has(form.get('ref')))
			return res.writeHead(404).end();
		const { return_url: back } =
			await this.order(form.get('ref'), form.get('what'));
		return res.writeHead(302, { location: back }).end();
	}

	// The fields of notice and return alike.
	fields(order, changes = {}) {
		const [response, status] = ends[order.state] ?? ['24', '02'];
		return { vnp_Amount: order.amount, vnp_BankCode: 'NCB',
			vnp_BankTranNo: order.transaction === '0' ? ''
				: `VNP${order.transaction}`,
			vnp_CardType: 'ATM', vnp_OrderInfo: order.info,
			vnp_PayDate: order.paidAt ?? stamp(),
			vnp_ResponseCode: response, vnp_TmnCode: this.terminal,
			vnp_TransactionNo: order.transaction,
			vnp_TransactionStatus: status, vnp_TxnRef: order.ref, ...changes };
	}

	async order(ref, what) {
		const order = this.orders.get(ref);
		const sure = { ...this.fields(order), vnp_ResponseCode: '00',
			vnp_TransactionStatus: '00', vnp_TransactionNo:
				order.transaction === '0' ? String(this.transaction + 50)
					: order.transaction };
		let answers = [];
		if (what in ends) {
			order.state = what;
			order.paidAt = stamp();
			if (what !== 'fail' && what !== 'pending')
				order.transaction = String(++this.transaction);
			if (what !== 'drop' && what !== 'pending')
				answers = [await this.notify(order)];
		} else if (what === 'forge') {
			answers = [await this.tell(order, signed(sure, 'not-the-secret'))];
		} else if (what === 'other-amount') {
			answers = [await this.tell(order, signed({ ...sure,
				vnp_Amount: '100' }, this.secret))];
		} else if (what === 'duplicate') {
			const last = signed(this.fields(order), this.secret);
			answers = await Promise.all([this.tell(order, last),
				this.tell(order, last)]);
		} else {
			throw new Error(`not a thing that happens: ${what}`);
		}
		return { ref, state: order.state, answers, return_url:
			`${order.returnUrl}?${signed(this.fields(order), this.secret)}` };
	}

	// 00 and 02 end it; anything else, and silence, is called again.
	async notify(order, calls = 1) {
		const answer = await this.tell(order,
			signed(this.fields(order), this.secret));
		if (!['00', '02'].includes(answer.RspCode) && calls < callsMax) {
			const timer = setTimeout(() => {
				this.timers.delete(timer);
				this.notify(order, calls + 1);
			}, this.retryMs);
			this.timers.add(timer);
		}
		return answer;
	}

	async tell(order, query) {
		const answer = await new Promise((resolve) => {
			https.get(`${this.ipn}?${query}`, { agent: this.agent,
				timeout: 30000 }, async (res) => {
				const parts = [];
				for await (const part of res)
					parts.push(part);
				const text = Buffer.concat(parts).toString();
				let said = {};
				try {
					said = JSON.parse(text);
				} catch {
					said = { text };
				}
				resolve({ status: res.statusCode, ...said });
			}).on('timeout', function late() {
				this.destroy(new Error('no answer'));
			}).on('error', (e) => resolve({ status: 0, error: e.message }));
		});
		order.notices.push(query);
		order.answers.push(answer);
		return answer;
	}

	async query(body, res, json) {
		if (this.queries === 'hang')
			return undefined;
		if (this.queries === 'down')
			return res.writeHead(503, { 'content-type': 'text/html' })
				.end('<html>503</html>');
		const refund = body.includes('"refund"');
		if (refund && this.refunding === 'deaf')
			return res.destroy();
		const said = refund ? this.refund(JSON.parse(body)) : this.said(body);
		if (refund && this.refunding === 'mute')
			return res.destroy();
		said.vnp_SecureHash = hmac(
			this.queries === 'forged' ? 'not-the-secret' : this.secret,
			joined(refund ? refundedNames : saidNames, said));
		return json(200, said);
	}

	// A.1.4: the answer to refund, unsigned.
	refund(ask) {
		const order = this.orders.get(ask.vnp_TxnRef);
		const answer = (code, more = {}) => ({
			vnp_ResponseId: randomBytes(16).toString('hex'),
			vnp_Command: 'refund', vnp_ResponseCode: code, vnp_Message: 'x',
			vnp_TmnCode: this.terminal, vnp_TxnRef: ask.vnp_TxnRef, ...more });
		if (ask.vnp_SecureHash !== hmac(this.secret, joined(refundNames, ask)))
			return answer('97');
		if (!/^\w{1,32}$/.test(ask.vnp_RequestId) || ask.vnp_CreateBy === '' ||
			!/^[A-Za-z0-9 .,:-]{1,255}$/.test(ask.vnp_OrderInfo) ||
			Math.abs(unstamp(ask.vnp_CreateDate) - Date.now()) > 900e3)
			return answer('03');
		if (this.refunds.has(ask.vnp_RequestId))
			return answer('94');
		if (order?.created !== ask.vnp_TransactionDate)
			return answer('91');
		const before = [...this.refunds.values()]
			.filter((r) => r.ref === ask.vnp_TxnRef && r.how !== 'reject')
			.reduce((sum, r) => sum + r.amount, 0);
		const whole = Number(ask.vnp_Amount) === Number(order.amount);
		if (ends[order.state]?.[1] !== '00' ||
			ask.vnp_TransactionNo !== order.transaction ||
			before + Number(ask.vnp_Amount) > Number(order.amount) ||
			whole !== (ask.vnp_TransactionType === '02'))
			return answer('95');
		const r = { ref: ask.vnp_TxnRef, amount: Number(ask.vnp_Amount),
			type: ask.vnp_TransactionType, info: ask.vnp_OrderInfo,
			transaction: String(++this.transaction),
			how: this.refunding === 'mute' ? 'done' : this.refunding };
		this.refunds.set(ask.vnp_RequestId, r);
		order.refund = r;
		return answer('00', this.refundFields(r));
	}

	refundFields(r) {
		return { vnp_Amount: String(r.amount), vnp_BankCode: 'NCB',
			vnp_PayDate: stamp(), vnp_TransactionNo: r.transaction,
			vnp_TransactionType: r.type,
			vnp_TransactionStatus: refundStatus[r.how],
			vnp_OrderInfo: r.info };
	}

	// A.1.3: the answer to querydr, unsigned.
	said(body) {
		const answer = (code, message, more = {}) => ({
			vnp_ResponseId: randomBytes(16).toString('hex'),
			vnp_Command: 'querydr', vnp_ResponseCode: code,
			vnp_Message: message, vnp_TmnCode: this.terminal, ...more });
		let ask;
		try {
			ask = JSON.parse(body);
		} catch {
			return answer('03', 'Invalid data format');
		}
		if (ask.vnp_TmnCode !== this.terminal)
			return answer('02', 'Invalid TmnCode');
		if (ask.vnp_SecureHash !== hmac(this.secret, joined(askNames, ask)))
			return answer('97', 'Invalid Checksum');
		if (ask.vnp_Version !== '2.1.0' || ask.vnp_Command !== 'querydr' ||
			!/^\w{1,32}$/.test(ask.vnp_RequestId) ||
			!/^\d{14}$/.test(ask.vnp_CreateDate))
			return answer('03', 'Invalid data format');
		if (this.requestIds.has(ask.vnp_RequestId))
			return answer('94', 'Request is duplicate');
		this.requestIds.add(ask.vnp_RequestId);
		const order = this.orders.get(ask.vnp_TxnRef);
		const ref = { vnp_TxnRef: ask.vnp_TxnRef };
		if (order?.created !== ask.vnp_TransactionDate)
			return answer('91', 'Transaction not found', ref);
		if (order.refund !== undefined)
			return answer('00', 'QueryDR Success', { ...ref,
				...this.refundFields(order.refund) });
		const [, status] = ends[order.state] ?? ['', '01'];
		return answer('00', 'QueryDR Success', { ...ref,
			vnp_Amount: order.amount, vnp_BankCode: 'NCB',
			vnp_PayDate: order.paidAt ?? '',
			vnp_TransactionNo: order.transaction, vnp_TransactionType: '01',
			vnp_TransactionStatus: status, vnp_OrderInfo: order.info,
			vnp_PromotionCode: '', vnp_PromotionAmount: '' });
	}

	visit(payUrl) {
		return new Promise((resolve, reject) => {
			https.get(payUrl, { agent: this.agent }, async (res) => {
				const parts = [];
				for await (const part of res)
					parts.push(part);
				resolve({ status: res.statusCode,
					text: Buffer.concat(parts).toString() });
			}).on('error', reject);
		});
	}

	async pay(payUrl, what = 'success') {
		const page = await this.visit(payUrl);
		if (page.status !== 200)
			throw new Error(`the pay page answers ${page.status}: ${page.text}`);
		return this.order(new URL(payUrl).searchParams.get('vnp_TxnRef'), what);
	}
}

export async function startVnpay(options) {
	const vnpay = new Vnpay(options);
	await vnpay.up();
	return vnpay;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const text = { type: 'string' };
	const { values: o } = parseArgs({ options: { port: text, cert: text,
		key: text, ca: text, terminal: text, 'secret-file': text, ipn: text,
		'retry-ms': text } });
	const vnpay = await startVnpay({ key: o.key, cert: o.cert, ca: o.ca,
		terminal: o.terminal, secret: o['secret-file'], ipn: o.ipn,
		port: Number(o.port ?? 0), retryMs: Number(o['retry-ms'] ?? 300000) });
	console.log(JSON.stringify({ port: vnpay.port, pay: vnpay.payUrl,
		api: vnpay.apiUrl }));
	for (const name of ['SIGTERM', 'SIGINT'])
		process.once(name, () => vnpay.close());
}
