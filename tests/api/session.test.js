// POST and DELETE /v1/sessions: officers' local accounts.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway } from './gateway.js';

test('a wrong login and a wrong password are told apart by nobody',
	async (t) => {
		const g = await gateway(t);
		const open = (login, password) => g.post('/v1/sessions',
			{ login, password }, { as: 'nobody', key: null });
		const [a, b] = [await open('ptdung', 'wrong'),
			await open('nobody', 'demo-password')];

		assert.equal(a.status, 401);
		assert.equal(b.status, 401);
		assert.equal(a.json.code, b.json.code);
		assert.equal(a.json.title, b.json.title);
	});

test('a token that was made up opens nothing', async (t) => {
	const g = await gateway(t);
	const res = await g.get('/v1/dossiers', { as: 'nobody',
		headers: { authorization: `Bearer hs_${'A'.repeat(43)}` } });

	assert.equal(res.status, 401);
});

test('a session ends when it is closed, and the record keeps no token',
	async (t) => {
		const g = await gateway(t);
		const token = await g.login('ptdung');

		assert.equal((await g.get('/v1/dossiers', { as: token })).status, 200);
		assert.deepEqual(await g.psql(`SELECT count(*) FROM session
			WHERE encode(token_sha256, 'escape') LIKE '%hs_%'`), [['0']]);
		assert.equal((await g.delete('/v1/sessions', { as: token })).status,
			204);
		assert.equal((await g.get('/v1/dossiers', { as: token })).status, 401);
	});

test('an officer who has left is let in no more', async (t) => {
	const g = await gateway(t);
	const token = await g.login('ptdung');

	await g.psql("UPDATE principal SET active = false WHERE kind = 'officer'");
	assert.equal((await g.get('/v1/dossiers', { as: token })).status, 401);
});

test('the cookie is out of reach for scripts and other sites', async (t) => {
	const g = await gateway(t);
	const res = await g.post('/v1/sessions', { login: 'ptdung',
		password: 'demo-password' }, { as: 'nobody', key: null });

	assert.equal(res.status, 201);
	assert.match(String(res.headers['set-cookie']),
		/^__Host-session=hs_.*Secure; HttpOnly; SameSite=Strict/);
	const cookie = String(res.headers['set-cookie']).split(';')[0];
	assert.equal((await g.get('/v1/dossiers', { as: 'nobody',
		headers: { cookie } })).status, 200);
});
