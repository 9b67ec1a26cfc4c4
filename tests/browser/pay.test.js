// What the payer sees, in a real browser, with a mail server that brings the
// link and a provider with pages of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { citizen, pki, until } from '../api/gateway.js';
import { peers } from '../api/peers.js';
import { startVnpay } from '../fake/vnpay.js';
import { accessible, browser, open } from './browser.js';

const state = (page) => page.locator('.state strong').textContent();
const says = (page, words) => page.getByText(words).first()
	.waitFor({ timeout: 15000 });
const untouched = /Chưa có khoản tiền nào bị trừ/;
const twice = /đừng trả lại lần nữa/;

// A dossier that waits for its fee, and the link that its applicant got.
async function scene(t) {
	const { g, mail } = await peers(t, { config: { tick_ms: 50,
		payment_sweep_seconds: ['60', '1', '1', '1', '1', '1', '1', '1'] } });
	const vnpay = await startVnpay({ key: pki('tls/vnpay.key'),
		cert: pki('tls/vnpay.crt'), ca: pki('tls/ca.crt'),
		terminal: 'DEMO0001', secret: pki('secret/vnpay.secret'),
		ipn: `${g.url}/v1/payments/callbacks/vnpay`, retryMs: 50 });
	t.after(() => vnpay.close());
	await g.stop();
	g.options.port = g.port;
	g.options.config = { ...g.options.config, vnpay_pay_url: vnpay.payUrl,
		vnpay_api_url: vnpay.apiUrl, http_allow_private: [
			...g.options.config.http_allow_private,
			`localhost:${vnpay.port}`] };
	await g.configure();
	await g.start();
	const d = await g.dossier({ in: 'awaiting-payment' });
	const asked = await until(() => mail.mails.find((m) =>
		m.to === citizen.email && /\/v1\/pay\//.test(m.text)));
	return { g, vnpay, d, link: /https:\S+\/v1\/pay\/\S+/.exec(asked.text)[0] };
}

// The one attempt that there is, at the provider.
const order = (vnpay) => until(() => [...vnpay.orders.values()].at(-1));

test('the page stands as it is: amount, lines, choice, in reach of everybody',
	async (t) => {
	const { d, link } = await scene(t);
	const page = await open(await browser(t), link);

	assert.equal(await state(page), 'Chờ thanh toán');
	const text = await page.locator('main').innerText();
	assert.match(text, untouched);
	assert.ok(text.includes(d.code));
	const shown = (n) => n.toLocaleString('de-DE');
	assert.ok(text.includes(shown(d.payments[0].amount)), text);
	for (const line of d.payments[0].lines)
		assert.ok(text.includes(line.title) &&
			text.includes(shown(line.amount)), text);
	await accessible(page);
	assert.deepEqual(page.complaints, []);
});

test('without a script: choose, pay at the provider, come back, look again',
	async (t) => {
	const { g, d, link } = await scene(t);
	const page = await open(await browser(t), link,
		{ javaScriptEnabled: false });

	await page.getByRole('button', { name: 'VNPay' }).click();
	await page.waitForURL(/paymentv2/);
	await page.goto(link);
	assert.match(await page.locator('main').innerText(), twice);
	assert.match(await page.content(), /http-equiv="refresh"/);
	await page.getByText('Chưa trả tiền?').or(
		page.locator('summary')).first().click();
	await page.getByRole('button', { name: 'VNPay' }).click();
	await page.getByRole('button', { name: 'Thanh toán' }).click();
	await page.waitForURL(/\/v1\/payments\/return\/vnpay/);
	assert.equal(await state(page), 'Đã thanh toán');
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.state,
		'processing');
	await page.goto(link);
	assert.equal(await state(page), 'Đã thanh toán');
});

test('the page flips to paid by itself, within 3 s of the notice, and then ' +
	'offers the receipt', async (t) => {
	const { vnpay, link } = await scene(t);
	const running = await browser(t);
	const page = await open(running, link);
	const other = await open(running, link);

	await other.getByRole('button', { name: 'VNPay' }).click();
	await other.waitForURL(/paymentv2/);
	await says(page, 'Ngân hàng chưa trả lời');
	assert.match(await page.locator('main').innerText(), twice);
	assert.doesNotMatch(await page.locator('main').innerText(), untouched);
	await accessible(page);
	let loads = 0;
	page.on('framenavigated', () => loads++);

	const { ref } = await order(vnpay);
	await vnpay.order(ref, 'success');
	const told = Date.now();
	await says(page, 'Đã nhận được tiền');
	assert.ok(Date.now() - told < 3000, `${Date.now() - told} ms`);
	await page.getByRole('link', { name: /Biên lai điện tử số 00000001/ })
		.waitFor();
	assert.equal(loads, 0);
	assert.doesNotMatch(await page.locator('main').innerText(), untouched);
	await accessible(page);
	assert.deepEqual(page.complaints, []);
	const [file] = await Promise.all([page.waitForEvent('download'),
		page.getByRole('link', { name: /Biên lai/ }).click()]);
	assert.equal(file.suggestedFilename(), 'bien-lai-00000001.pdf');
});

test('a payment that failed says that no money moved, and may be tried again',
	async (t) => {
	const { vnpay, link } = await scene(t);
	const page = await open(await browser(t), link);

	await page.getByRole('button', { name: 'VNPay' }).click();
	await page.getByRole('button', { name: 'Hủy' }).click();
	await page.waitForURL(/\/return\//);
	assert.match(await page.locator('main').innerText(), untouched);
	await accessible(page);
	await page.goto(link);
	assert.equal(await state(page), 'Thanh toán không thành công');
	await accessible(page);

	const { ref } = await order(vnpay);
	await vnpay.order(ref, 'suspect');
	await says(page, 'Đang được kiểm tra');
	assert.doesNotMatch(await page.locator('main').innerText(), untouched);
	assert.equal(await page.getByRole('button').count(), 0);
	await accessible(page);
});

test('back before the notice: the page waits, the provider is asked, it flips',
	async (t) => {
	const { vnpay, link } = await scene(t);
	const page = await open(await browser(t), link);

	await page.getByRole('button', { name: 'VNPay' }).click();
	const { ref } = await order(vnpay);
	const { return_url: back } = await vnpay.order(ref, 'drop');
	vnpay.queries = 'down';
	await page.goto(back);
	assert.equal(await state(page), 'Ngân hàng chưa trả lời');
	await accessible(page);
	vnpay.queries = 'well';
	await says(page, 'Đã nhận được tiền');
	assert.deepEqual(page.complaints, []);
});

test('whoever scans a receipt reads whether it is good', async (t) => {
	const { g, d } = await scene(t);
	await g.pay(d.code);
	const [receipt] = await until(async () => {
		const { receipts } = (await g.get(`/v1/dossiers/${d.code}`)).json;
		return receipts[0]?.sha256 && receipts;
	});
	const page = await open(await browser(t),
		`${g.url}/v1/receipts/${receipt.code}`);

	assert.equal(await state(page), 'Biên lai có giá trị.');
	await accessible(page);
	assert.deepEqual(page.complaints, []);
});
