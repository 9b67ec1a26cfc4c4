// POST /v1/feedback and POST /v1/dossiers/{code}/rating.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway } from './gateway.js';

test('feedback without text, or with a field too many, is refused',
	async (t) => {
		const g = await gateway(t);

		for (const [body, code] of [[{ kind: 'feedback' }, 'missing-field'],
			[{ kind: 'joke', text: 'x' }, 'bad-field'],
			[{ kind: 'feedback', text: 'x', more: 1 }, 'unknown-field'],
			[{ kind: 'feedback', text: 'x'.repeat(5001) }, 'bad-field']]) {
			const res = await g.post('/v1/feedback', body);
			assert.equal(res.status, 400);
			assert.equal(res.json.code, code);
		}
		assert.deepEqual(await g.psql('SELECT count(*) FROM feedback'),
			[['0']]);
	});

test('feedback gets a code of its day', async (t) => {
	const g = await gateway(t);
	const one = await g.post('/v1/feedback', { kind: 'feedback',
		text: 'Chờ lâu.\nXin xem lại.' });
	const two = await g.post('/v1/feedback', { kind: 'proposal', text: 'x' });

	assert.equal(one.status, 201, one.text);
	assert.match(one.json.code, /^PAKN\.\d{8}\.0001$/);
	assert.match(two.json.code, /^PAKN\.\d{8}\.0002$/);
});

test('a dossier is rated once, and only when it has ended', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const rate = (stars) => g.post(`/v1/dossiers/${d.code}/rating`,
		{ stars });

	assert.equal((await rate(5)).status, 409);
	await g.act(d.code, 'withdraw', { as: 'portal', reason: 'x' });
	assert.equal((await rate(6)).status, 400);
	assert.equal((await rate(5)).status, 201);
	assert.equal((await rate(1)).status, 409);
	assert.deepEqual(await g.psql('SELECT stars FROM rating'), [['5']]);
});
