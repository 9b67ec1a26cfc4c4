// GET /v1/payments/return/vnpay: shows what the database knows, never more.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, paid } from './gateway.js';

const path = '/v1/payments/return/vnpay';
const look = (g, query, accept = 'application/json') =>
	g.get(`${path}?${query}`, { as: 'nobody', headers: { accept } });

async function owing(t) {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });
	const res = await g.post(`/v1/dossiers/${d.code}/payments`,
		{ provider: 'vnpay' });
	return { g, code: d.code, query: paid(res.json.pay_url), ...res.json };
}

test('a forged return shows nothing', async (t) => {
	const { g, query, code } = await owing(t);

	const res = await look(g, query.replace(/.$/, (c) => c === '0' ? '1' : '0'));

	assert.equal(res.status, 400);
	assert.ok(!res.text.includes(code));
	assert.equal((await look(g, '')).status, 400);
	assert.equal((await g.get('/v1/payments/return/nobody',
		{ as: 'nobody' })).status, 404);
});

test('a browser that says paid before the bank does credits nothing',
	async (t) => {
	const { g, query, code } = await owing(t);

	const page = await look(g, query, 'text/html');

	assert.equal(page.status, 200);
	assert.match(page.headers['content-type'], /^text\/html/);
	assert.match(page.text, /đừng trả lại lần nữa/);
	assert.match(page.text, /do not pay again/);
	assert.ok(page.text.includes(code));
	const shown = await look(g, query);
	assert.equal(shown.json.state, 'created');
	assert.equal((await g.get(`/v1/dossiers/${code}`)).json.state,
		'awaiting-payment');
	assert.deepEqual(await g.psql('SELECT count(*) FROM provider_event'),
		[['0']]);
});

test('once the notice is in, it says so', async (t) => {
	const { g, query, code, amount } = await owing(t);
	await g.get(`/v1/payments/callbacks/vnpay?${query}`, { as: 'nobody' });

	const { json } = await look(g, query);

	assert.deepEqual([json.state, json.dossier, json.amount],
		['paid', code, amount]);
	assert.match((await look(g, query, 'text/html')).text, /Đã thanh toán/);
});
