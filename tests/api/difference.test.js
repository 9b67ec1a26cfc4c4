// Differences of a settlement: officers see them, own them and close them, two
// of them where money is at stake.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { line, scene, today, whole } from './settlement.js';

// A difference of each sort, and what officers do about them.
async function differing(t) {
	const s = await scene(t, { paid: 1 });
	const [one] = s.bought;
	const done = await s.take(whole([line(one, { amount: '50.000' }),
		line({ attempt: 'P1R00', txn: '999' }),
		line({ attempt: 'P1R00', txn: '999' })], 170000));
	assert.equal(done.code, 1, done.stderr);
	const list = async (as = 'ptdung', query = '') => (await s.g.get(
		`/v1/payments/differences${query}`, { as })).json;
	const of = async (cls) =>
		(await list()).items.find((d) => d.class === cls);
	const act = (id, body, as = 'ptdung') => s.g.post(
		`/v1/payments/differences/${id}/actions`, body, { as });
	return { ...s, one, list, of, act };
}

const why = { note: 'Đã làm việc với VNPAY' };

test('who may not match money sees none of it', async (t) => {
	const { g, act, of } = await differing(t);
	const { id } = await of('duplicate');

	for (const as of ['nobody', 'portal']) {
		const status = as === 'nobody' ? 401 : 403;
		assert.equal((await g.get('/v1/payments/differences', { as })).status,
			status);
		assert.equal((await act(id, { action: 'close', ...why }, as)).status,
			status);
	}
	await g.psql(`UPDATE officer SET rights = array_remove(rights,
		'money-match') WHERE login = 'vvem'`);
	assert.equal((await act(id, { action: 'close', ...why }, 'vvem')).status,
		403);
});

test('the list has a page, a class and a state for each', async (t) => {
	const { list, one } = await differing(t);

	const { items, next } = await list();
	assert.equal(next, null);
	assert.deepEqual(items.map((d) => d.class).sort(),
		['amount-diff', 'duplicate', 'missing-here']);
	const differs = items.find((d) => d.class === 'amount-diff');
	assert.deepEqual({ ...differs, id: 0, opened_at: '', title: '' }, {
		id: 0, class: 'amount-diff', title: '',
		title_vi: 'Số tiền hoặc mã đơn hàng không khớp.', provider: 'vnpay',
		day: today, reference: one.attempt, transaction: one.txn,
		ours: 60000, theirs: 50000, opened_at: '', state: 'open', owner: null,
		proposed_by: null, note: '' });

	const first = await list('ptdung', '?limit=2');
	const rest = await list('ptdung', `?after=${first.next}`);
	assert.deepEqual([...first.items, ...rest.items], items);
});

test('what names an order of another tenant is not shown', async (t) => {
	const { g, list, of, act } = await differing(t);
	const { id } = await of('amount-diff');

	await g.psql(`UPDATE settlement_difference SET tenant_id = 4711
		WHERE id = ${id}`);
	assert.ok(!(await list()).items.some((d) => d.id === id));
	assert.equal((await act(id, { action: 'own' })).status, 404);
});

test('a refused action changes nothing', async (t) => {
	const { list, of, act } = await differing(t);
	const before = await list();
	const { id } = await of('amount-diff');

	for (const [body, status] of [
		[{ action: 'close' }, 400],
		[{ action: 'close', note: '' }, 400],
		[{ action: 'forget', ...why }, 400],
		[{ action: 'close', ...why, attempt: 'P1R00' }, 400],
		[{ action: 'confirm' }, 409],
		[{ action: 'reopen' }, 409]])
		assert.equal((await act(id, body)).status, status,
			JSON.stringify(body));
	assert.equal((await act(999999, { action: 'own' })).status, 404);
	assert.equal((await act('x', { action: 'own' })).status, 404);
	assert.deepEqual(await list(), before);
});

test('where money is at stake another officer confirms', async (t) => {
	const { g, list, of, act } = await differing(t);
	const { id } = await of('amount-diff');

	const done = await act(id, { action: 'close', ...why });
	assert.deepEqual(done.json, { id, state: 'proposed' });
	const seen = await of('amount-diff');
	assert.deepEqual([seen.state, seen.owner, seen.proposed_by, seen.note],
		['proposed', 'ptdung', 'ptdung', why.note]);
	assert.equal((await act(id, { action: 'close', ...why })).status, 409);
	const same = await act(id, { action: 'confirm' });
	assert.equal(same.json.code, 'same-person');
	await assert.rejects(g.psql(`UPDATE settlement_difference
		SET closed_by = proposed_by, closed_at = now() WHERE id = ${id}`),
	/difference_four_eyes/);

	assert.deepEqual((await act(id, { action: 'reopen' }, 'vvem')).json,
		{ id, state: 'open' });
	await assert.rejects(g.psql(`UPDATE settlement_difference
		SET closed_by = 1, closed_at = now(), note = 'x' WHERE id = ${id}`),
	/difference_takes_two/);
	await act(id, { action: 'close', ...why });
	assert.deepEqual((await act(id, { action: 'confirm' }, 'vvem')).json,
		{ id, state: 'closed' });
	assert.ok(!(await list()).items.some((d) => d.id === id));
	assert.equal((await act(id, { action: 'own' })).status, 409);
});

test('each deed stands in the record, with who and why', async (t) => {
	const { g, of, act } = await differing(t);
	const { id, transaction } = await of('amount-diff');

	await act(id, { action: 'own' });
	assert.equal((await of('amount-diff')).owner, 'ptdung');
	await act(id, { action: 'close', ...why }, 'vvem');
	assert.equal((await of('amount-diff')).owner, 'ptdung');
	await act(id, { action: 'confirm' });
	const events = (await g.psql(`SELECT e.kind, o.login, e.data
		FROM event e JOIN officer o ON o.id = e.actor
		WHERE e.dossier_id = 0 AND e.kind LIKE 'difference-%'
		ORDER BY e.seq`)).map(([kind, login, data]) =>
		[kind, login, JSON.parse(data)]);
	const said = { id, class: 'amount-diff', provider: 'vnpay', transaction };
	assert.deepEqual(events, [
		['difference-own', 'ptdung', { ...said, note: '', state: 'open' }],
		['difference-close', 'vvem', { ...said, ...why, state: 'proposed' }],
		['difference-confirm', 'ptdung', { ...said, note: '',
			state: 'closed' }]]);
	assert.equal((await g.cli(['audit', 'verify', '-c', g.configFile])).code,
		0);
});

test('one officer closes what costs nobody anything', async (t) => {
	const { of, act } = await differing(t);
	const { id } = await of('duplicate');

	assert.deepEqual((await act(id, { action: 'close', ...why })).json,
		{ id, state: 'closed' });
	assert.equal(await of('duplicate'), undefined);
});

test('the command line takes an officer who may, and only proposes',
	async (t) => {
	const { g, of, act, close, open } = await differing(t);
	const note = ['--note', why.note];

	await g.psql(`UPDATE officer SET rights = array_remove(rights,
		'money-match') WHERE login = 'vvem'`);
	const { id } = await of('missing-here');
	assert.equal((await close(String(id))).code, 64);
	assert.equal((await close('0', '--by', 'ptdung', ...note)).code, 64);
	for (const [login, what] of [['nobody', /nobody: no such officer/],
		['vvem', /vvem may not money-match/]]) {
		const done = await close(String(id), '--by', login, ...note);
		assert.equal(done.code, 1);
		assert.match(done.stderr, /Không có quyền .* \/ You may not do this/);
		assert.match(done.stderr, what);
	}
	assert.equal((await close('4711', '--by', 'ptdung', ...note)).code, 1);

	const done = await close(String(id), '--by', 'ptdung', ...note);
	assert.equal(done.code, 0, done.stderr);
	assert.match(done.stdout, /another officer has to confirm/);
	assert.match((await open()).stdout, /missing-here/);
	const again = await close(String(id), '--by', 'ptdung', ...note);
	assert.match(again.stderr, /is proposed/);
	await g.psql(`UPDATE officer SET rights = rights || '{money-match}'
		WHERE login = 'vvem'`);
	assert.equal((await act(id, { action: 'confirm' }, 'vvem')).status, 200);
	assert.doesNotMatch((await open()).stdout, /missing-here/);
});
