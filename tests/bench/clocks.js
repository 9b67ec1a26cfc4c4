// Clocks under load, in one run on one machine:
//
//	due dates    from a loaded calendar, one thread
//	timers       1,000,000 open, of which 100,000 are due: state, event,
//	             message and the draft of form 04 of each committed
//	idle         a sweep that finds nothing
//
//	tests/setup/with-cluster.sh node tests/bench/clocks.js BUILD
import path from 'node:path';

import { psql, run, Site, top } from '../setup/site.js';

const build = path.resolve(process.argv[2] ?? 'build');
const dossiers = Number(process.env.BENCH_DOSSIERS ?? 500000);
const name = 'clocks';
const base = 1000000; // where the keys of made rows begin

await psql('postgres', `CREATE DATABASE ${name} TEMPLATE template
	OWNER hosogate_owner`);
await psql(name, `
	INSERT INTO dossier (tenant_id, id, code, unit_id, procedure_id, state,
		channel, applicant, received_at, moved_at, intake_due_at,
		accepted_at, due_at, original_due_at)
	SELECT 1, ${base} + i, 'BENCH-' || i, (SELECT min(id) FROM unit),
		(SELECT min(id) FROM procedure), 4, 'online',
		'{"name":"NGUYỄN VĂN AN","email":"an@example.com"}', now(), now(),
		now(), now(), now() + interval '1 day', now() + interval '1 day'
	FROM generate_series(1, ${dossiers}) i`);
await psql(name, `
	INSERT INTO event_chain (tenant_id, dossier_id, seq, prev, head)
	SELECT 1, ${base} + i, 1, sha256('prev'), sha256('head')
	FROM generate_series(1, ${dossiers}) i`);
await psql(name, `
	INSERT INTO timer (tenant_id, dossier_id, kind, round, due_at)
	SELECT 1, ${base} + i, k.kind, 1, CASE
		WHEN k.kind = 'apology-due' AND i % 5 = 0 THEN now() - interval '1 hour'
		ELSE now() + interval '1 day' END
	FROM generate_series(1, ${dossiers}) i,
		(VALUES ('apology-due'), ('overdue')) k (kind)`);
await psql(name, 'VACUUM ANALYZE');
await psql(name, 'CHECKPOINT');

const site = new Site(name, name);
const done = await run(path.join(build, 'tests/bench/clocks'),
	[site.conninfo('hosogate_gateway')]);
site.close();
if (done.code !== 0)
	throw new Error(done.stderr);
const figure = Object.fromEntries(done.stdout.trim().split('\n')
	.map((line) => line.split(' ')).map(([what, ...n]) =>
		[what, n.map(Number)]));
const [[fired, mails, drafts]] = await psql(name, `SELECT
	(SELECT count(*) FROM event WHERE kind = 'apology-due'),
	(SELECT count(*) FROM outbox),
	(SELECT count(*) FROM dossier_form WHERE draft)`);

const perSecond = Math.round(figure.due[1] / figure.due[0] * 1e6);
const took = figure.fired[0] / 1e6;
const idle = figure.idle[0] / figure.idle[1] / 1000;
const met = (ok) => ok ? 'met' : 'MISSED';
console.log(`due dates/s        ${perSecond}  (≥ 500000: ` +
	`${met(perSecond >= 500000)})`);
console.log(`timers fired       ${fired} of ${2 * dossiers} open, ${mails} ` +
	`messages, ${drafts} drafts, ${took.toFixed(1)} s  (≤ 20 s for 100000: ` +
	`${met(took / fired * 100000 <= 20)})`);
console.log(`sweep without work ${idle.toFixed(2)} ms  (≤ 5 ms: ` +
	`${met(idle <= 5)})`);
await psql('postgres', `DROP DATABASE ${name}`);
