// Timers under faults: two gateways, kill -9 between claim and commit, clocks
// of the gateway that are wrong by an hour and a day.  Nothing is lost, nothing
// is early, each fires once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';

import { gateway, until } from '../api/gateway.js';
import { Site } from '../setup/site.js';
import { clockOff } from './harm.js';

const told = (g) => g.psql(`SELECT d.code, v.kind, count(*) FROM event v
	JOIN dossier d ON d.tenant_id = v.tenant_id AND d.id = v.dossier_id
	WHERE v.kind IN ('near-due', 'apology-due', 'overdue')
	GROUP BY 1, 2 ORDER BY 1, 2`);
const open = async (g, where) => Number((await g.psql(`SELECT count(*)
	FROM timer WHERE fired_at IS NULL AND ${where}`))[0][0]);

// Whoever has this row keeps everybody from the end of that dossier's chain.
async function holdChain(g, code) {
	const psql = spawn('/usr/lib/postgresql/15/bin/psql', ['-XAtq', '-h',
		process.env.PGHOST, '-U', 'postgres', '-d', g.database],
	{ stdio: ['pipe', 'pipe', 'inherit'] });
	const ready = new Promise((resolve) => psql.stdout.once('data', resolve));
	psql.stdin.write(`BEGIN; SELECT 1 FROM event_chain c JOIN dossier d
		ON d.id = c.dossier_id WHERE d.code = '${code}' FOR UPDATE OF c;\n`);
	await ready;
	return () => new Promise((resolve) => {
		psql.once('exit', resolve);
		psql.stdin.end('ROLLBACK;\n');
	});
}

test('killed between claim and commit it fires all of them after the restart, ' +
	'and each once', async (t) => {
	const g = await gateway(t);
	const codes = [];
	for (let i = 0; i < 3; i++)
		codes.push((await g.dossier({ in: 'processing' })).code);
	const release = await holdChain(g, codes[1]);
	await g.psql(`UPDATE timer SET due_at = now() - interval '1 s'
		WHERE kind = 'near-due'`);
	await until(async () => (await g.psql(`SELECT count(*)
		FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query LIKE '%event_chain%'`))[0][0]
		!== '0', { what: 'the sweep has claimed and waits for the chain' });

	await g.kill();
	assert.deepEqual(await told(g), [], 'nothing is half told');
	await release();
	assert.equal(await open(g, `kind = 'near-due'`), 3, 'nothing is lost');
	await g.start();
	await until(async () => await open(g, `kind = 'near-due'`) === 0, {
		what: 'the timers have fired' });

	assert.deepEqual(await told(g),
		codes.sort().map((code) => [code, 'near-due', '1']));
	const [[mails]] = await g.psql(`SELECT count(*) FROM outbox
		WHERE template = 'mail-desk-near-due'`);
	assert.equal(mails, '3');
	const done = await g.cli(['audit', 'verify', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout);
});

test('a gateway killed amid a hundred leaves the rest to the other',
	async (t) => {
	const g = await gateway(t);
	const other = new Site(`${g.database}b`, g.database);
	await other.configure();
	t.after(async () => {
		await other.stop();
		other.close();
	});
	const d = await g.dossier({ in: 'processing' });
	await g.psql(`WITH made AS (
		INSERT INTO dossier (tenant_id, code, unit_id, procedure_id, state,
			channel, applicant, received_at, moved_at, intake_due_at,
			accepted_at, due_at, original_due_at)
		SELECT d.tenant_id, 'F-' || i, d.unit_id, d.procedure_id, 4, 'online',
			d.applicant, now(), now(), now(), now(), now(), now()
		FROM dossier d, generate_series(1, 100) i WHERE d.code = '${d.code}'
		RETURNING tenant_id, id)
		INSERT INTO timer (tenant_id, dossier_id, kind, round, due_at)
		SELECT tenant_id, id, 'overdue', 1, now() + interval '1 hour'
		FROM made`);
	const release = await holdChain(g, d.code);
	await other.start();
	await g.psql(`UPDATE timer SET due_at = now() - interval '1 s'
		WHERE kind = 'overdue'`);
	await g.kill();
	await release();
	await until(async () => await open(g, `kind = 'overdue'`) === 0, {
		what: 'all have fired' });
	const counts = await told(g);
	assert.equal(counts.length, 101);
	assert.ok(counts.every(([, , n]) => n === '1'));
});

// The gateway's clock, from its start, wrong by so much: it says so, is not
// ready, and goes by the database's clock all the same.
for (const [shift, what] of [['+3600', 'an hour ahead'],
	['+86400', 'a day ahead'], ['-86400', 'a day behind']])
	test(`with its clock ${what} it fires what is due and nothing early`,
		async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		assert.equal(await g.stop(), 0);
		await g.psql(`UPDATE timer SET due_at = CASE kind
			WHEN 'near-due' THEN now() + interval '30 min'
			ELSE now() - interval '1 s' END`);

		g.options.env = clockOff(shift);
		await assert.rejects(g.start({ within: 1 }), /is ready/);
		await until(async () => /clocks differ by/.test((await g
			.operator('/readyz').catch(() => ({ text: '' }))).text), {
			what: 'readyz names the clock' });
		await until(async () => await open(g, `kind <> 'near-due'`) === 0, {
			what: 'what is due fires' });

		assert.equal(await open(g, `kind = 'near-due'`), 1,
			'nothing is early');
		assert.deepEqual(await told(g), [[d.code, 'apology-due', '1'],
			[d.code, 'overdue', '1']]);
		const [[late]] = await g.psql(`SELECT count(*) FROM event
			WHERE abs(extract(epoch FROM at - now())) > 600`);
		assert.equal(late, '0', 'what happened is dated by the database');
	});
