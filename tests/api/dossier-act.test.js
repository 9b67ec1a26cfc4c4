// POST /v1/dossiers/{code}/actions, seen from outside.  Refusals first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway } from './gateway.js';

const act = (g, code, body, options) =>
	g.post(`/v1/dossiers/${code}/actions`, body, { as: 'ptdung', ...options });

test('an action without If-Match, or with an old one, changes nothing',
	async (t) => {
		const g = await gateway(t);
		const d = await g.submit();

		const none = await act(g, d.code, { action: 'accept' });
		assert.equal(none.status, 428);
		assert.equal(none.json.code, 'if-match-required');
		const old = await act(g, d.code, { action: 'accept' },
			{ match: 'v7' });
		assert.equal(old.status, 412);
		assert.equal(old.json.code, 'stale');
		assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.state,
			'registered');
	});

test('what is no edge is refused with 409 and changes nothing', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const before = await g.get(`/v1/dossiers/${d.code}`);

	for (const body of [{ action: 'assign' }, { action: 'return' },
		{ action: 'stop', reason: 'x' }]) {
		const res = await act(g, d.code, body, { match: 'v1' });
		assert.equal(res.status, 409, res.text);
		assert.equal(res.json.code, 'wrong-state');
	}
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).text, before.text);
});

test('what nobody declared is refused with its field', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();

	for (const [body, code, pointer] of [
		[{ action: 'paid' }, 'bad-field', '/action'],
		[{ action: 'resolve' }, 'bad-field', '/action'],
		[{ action: 'refuse' }, 'missing-field', '/reason'],
		...['refuse', 'request-supplement', 'extend'].flatMap((action) => [
			[{ action, reason: 'x' }, 'missing-field', '/ground'],
			[{ action, reason: 'x', ground: '' }, 'bad-field', '/ground']]),
		[{ action: 'accept', because: 1 }, 'unknown-field', '/because'],
		[{}, 'missing-field', '/action'],
		[{ action: 'assign', officer: 'nobody' }, 'bad-field', '/officer'],
	]) {
		const res = await act(g, d.code, body, { match: 'v1' });
		assert.equal(res.status, 400, res.text);
		assert.equal(res.json.code, code);
		assert.equal(res.json.errors[0].pointer, pointer);
	}
	const text = await act(g, d.code, 'not json', { match: 'v1' });
	assert.equal(text.json.code, 'bad-json');
	const type = await act(g, d.code, '{}', { match: 'v1',
		headers: { 'content-type': 'text/plain' } });
	assert.equal(type.status, 415);
});

test('the portal may withdraw and may not accept', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const as = { as: 'portal', match: 'v1' };

	assert.equal((await act(g, d.code, { action: 'accept' }, as)).status, 403);
	const res = await act(g, d.code, { action: 'withdraw',
		reason: 'Người nộp rút hồ sơ' }, as);
	assert.equal(res.status, 200);
	assert.equal(res.json.state, 'withdrawn');
	assert.equal(res.json.clock.state, 'ended');
});

test('of two officers with one version one wins', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const [a, b] = await Promise.all(['ptdung', 'vvem'].map((as) =>
		act(g, d.code, { action: 'accept' }, { as, match: 'v1' })));

	assert.deepEqual([a.status, b.status].sort((x, y) => x - y)[0], 200);
	assert.ok([409, 412].includes(Math.max(a.status, b.status)));
	assert.deepEqual(await g.psql(`SELECT count(*) FROM event
		WHERE kind = 'accept'`), [['1']]);
});

test('accepting starts the clock, and the fee pauses it at once', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const res = await act(g, d.code, { action: 'accept' }, { match: 'v1' });

	assert.equal(res.status, 200, res.text);
	assert.equal(res.json.state, 'awaiting-payment');
	assert.equal(res.json.clock.state, 'paused');
	assert.equal(res.json.clock.due_at, null);
	assert.ok(res.json.clock.original_due_at);
	assert.equal(res.json.version, 3);
	assert.equal(res.headers.etag, '"v3"');
	assert.deepEqual(res.json.history.map((e) => e.event),
		['registered', 'accept', 'request-payment']);
	assert.equal(res.json.payments[0].state, 'owed');
	assert.equal(res.json.pauses[0].kind, 'payment');
});

test('a refusal tells why and ends the dossier', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const res = await act(g, d.code, { action: 'refuse',
		reason: 'Không thuộc thẩm quyền',
		ground: 'Điều 17 Nghị định 118/2025/NĐ-CP' }, { match: 'v1' });

	assert.equal(res.json.state, 'refused');
	assert.equal(res.json.history.at(-1).data.reason,
		'Không thuộc thẩm quyền');
	assert.equal(res.json.history.at(-1).data.ground,
		'Điều 17 Nghị định 118/2025/NĐ-CP');
});
