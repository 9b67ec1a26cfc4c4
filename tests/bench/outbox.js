// The queue of messages under load, in one run on one machine:
//
//	claim and finish   a backlog of messages that are no longer true, so that
//	                   all of it is paid but the sending, against pgbench
//	                   deleting as many rows by SKIP LOCKED and nothing more
//	urgent             how long a message of lane 1 takes to pass that backlog
//	mails              to Postfix's smtp-sink, against its smtp-source with as
//	                   many sessions; left out where Postfix cannot be fetched
//
//	tests/setup/with-cluster.sh node tests/bench/outbox.js
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { freePort, psql, run, Site, top, until } from '../setup/site.js';

const backlog = Number(process.env.BENCH_BACKLOG ?? 200000);
const mails = Number(process.env.BENCH_MAILS ?? 10000);
const couriers = Number(process.env.BENCH_COURIERS ?? 2);
const sessions = Number(process.env.BENCH_SESSIONS ?? 8); // of all couriers
const base = 1000000; // where the keys of made rows begin
const size = 4600; // bytes of a receipt
const rows = [];

const count = async (name, what) => Number((await psql(name,
	`SELECT count(*) FROM ${what}`))[0][0]);

const rate = (n, ms) => Math.round(n / (ms / 1000));

// n dossiers, each with one event and one message about it.
async function fill(name, n, kind, template) {
	await psql(name, `
		INSERT INTO dossier (tenant_id, id, code, unit_id, procedure_id,
			state, channel, applicant, received_at, moved_at, intake_due_at)
		SELECT 1, ${base} + i, 'BENCH-' || i, (SELECT min(id) FROM unit),
			(SELECT min(id) FROM procedure), 1, 'online',
			'{"name":"NGUYỄN VĂN AN","email":"an@example.com"}',
			now(), now(), now() + interval '1 day'
		FROM generate_series(1, ${n}) i`);
	await psql(name, `
		INSERT INTO event (tenant_id, id, dossier_id, seq, kind, at, actor,
			data, prev, hash)
		SELECT 1, ${base} + i, ${base} + i, 1, '${kind}', now(), 0, '{}',
			sha256('prev'), sha256('hash')
		FROM generate_series(1, ${n}) i`);
	await psql(name, `
		INSERT INTO outbox (tenant_id, event_id, dossier_id, channel,
			recipient, template, lane)
		SELECT 1, ${base} + i, ${base} + i, 'mail', 'applicant',
			'${template}', 2
		FROM generate_series(1, ${n}) i`);
	await psql(name, `INSERT INTO outbox_dest (tenant_id, channel, client_id)
		VALUES (1, 'mail', 0) ON CONFLICT DO NOTHING`);
	await psql(name, 'VACUUM ANALYZE');
}

async function site(name, config) {
	await psql('postgres', `CREATE DATABASE ${name} TEMPLATE template
		OWNER hosogate_owner`);
	const s = new Site(name, name, { config: { couriers,
		smtp_sessions: Math.ceil(sessions / couriers), tick_ms: 50,
		...config } });
	await s.configure();
	return s;
}

// One statement waits inside the database: asking from outside again and again
// would take a share of the machine.
const empty = (name) => psql(name, `DO $$ BEGIN
	FOR i IN 1..24000 LOOP
		IF NOT EXISTS (SELECT FROM outbox) THEN RETURN; END IF;
		COMMIT;
		PERFORM pg_sleep(0.025);
	END LOOP;
	RAISE EXCEPTION 'the queue is not empty within 600 s';
END $$`);

// Runs the gateway until the queue is empty; answers with the milliseconds.
async function drain(s, during = async () => {}) {
	await psql(s.database, `UPDATE outbox_channel SET paused_at = now()`);
	await s.start();
	const began = Date.now();
	await psql(s.database, `UPDATE outbox_channel SET paused_at = NULL`);
	await during();
	await empty(s.database);
	return Date.now() - began;
}

async function bare(s, n) {
	await psql(s.database, `CREATE TABLE bare (id bigint PRIMARY KEY,
		payload text) WITH (fillfactor = 70)`);
	await psql(s.database, `INSERT INTO bare
		SELECT i, repeat('x', 100) FROM generate_series(1, ${n}) i`);
	await psql(s.database, 'VACUUM ANALYZE bare');
	const script = path.join(s.dir, 'bare.sql');
	writeFileSync(script, `DELETE FROM bare WHERE id IN (SELECT id FROM bare
		ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED);\n`);
	const began = Date.now();
	const done = await run('pgbench', ['-n', '-U', 'postgres', '-M',
		'prepared', '-c', `${couriers}`, '-j', `${couriers}`, '-t',
		`${Math.ceil(n / 100 / couriers)}`, '-f', script, s.database]);
	if (done.code !== 0)
		throw new Error(done.stderr);
	return Date.now() - began;
}

async function claimAndFinish() {
	const s = await site('bench_queue', {});
	await fill(s.database, backlog, 'request-supplement',
		'mail-supplement-asked');
	let urgent;
	const ms = await drain(s, async () => {
		await psql(s.database, `
			INSERT INTO event (tenant_id, id, dossier_id, seq, kind, at,
				actor, data, prev, hash)
			VALUES (1, 1, ${base} + ${backlog}, 2, 'assign',
				now(), 0, '{}', sha256('prev'), sha256('hash'));
			INSERT INTO outbox (tenant_id, event_id, dossier_id, channel,
				recipient, template, lane)
			VALUES (1, 1, ${base} + ${backlog}, 'mail', 'officer',
				'mail-desk-assigned', 1)`);
		const began = Date.now();
		await until(async () => await count(s.database,
			`outbox_delivery WHERE event_id = 1`) === 1, { within: 60000 });
		urgent = Date.now() - began;
	});
	await s.stop();
	s.close();
	const alone = await bare(s, backlog);
	rows.push(['claim and finish, messages/s', rate(backlog, ms),
		rate(backlog, alone), 'SKIP LOCKED alone']);
	rows.push(['urgent past the backlog, ms', urgent, '', '']);
}

async function toSink() {
	const postfix = await run(path.join(top, 'tests/setup/postfix.sh'), []);
	if (postfix.code !== 0) {
		console.log(`mails: left out: ${postfix.stderr.trim()}`);
		return;
	}
	const root = postfix.stdout.trim();
	const env = { ...process.env,
		LD_LIBRARY_PATH: path.join(root, 'usr/lib/postfix') };
	const port = await freePort();
	const server = spawn(path.join(root, 'usr/sbin/smtp-sink'),
		[...process.getuid() === 0 ? ['-u', 'nobody'] : [],
			`127.0.0.1:${port}`, '256'], { stdio: 'ignore', env });
	const s = await site('bench_mail', { smtp_tls: 'opportunistic',
		smtp_url: `smtp://127.0.0.1:${port}` });
	await fill(s.database, mails, 'registered', 'mail-receipt');
	const ms = await drain(s);
	await s.stop();
	s.close();
	const began = Date.now();
	const done = await run(path.join(root, 'usr/sbin/smtp-source'), ['-d', '-s', `${sessions}`, '-m',
		`${mails}`, '-l', `${size}`, '-f', 'a@example.com', '-t',
		'b@example.com', `127.0.0.1:${port}`], { env });
	const alone = Date.now() - began;
	server.kill();
	if (done.code !== 0)
		throw new Error(done.stderr);
	rows.push([`mails/s, ${sessions} sessions`, rate(mails, ms),
		rate(mails, alone), 'smtp-source']);
}

await claimAndFinish();
await toSink();
console.log('| what | hosogate | beside it | ratio |\n|---|---|---|---|');
for (const [what, ours, theirs, name] of rows)
	console.log(`| ${what} | ${ours} | ${theirs === '' ? '' :
		`${theirs} (${name})`} | ${theirs === '' ? '' :
		(ours / theirs).toFixed(2)} |`);
