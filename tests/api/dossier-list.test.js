// GET /v1/dossiers: the inbox by time left.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, until } from './gateway.js';

const list = (g, query = '') => g.get(`/v1/dossiers${query}`,
	{ as: 'ptdung' });

test('a filter that means nothing is refused with its name', async (t) => {
	const g = await gateway(t);

	for (const [query, pointer] of [['?state=asleep', '?state'],
		['?limit=0', '?limit'], ['?limit=201', '?limit'],
		['?limit=x', '?limit'], ['?after=1.2.3', '?after'],
		['?officer=you', '?officer']]) {
		const res = await list(g, query);
		assert.equal(res.status, 400, query);
		assert.equal(res.json.errors[0].pointer, pointer);
	}
});

test('pages follow one another without loss or repeat', async (t) => {
	const g = await gateway(t);
	const codes = [];
	for (let i = 0; i < 5; i++)
		codes.push((await g.submit()).code);

	const seen = [];
	let query = '?limit=2';
	for (let pages = 0; query && pages < 9; pages++) {
		const res = await list(g, query);
		seen.push(...res.json.items.map((d) => d.code));
		query = res.json.next && `?limit=2&after=${res.json.next}`;
	}
	assert.deepEqual(seen, codes);
});

test('what has ended leaves the inbox and is found by its state', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	await g.act(d.code, 'withdraw', { as: 'portal', reason: 'x' });

	assert.deepEqual((await list(g)).json.items, []);
	assert.deepEqual((await list(g, '?state=withdrawn')).json.items
		.map((i) => i.code), [d.code]);
});

test('each has a chip that says how its time stands, and what stands still ' +
	'comes last', async (t) => {
	const g = await gateway(t);
	const chips = {};
	for (const [chip, state] of [['paused', 'awaiting-payment'],
		['in-time', 'processing'], ['due-soon', 'processing'],
		['overdue', 'processing']])
		chips[chip] = (await g.dossier({ in: state })).code;
	await g.psql(`UPDATE timer SET due_at = now() - interval '1 s'
		WHERE kind = 'near-due' AND dossier_id IN (SELECT id FROM dossier
			WHERE code IN ('${chips['due-soon']}', '${chips.overdue}'))`);
	await g.psql(`UPDATE dossier SET due_at = now() - interval '1 hour'
		WHERE code = '${chips.overdue}'`);
	await g.psql(`UPDATE dossier SET due_at = now() + interval '1 hour'
		WHERE code = '${chips['due-soon']}'`);
	await until(async () => (await g.psql(`SELECT count(*) FROM event
		WHERE kind = 'near-due'`))[0][0] === '2', { what: 'near-due' });

	assert.equal((await g.get('/v1/dossiers?chip=late', { as: 'ptdung' }))
		.status, 400);
	const list = async (query) => (await g.get(`/v1/dossiers?${query}`,
		{ as: 'ptdung' })).json.items.map((i) => [i.code, i.chip]);
	assert.deepEqual(await list(''), ['overdue', 'due-soon', 'in-time',
		'paused'].map((chip) => [chips[chip], chip]));
	for (const chip of Object.keys(chips))
		assert.deepEqual(await list(`chip=${chip}`), [[chips[chip], chip]]);
});
