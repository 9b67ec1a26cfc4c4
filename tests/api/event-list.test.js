// GET /v1/events: the feed behind every callback.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, until } from './gateway.js';

const types = (res) => res.json.items.map((e) => e.type);

test('the feed is not open to applicants or strangers', async (t) => {
	const g = await gateway(t);
	const { link } = await g.submit();

	assert.equal((await g.get('/v1/events', { as: 'nobody' })).status, 401);
	assert.equal((await g.get(`/v1/events${new URL(link).search}`,
		{ as: 'nobody' })).status, 401);
	assert.equal((await g.get('/v1/events', { as: 'ptdung' })).status, 403);
});

test('who follows the cursor sees every event once and in order', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	await g.act(d.code, 'accept');

	const seen = [];
	let after = '';
	await until(async () => {
		const res = await g.get(`/v1/events?limit=1&after=${after}`);
		seen.push(...types(res));
		after = res.json.cursor;
		return seen.length === 4;
	});
	assert.deepEqual(seen, ['dossier.registered', 'dossier.accept',
		'dossier.request-payment', 'dossier.form']);
	const rest = await g.get(`/v1/events?after=${after}`);
	assert.deepEqual(types(rest), []);
	assert.equal(rest.json.cursor, after);
});

test('an event carries its place in the chain and its hash', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const [event] = await g.feed();

	assert.equal(event.dossier, d.code);
	assert.equal(event.seq, 1);
	assert.match(event.hash, /^[0-9a-f]{64}$/);
	assert.equal(event.data.code, d.code);
});
