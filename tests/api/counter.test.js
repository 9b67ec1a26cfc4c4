// Money taken at the counter: cash by the cashier, transfers by two officers.
// Refusals first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, pdfText, until } from './gateway.js';

const take = (g, code, body, options) => g.post(
	`/v1/dossiers/${code}/collections`, body, { as: 'ptdung', ...options });
const decide = (g, code, id, decision, options) => g.post(
	`/v1/dossiers/${code}/collections/${id}/decision`, { decision },
	{ as: 'vvem', ...options });
const state = async (g, code) => (await g.get(`/v1/dossiers/${code}`)).json;
const today = () => new Date(Date.now() + 7 * 3600e3).toISOString()
	.slice(0, 10);

async function owing(t) {
	const g = await gateway(t, { config: { tick_ms: 20 } });
	const d = await g.dossier({ in: 'awaiting-payment' });
	return { g, code: d.code, amount: d.payments[0].amount };
}

async function balances(g) {
	const done = await g.cli(['ledger', 'check', '--json', '-c',
		g.configFile]);
	assert.equal(done.code, 0, done.stdout);
	return Object.fromEntries(JSON.parse(done.stdout).accounts.map((a) =>
		[a.account, a.balance]));
}

test('who may not collect, another amount, a reference that is none',
	async (t) => {
	const { g, code, amount } = await owing(t);
	const good = { method: 'cash', amount, reference: 'PT-0001' };

	assert.equal((await take(g, code, good, { as: 'portal' })).status, 403);
	assert.equal((await take(g, code, good, { as: 'nobody' })).status, 401);
	for (const [change, pointer, status = 400] of [
		[{ method: 'card' }, '/method'], [{ amount: 0 }, '/amount'],
		[{ amount: 1.5 }, '/amount'],
		[{ amount: amount + 1 }, '/amount', 422],
		[{ amount: amount - 1 }, '/amount', 422],
		[{ reference: '' }, '/reference'],
		[{ reference: 'a b' }, '/reference'],
		[{ reference: 'x'.repeat(61) }, '/reference'],
		[{ note: 'x' }, '/note'],
	]) {
		const res = await take(g, code, { ...good, ...change });
		assert.equal(res.status, status, res.text);
		assert.equal(res.json.errors[0].pointer, pointer);
	}
	assert.equal((await take(g, (await g.submit()).code, good)).status, 409,
		'nothing is owed');
	assert.deepEqual(await g.psql('SELECT count(*) FROM counter_collection'),
		[['0']]);
	assert.equal((await state(g, code)).state, 'awaiting-payment');
});

test('cash is booked at once, and once, and gets a receipt', async (t) => {
	const { g, code, amount } = await owing(t);
	const body = { method: 'cash', amount, reference: 'PT-0001' };
	const key = 'cash-at-the-counter-1';

	const res = await take(g, code, body, { key });
	assert.equal(res.status, 201, res.text);
	assert.equal(res.json.decision, 'confirmed');
	assert.equal((await take(g, code, body, { key })).text, res.text);
	await until(async () => (await state(g, code)).receipts[0]?.sha256);
	assert.match(await pdfText(g,
		(await g.get(`/v1/dossiers/${code}/receipts/1`)).bytes),
	/Tiền mặt tại quầy, giao dịch c-PT-0001/);
	assert.equal((await take(g, code, body)).status, 409);
	const d = await state(g, code);
	assert.equal(d.state, 'processing');
	assert.equal(d.payments[0].state, 'paid');
	assert.equal((await balances(g))['provider_clearing:counter'], amount);
	assert.ok(d.history.some((h) => h.event === 'collect' &&
		h.data.reference === 'PT-0001' && h.by === 'principal'));
});

test('a transfer waits for another officer; a refusal books nothing',
	async (t) => {
	const { g, code, amount } = await owing(t);
	const body = { method: 'transfer', amount, reference: 'FT26330123' };

	const first = await take(g, code, body);
	assert.equal(first.status, 201, first.text);
	assert.equal(first.json.decision, null);
	assert.equal((await state(g, code)).state, 'awaiting-payment');
	const own = await decide(g, code, first.json.id, 'confirmed',
		{ as: 'ptdung' });
	assert.equal(own.json.code, 'same-person', own.text);
	assert.equal((await take(g, code, body)).status, 409, 'the same transfer');
	assert.equal((await decide(g, code, first.json.id, 'refused')).status, 200);
	assert.equal((await decide(g, code, first.json.id, 'confirmed')).status,
		409);
	assert.equal((await state(g, code)).state, 'awaiting-payment');

	const second = await take(g, code, body);
	assert.equal(second.status, 201, second.text);
	const done = await decide(g, code, second.json.id, 'confirmed');
	assert.equal(done.json.decision, 'confirmed', done.text);
	assert.equal((await state(g, code)).state, 'processing');
	assert.equal((await balances(g))['provider_clearing:counter'], amount);
	assert.equal((await decide(g, code, 99999, 'confirmed')).status, 404);
});

test('cash that was recorded and not booked is booked by asking again',
	async (t) => {
	const { g, code, amount } = await owing(t);
	const body = { method: 'cash', amount, reference: 'PT-0002' };
	const key = 'crash-in-between-1';
	await g.psql(`ALTER TABLE ledger_journal ADD CONSTRAINT broken
		CHECK (provider <> 'counter') NOT VALID`);

	const failed = await take(g, code, body, { key });
	assert.ok(failed.status >= 500, failed.text);
	assert.equal((await state(g, code)).state, 'awaiting-payment');
	await g.psql('ALTER TABLE ledger_journal DROP CONSTRAINT broken');
	const res = await take(g, code, body, { key });
	assert.equal(res.status, 201, res.text);
	assert.equal((await state(g, code)).state, 'processing');
	assert.deepEqual(await g.psql('SELECT count(*) FROM counter_collection'),
		[['1']]);
});

test('the day\'s sums of each cashier, as JSON and as a table', async (t) => {
	const { g, code, amount } = await owing(t);
	await take(g, code, { method: 'cash', amount, reference: '-1-1' });
	const other = await g.dossier({ in: 'awaiting-payment' });
	const moved = await take(g, other.code, { method: 'transfer', amount,
		reference: 'FT1' }, { as: 'vvem' });
	await decide(g, other.code, moved.json.id, 'confirmed', { as: 'ptdung' });

	const look = (query) => g.get(`/v1/collections?${query}`,
		{ as: 'ptdung' });
	assert.equal((await look('day=26-11-2026')).status, 400);
	assert.equal((await look(`day=${today()}`)).json.total, 2 * amount);
	assert.deepEqual((await look(`day=${today()}`)).json.sums.map((s) =>
		[s.login, s.method, s.count, s.amount]),
	[['ptdung', 'cash', 1, amount], ['vvem', 'transfer', 1, amount]]);
	assert.equal((await look('day=2020-01-01')).json.total, 0);
	const table = await look(`day=${today()}&format=csv`);
	assert.match(table.headers['content-type'], /^text\/csv/);
	const lines = table.text.trimEnd().split('\r\n');
	assert.equal(lines.length, 3);
	assert.ok(lines[1].includes(`,'-1-1,`), 'no formula for a spreadsheet');
	assert.equal((await g.get(`/v1/collections?day=${today()}`)).status, 403);
});
