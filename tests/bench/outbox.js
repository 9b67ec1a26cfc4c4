// The queue of messages under load, in one run on one machine:
//
//	claim and finish   a backlog of messages that are no longer true, so that
//	                   all of it is paid but the sending, against pgbench
//	                   deleting as many rows by SKIP LOCKED and nothing more;
//	                   it comes upon a gateway that has seen a short queue only
//	urgent             how long a message of lane 1 takes to pass that backlog
//	submissions        the 99th percentile of what citizens wait, at a steady
//	                   rate, while it is dealt with and before there was one
//	mails              to Postfix's smtp-sink, against its smtp-source with as
//	                   many sessions; and of that what our SMTP client does
//	                   alone, without letters or a record
//
// Without Postfix, which is fetched, nothing is measured.
//
//	tests/setup/with-cluster.sh node tests/bench/outbox.js BUILD
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { multipart } from '../setup/http.js';
import { submission } from '../setup/sample.js';
import { pki, psql, run, secret } from '../setup/site.js';
import { base, count, dossiers, empty, pause, postfix, queue, report, sink, site,
	until } from './backlog.js';
import { paced, request } from './paced.js';

const build = path.resolve(process.argv[2] ?? 'build');
const backlog = Number(process.env.BENCH_BACKLOG ?? 1000000);
const mails = Number(process.env.BENCH_MAILS ?? 40000);
const couriers = Number(process.env.BENCH_COURIERS ?? 4);
const rounds = 5; // of mails
const sessions = Number(process.env.BENCH_SESSIONS ?? 8); // of all couriers
const size = 4600; // bytes of a receipt
const submissions = { rate: 20, count: 200 }; // a second, in all
const rows = [];

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const rate = (n, ms) => Math.round(n / (ms / 1000));
const config = { couriers, smtp_sessions: Math.ceil(sessions / couriers) };

// Lets the gateway work on a short queue, then on n messages more; answers with
// the milliseconds that these take.
async function drain(s, n, template, during = async () => {}) {
	const { database } = s;
	for (let i = 0; i < 20; i++) {
		await queue(database, n + i * 10 + 1, n + i * 10 + 10, template);
		await empty(database);
	}
	await psql(database, 'VACUUM ANALYZE outbox');
	await pause(database, true);
	await queue(database, 1, n, template);
	const began = Date.now();
	await pause(database, false);
	await during();
	await empty(database);
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

// Milliseconds until a message of lane 1 is dealt with.
async function urgent(database) {
	await psql(database, `
		INSERT INTO event (tenant_id, id, dossier_id, seq, kind, at,
			actor, data, prev, hash)
		VALUES (1, ${base} - 1, ${base} + ${backlog}, 2, 'assign',
			now(), 0, '{}', sha256('prev'), sha256('hash'));
		INSERT INTO outbox (tenant_id, event_id, dossier_id, channel,
			recipient, template, lane)
		VALUES (1, ${base} - 1, ${base} + ${backlog}, 'mail', 'officer',
			'mail-desk-assigned', 1)`);
	const began = Date.now();
	await until(async () => await count(database,
		`outbox_delivery WHERE event_id = ${base} - 1`) === 1, { within: 60000 });
	return Date.now() - began;
}

// What citizens wait for an answer, at a steady rate.
async function submit(s) {
	const { body, type } = multipart(submission());
	const requests = Array.from({ length: submissions.count }, () =>
		request('POST', '/v1/dossiers', { 'content-type': type,
			authorization: `Bearer ${secret('client.key')}`,
			'idempotency-key': `"${randomUUID()}"` }, body));
	const p = await paced({ port: s.port, ca: readFileSync(pki('tls/ca.crt')),
		requests, rate: submissions.rate, connections: 16,
		expected: /"state":"registered"/ });
	if (p.right !== submissions.count)
		throw new Error(`${p.right} of ${submissions.count} submissions`);
	return p.p99;
}

// What the database has put off, as vacuum, is not the next measurement's.
async function leave(s) {
	await s.stop();
	s.close();
	await psql('postgres', `DROP DATABASE ${s.database}`);
}

async function claimAndFinish(tools) {
	const server = await sink(tools);
	const s = await site('bench_queue', { ...config, smtp_url: server.url,
		smtp_tls: 'opportunistic' });
	let waited, calm, busy;
	await dossiers(s.database, backlog + 200, 'request-supplement');
	await s.start();
	calm = await submit(s);
	await empty(s.database);
	const ms = await drain(s, backlog, 'mail-supplement-asked', async () => {
		waited = await urgent(s.database);
		busy = await submit(s);
	});
	server.close();
	const alone = await bare(s, backlog);
	await leave(s);
	const ours = rate(backlog, ms);
	rows.push({ what: `claim and finish of ${backlog}, messages/s`, ours,
		theirs: rate(backlog, alone), beside: 'SKIP LOCKED alone',
		limit: '≥ 10000/s', met: ours >= 10000 });
	rows.push({ what: `urgent past ${backlog}, ms`, ours: waited, theirs: 5000,
		beside: 'promised', limit: '< 1', met: waited < 5000 });
	rows.push({ what: `p99 of submissions at ${submissions.rate}/s, ms`,
		ours: busy.toFixed(1), theirs: calm.toFixed(1), beside: 'before',
		limit: '< 1.2', met: busy < 1.2 * calm });
}

async function timed(program, args, env = process.env) {
	const began = Date.now();
	const done = await run(program, args, { env });
	if (done.code !== 0)
		throw new Error(`${program}: ${done.stderr}`);
	return Date.now() - began;
}

// In turns, and the middle one of each: a machine's speed changes by the second.
async function toSink(tools) {
	const server = await sink(tools);
	const s = await site('bench_mail', { ...config, smtp_url: server.url,
		smtp_tls: 'opportunistic' });
	const ours = [], theirs = [], client = [];
	await dossiers(s.database, mails + 200, 'registered');
	await s.start();
	for (let round = 0; round < rounds; round++) {
		ours.push(await drain(s, mails, 'mail-receipt'));
		theirs.push(await timed(tools.program('smtp-source'), ['-d', '-s',
			`${sessions}`, '-m', `${mails}`, '-l', `${size}`, '-f',
			'a@example.com', '-t', 'b@example.com',
			`127.0.0.1:${server.port}`], tools.env));
		client.push(await timed(path.join(build, 'tests/bench/smtp'),
			[server.url, sessions, mails, size].map(String)));
	}
	await leave(s);
	server.close();
	const alone = median(theirs), ms = median(ours);
	const beside = { theirs: rate(mails, alone), beside: 'smtp-source' };
	rows.push({ what: `mails/s, ${sessions} sessions`, ours: rate(mails, ms),
		...beside, limit: '≥ 0.8', met: alone / ms >= 0.8 });
	rows.push({ what: 'of these without letters and record',
		ours: rate(mails, median(client)), ...beside, limit: '' });
}

const tools = await postfix();
if (tools !== null) {
	await claimAndFinish(tools);
	await toSink(tools);
	report(rows);
}
