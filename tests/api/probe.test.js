// What watches the gateway: /healthz, /readyz, /metrics, /openapi.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { psql, top } from '../setup/site.js';
import { gateway, until } from './gateway.js';

const checks = (res) => Object.fromEntries(
	res.json.checks.map(({ name, ok }) => [name, ok]));

test('readyz says which of its checks fails', async (t) => {
	const g = await gateway(t);
	const ready = await g.operator('/readyz');
	assert.equal(ready.status, 200);
	assert.deepEqual(checks(ready), { database: true, schema: true,
		clock: true, stopping: true });

	await g.psql(`INSERT INTO migration (number, name, sha256)
		VALUES (9999, 'later', sha256(''))`);
	const later = await g.operator('/readyz');
	assert.equal(later.status, 503);
	assert.equal(later.json.ready, false);
	assert.deepEqual(checks(later), { database: true, schema: false,
		clock: true, stopping: true });
	const { reason } = later.json.checks.find((c) => !c.ok);
	assert.match(reason, /schema 9999, program \d+/);
});

test('readyz is red without a database, healthz is not', async (t) => {
	const g = await gateway(t);
	await psql('postgres',
		`ALTER DATABASE ${g.database} ALLOW_CONNECTIONS false`);
	await psql('postgres', `SELECT pg_terminate_backend(pid, 5000)
		FROM pg_stat_activity WHERE datname = '${g.database}'`);
	const res = await g.operator('/readyz');
	assert.equal(res.status, 503);
	assert.equal(checks(res).database, false);
	const stats = await g.call({ path: '/v1/stats/on-time' });
	assert.equal(stats.status, 503);
	assert.ok(Number(stats.headers['retry-after']) > 0);
	assert.equal((await g.call({ path: '/healthz' })).status, 200);
});

test('metrics are Prometheus text, and count', async (t) => {
	const g = await gateway(t);
	const values = async () => {
		const res = await g.operator('/metrics');
		assert.match(res.headers['content-type'], /^text\/plain; version=0.0.4/);
		const found = {};
		for (const line of res.text.trimEnd().split('\n')) {
			const [, name, value] = /^(?:# (?:HELP|TYPE) hosogate_\w+ .+|(hosogate_\w+) (-?\d+))$/
				.exec(line) ?? assert.fail(line);
			if (name)
				found[name.replace('hosogate_', '')] = Number(value);
		}
		return found;
	};
	const before = await values();
	await g.call({ path: '/v1/nothing' });
	// It is counted when its last byte has left, which we may have read before.
	const after = await until(async () => {
		const now = await values();
		return now.replies_4xx_total > before.replies_4xx_total && now;
	});
	assert.equal(after.replies_4xx_total, before.replies_4xx_total + 1);
	assert.ok(after.requests_total > before.requests_total);
	assert.equal(after.queue_waiting, 0);
});

test('openapi.json is served as it is shipped, to anyone', async (t) => {
	const g = await gateway(t);
	const res = await g.call({ path: '/openapi.json' });
	assert.equal(res.status, 200);
	assert.equal(res.headers['content-type'], 'application/json');
	assert.equal(res.headers['cache-control'], 'public, max-age=300');
	assert.equal(res.text, readFileSync(
		path.join(top, 'schemas/api/openapi.json'), 'utf8'));
	const head = await g.call({ method: 'HEAD', path: '/openapi.json' });
	assert.equal(head.status, 200);
	assert.equal(head.text, '');
	assert.equal(Number(head.headers['content-length']), res.bytes.length);
});
