// PostgreSQL stopped and started under load.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { gateway, submission, until } from '../api/gateway.js';
import { ownCluster, smallApplication } from './harm.js';

test('without PostgreSQL it says 503 and when to come again, then recovers',
	async (t) => {
	const db = await ownCluster();
	const g = await gateway(t);
	t.after(db.drop);
	const small = await smallApplication(g);
	const d = await g.submit(small);
	const seen = new Map();
	let running = true;
	const load = Array.from({ length: 8 }, async () => {
		while (running) {
			const res = await g.get(`/v1/dossiers/${d.code}`);
			seen.set(res.status, (seen.get(res.status) ?? 0) + 1);
			if (res.status === 503)
				assert.match(res.headers['retry-after'], /^\d+$/);
		}
	});
	const key = randomUUID();
	const send = () => g.form('/v1/dossiers', submission(small), { key });
	t.after(() => { running = false; });

	await until(() => seen.get(200) > 20);
	await db.stop();
	await until(() => seen.get(503) > 20, { within: 60000 });
	const refused = await send();
	assert.equal(refused.status, 503);
	assert.equal(refused.json.code, 'storage');
	assert.equal((await g.get('/healthz', { as: 'nobody' })).status, 200);
	assert.equal((await g.operator('/readyz')).status, 503);

	await db.start();
	await until(async () => (await g.operator('/readyz')).status === 200,
		{ within: 60000, what: 'ready again by itself' });
	const before = seen.get(200);
	await until(() => seen.get(200) > before + 20, { within: 60000 });
	const again = await until(async () => {
		const res = await send();
		return res.status === 201 && res;
	}, { what: 'the refused submission goes through' });
	running = false;
	await Promise.all(load);

	assert.deepEqual([...seen.keys()].filter((s) => ![200, 503].includes(s)),
		[], 'nothing but 200 and 503');
	assert.equal((await send()).json.code, again.json.code);
	const [[count]] = await g.psql('SELECT count(*) FROM dossier');
	assert.equal(Number(count), 2);
});

test('a PostgreSQL that hangs is given up on, and found again', async (t) => {
	const db = await ownCluster();
	const g = await gateway(t);
	t.after(db.drop);
	const get = () => g.get('/v1/stats/on-time', { as: 'nobody' });

	assert.equal((await get()).status, 200);
	db.signal('SIGSTOP');
	const res = await get().finally(() => db.signal('SIGCONT'));
	assert.equal(res.status, 503);
	assert.equal(res.json.code, 'storage');
	await until(async () => (await get()).status === 200,
		{ within: 60000, what: 'an answer from the database again' });
});
