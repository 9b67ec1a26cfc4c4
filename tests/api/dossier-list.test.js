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
		['?officer=you', '?officer'], ['?chip=late', '?chip'],
		['?verification=perhaps', '?verification']]) {
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

test('a page of a large inbox reads its own rows and not all of them',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		await g.psql(`INSERT INTO dossier (tenant_id, code, unit_id,
				procedure_id, state, channel, applicant, received_at,
				moved_at, intake_due_at, accepted_at, due_at,
				original_due_at)
			SELECT tenant_id, 'L-' || i, unit_id, procedure_id, 4, 'online',
				applicant, now(), now(), now(), now(),
				now() + i * interval '1 min', now()
			FROM dossier, generate_series(1, 20000) i
			WHERE code = '${d.code}'`);
		await g.psql('ANALYZE dossier');

		const seen = [];
		for (let query = '', pages = 0; pages < 12; pages++) {
			const { items, next } = (await list(g, `?limit=20${query}`)).json;
			seen.push(...items.map((i) => i.code));
			query = `&after=${next}`;
		}
		assert.deepEqual(seen.filter((code) => code.startsWith('L-')),
			seen.map((_, i) => `L-${i + 1}`));
		const reads = async () => (await g.psql(`SELECT idx_scan, idx_tup_read
			FROM pg_stat_user_indexes WHERE indexrelname = 'dossier_inbox'`))
			[0].map(Number);
		await until(async () => (await reads())[0] >= 12, {
			what: 'each page came by the index' });
		assert.ok((await reads())[1] < 1000, `${await reads()}`);
	});
