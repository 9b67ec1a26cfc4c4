// /v1/pay/{code}: what the payer is told, as JSON; refusals first.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { secret } from '../setup/site.js';
import { gateway, paid, until } from './gateway.js';

// The applicant's key: of the code alone (gateway/auth.h).
const key = (code) => createHmac('sha256', Buffer.from(secret('link.key'),
	'hex')).update(`hosogate link|${code}`).digest('base64url');
const look = (g, code, options) => g.get(`/v1/pay/${code}?key=${key(code)}`,
	{ as: 'nobody', ...options });
const choose = (g, code, provider, options) => g.send('POST',
	`/v1/pay/${code}?key=${key(code)}&provider=${provider}`,
	{ as: 'nobody', key: null, ...options });

async function owing(t, options) {
	const g = await gateway(t, { config: { tick_ms: 20 }, ...options });
	return { g, ...await g.dossier({ in: 'awaiting-payment' }) };
}

test('a link that is forged, or of another dossier, shows and starts nothing',
	async (t) => {
	const { g, code } = await owing(t);
	const other = await g.submit();

	for (const bad of ['', 'x', key(other.code), `${key(code)}x`]) {
		assert.equal((await g.get(`/v1/pay/${code}?key=${bad}`,
			{ as: 'nobody' })).status, 401);
		assert.equal((await g.send('POST',
			`/v1/pay/${code}?key=${bad}&provider=vnpay`,
			{ as: 'nobody', key: null })).status, 401);
	}
	assert.deepEqual(await g.psql('SELECT count(*) FROM payment_attempt'),
		[['0']]);
});

test('a provider that is none leads back to the page, which says so',
	async (t) => {
	const { g, code } = await owing(t);

	for (const bad of ['nobody', '', 'VNPAY']) {
		const res = await choose(g, code, bad);
		assert.equal(res.status, 303);
		assert.equal(res.headers.location,
			`/v1/pay/${code}?key=${key(code)}&trouble=1`);
	}
	const page = await g.get(`/v1/pay/${code}?key=${key(code)}&trouble=1`,
		{ as: 'nobody', headers: { accept: 'text/html' } });
	assert.match(page.text, /Chưa mở được trang thanh toán/);
	assert.equal((await look(g, code)).json.state, 'owed');
});

test('what is owed, then waiting, then paid; an answer seen before is 304',
	async (t) => {
	const { g, code, payments } = await owing(t);
	const first = await look(g, code);

	assert.equal(first.json.state, 'owed');
	assert.equal(first.json.amount, payments[0].amount);
	assert.equal(first.json.lines.reduce((sum, l) => sum + l.amount, 0),
		first.json.amount);
	assert.deepEqual(first.json.providers,
		[{ provider: 'vnpay', title: 'VNPay' }]);
	const tag = { 'if-none-match': first.headers.etag };
	assert.equal((await look(g, code, { headers: tag })).status, 304);

	const res = await choose(g, code, 'vnpay');
	assert.equal(res.status, 303);
	assert.match(res.headers.location, /vpcpay\.html\?.*vnp_Amount=/);
	const waiting = await look(g, code, { headers: tag });
	assert.equal(waiting.status, 200);
	assert.equal(waiting.json.state, 'waiting');
	assert.match(waiting.json.message, /do not pay again/);

	await g.get('/v1/payments/callbacks/vnpay?' + paid(res.headers.location),
		{ as: 'nobody' });
	assert.equal((await look(g, code)).json.state, 'paid');
	const receipt = await until(async () =>
		(await look(g, code)).json.receipt);
	assert.equal(receipt.number, 1);
	assert.equal((await choose(g, code, 'vnpay')).headers.location,
		`/v1/pay/${code}?key=${key(code)}&trouble=1`);
});

test('no money has been taken is said only when none has', async (t) => {
	const { g, code } = await owing(t);
	const untouched = async () => /Chưa có khoản tiền nào bị trừ/.test(
		(await look(g, code)).json.message_vi);
	const start = async () => (await choose(g, code, 'vnpay'))
		.headers.location;
	const tell = (url, changes) => g.get('/v1/payments/callbacks/vnpay?' +
		paid(url, changes), { as: 'nobody' });

	assert.ok(await untouched());
	const one = await start();
	assert.ok(!await untouched());
	await tell(one, { vnp_ResponseCode: '24', vnp_TransactionStatus: '02',
		vnp_TransactionNo: '0' });
	assert.ok(await untouched());
	const two = await start();
	assert.ok(!await untouched(), 'another attempt has no answer');
	await tell(two, { vnp_ResponseCode: '07', vnp_TransactionStatus: '07' });
	assert.equal((await look(g, code)).json.state, 'review');
	assert.ok(!await untouched());
	assert.deepEqual((await look(g, code)).json.providers, []);
});

test('the style and the script are ours; nothing runs within the page',
	async (t) => {
	const { g, code } = await owing(t);
	const page = await look(g, code, { headers: { accept: 'text/html' } });

	assert.match(page.headers['content-security-policy'],
		/default-src 'none'.*script-src 'self'/);
	assert.doesNotMatch(page.text, /<script(?! src="\/assets\/pay\.js")|\sstyle=|\son\w+=/);
	for (const [name, type] of [['page.css', /^text\/css/],
		['pay.js', /^text\/javascript/]]) {
		const res = await g.get(`/assets/${name}`, { as: 'nobody' });
		assert.equal(res.status, 200);
		assert.match(res.headers['content-type'], type);
	}
	for (const none of ['mail-paid.txt', 'openapi.json', '0001-base.sql', 'x'])
		assert.equal((await g.get(`/assets/${none}`, { as: 'nobody' })).status,
			404);
});

test('a payer who is back early has the provider asked at once, and once',
	async (t) => {
	const { g, code } = await owing(t);
	const url = (await choose(g, code, 'vnpay')).headers.location;
	const back = `/v1/payments/return/vnpay?${paid(url)}`;
	const asks = async () => Number((await g.psql(
		'SELECT asks FROM payment_attempt'))[0][0]);

	assert.equal((await g.get(back.replace(/.$/, (c) => c === '0' ? '1' : '0'),
		{ as: 'nobody' })).status, 400);
	assert.equal(await asks(), 0);
	await g.get(back, { as: 'nobody' });
	await until(async () => await asks() === 1);
	for (let i = 0; i < 5; i++)
		await g.get(back, { as: 'nobody' });
	assert.equal(await asks(), 1);
	assert.equal((await look(g, code)).json.state, 'waiting');
});
