// `make bench`, payments: in one run on one machine.
//
//	one again    the same callback over and over: one effect
//	callbacks    over 64 connections, against pgbench doing the same, one
//	             transaction each (notice.sql), at its best number of clients
//	paced        callbacks at half of that rate, whatever becomes of them,
//	             after a second of the same that is not counted
//	sweep        100 open attempts among 1,000,000 that are settled: the
//	             database's part, without what the provider takes (sweep.c)
//	MAC          proofs against openssl speed's HMAC of as many bytes (mac.c)
//
//	tests/setup/with-cluster.sh node tests/bench/payments.js BUILD
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { multipart } from '../setup/http.js';
import { paid } from '../setup/ipn.js';
import { submission } from '../setup/sample.js';
import { pki, psql, run, secret } from '../setup/site.js';
import { better, drain, finish, gateway, hammer, here, micros, pgbench, say,
	script, threads } from './ground.js';
import { paced, request } from './paced.js';

const build = path.resolve(process.argv[2] ?? 'build');
const notices = Number(process.env.BENCH_NOTICES ?? 12000);
const pacedSeconds = Number(process.env.BENCH_PACED_SECONDS ?? 10);
const settled = Number(process.env.BENCH_SETTLED ?? 1000000);
const rateMax = 4000; // of paced callbacks; attempts for them are made before
const warmed = 2000; // callbacks before any is measured
const open = 100;
const base = 1000000; // where the keys of cloned rows begin
const callbacks = '/v1/payments/callbacks/vnpay?';
const ref = (n) => `P1R${n.toString(16).padStart(20, '0')}`;
const said = (url, n) => paid(url, { vnp_TxnRef: ref(n),
	vnp_TransactionNo: String(200000000000000 + n) });

const table = [];
function row(what, measured, ratio, target, passed, note) {
	table.push([what, measured, ratio, target, passed ? 'PASS' : 'MISSED',
		note]);
}

// One dossier that waits for its fee, then copies of its rows.
async function owing(site, count) {
	const ask = async (method, where, headers, body) => {
		const res = await site.call({ method, path: where, headers, body });
		if (res.status >= 300)
			throw new Error(res.text);
		return res;
	};
	const portal = { authorization: `Bearer ${secret('client.key')}` };
	const { body, type } = multipart(submission());
	const d = (await ask('POST', '/v1/dossiers', { ...portal,
		'content-type': type, 'idempotency-key': '"owing"' }, body)).json;
	const json = { 'content-type': 'application/json' };
	const { token } = (await ask('POST', '/v1/sessions', json, JSON.stringify({
		login: 'ptdung', password: 'demo-password' }))).json;
	await ask('POST', `/v1/dossiers/${d.code}/actions`, { ...json,
		authorization: `Bearer ${token}`, 'if-match': '"v1"',
		'idempotency-key': '"accept"' }, '{"action":"accept"}');
	const started = (await ask('POST', `/v1/dossiers/${d.code}/payments`, {
		...portal, ...json, 'idempotency-key': '"start"' },
	'{"provider":"vnpay"}')).json;
	await psql(site.database, `SET session_replication_role = replica;` +
		[['dossier', 'd.id', `'id', ${base} + n, 'code', d.code || '-' || n`],
			['pause', 'd.dossier_id', `'dossier_id', ${base} + n`],
			['event_chain', 'd.dossier_id', `'dossier_id', ${base} + n`],
			['payment_request', 'd.dossier_id',
				`'id', ${base} + n, 'dossier_id', ${base} + n`],
			['payment_line', 'd.request_id', `'request_id', ${base} + n`],
			['payment_attempt', 'd.request_id',
				`'id', ${base} + n, 'request_id', ${base} + n, 'ref',
				 'P1R' || lpad(to_hex(n), 20, '0'), 'ask_at', null`]]
			.map(([table, key, changed]) => `INSERT INTO ${table}
				SELECT (jsonb_populate_record(d, jsonb_build_object(${changed}))).*
				  FROM ${table} d, generate_series(1, ${count}) n
				 WHERE ${key} > 0;`).join('\n'));
	return started.pay_url;
}

// Payments of before, and statistics of them: no gateway stays without.
async function warm(site, url, first) {
	const requests = Array.from({ length: warmed }, (_, i) =>
		request('GET', callbacks + said(url, first + i + 1)));
	await paced({ port: site.port, ca: readFileSync(pki('tls/ca.crt')),
		requests, rate: warmed, connections: 16, expected: /"RspCode":"00"/ });
	await psql(site.database, `DO $$ BEGIN
		WHILE EXISTS (SELECT FROM receipt_work) LOOP
			COMMIT;
			PERFORM pg_sleep(0.1);
		END LOOP;
	END $$`);
	await psql(site.database, 'VACUUM ANALYZE');
}

// Callbacks as fast as they go, in turns with pgbench.
async function flat(site, url, rounds, each) {
	const file = path.join(site.dir, 'queries');
	const half = notices / 2;
	let ours, theirs, first = notices, done = 0;
	for (const clients of rounds) {
		if (done < notices) {
			writeFileSync(file, Array.from({ length: half }, (_, i) =>
				said(url, done + i + 1)).join('\n'));
			ours = better(ours, await drain(['-t', `${threads}`, '-c', '64', '-s',
				path.join(here, 'notice.lua'), site.url],
			{ BENCH_FILE: file, BENCH_THREADS: `${threads}` }, site.database,
			`SELECT count(*), ${micros('moved_at')} FROM payment_attempt
				WHERE state = 3 AND id > ${base + done}
				  AND id <= ${base + done + half}`, half));
			done += half;
		}
		theirs = better(theirs, await pgbench(site.database,
			script('notice.sql', site.dir), clients, each / clients,
			{ i: 0, first, base, each: each / clients }));
		first += each;
	}
	return { ours, theirs, first };
}

async function same(site, url) {
	say('one callback over and over');
	const again = await hammer(site.url + callbacks + paid(url));
	const [[effects]] = await psql(site.database,
		`SELECT count(*) FROM ledger_journal WHERE attempt_id < ${base}`);
	row('one callback again, answered/s', again.rate.toFixed(0), '', '≥ 10000',
		again.rate >= 10000 && effects === '1', `${effects} booked; ` +
		`p99 ${again.p99}`);
}

async function callback() {
	const rounds = [4, 8, 16, 32, 64];
	const each = Math.ceil(notices / rounds.length / 64) * 64;
	const spare = rateMax * (pacedSeconds + 1);
	let url;
	const site = await gateway('bench_notice', async (s) => {
		url = await owing(s, notices + each * rounds.length + spare + warmed);
	});
	await warm(site, url, notices + each * rounds.length + spare);
	await same(site, url);
	const { ours, theirs, first } = await flat(site, url, rounds, each);
	row('payment callbacks/s', ours.rate.toFixed(0),
		(ours.rate / theirs.rate).toFixed(2), '≥ 3', ours.rate >= 3 * theirs.rate,
		`against pgbench's ${theirs.rate.toFixed(0)}, ${theirs.clients} ` +
		'clients, one transaction each');

	const rate = Math.min(rateMax, Math.round(ours.rate / 2));
	say(`callbacks, paced: ${rate} a second`);
	const tell = (from, seconds) => paced({ port: site.port,
		ca: readFileSync(pki('tls/ca.crt')), rate, connections: 64,
		requests: Array.from({ length: rate * seconds }, (_, i) =>
			request('GET', callbacks + said(url, from + i + 1))),
		expected: /"RspCode":"00"/ });
	await tell(first, 1);
	const p = await tell(first + rate, pacedSeconds);
	const count = rate * pacedSeconds;
	row('p99 at half of that rate, ms', p.p99.toFixed(1), '', '≤ 50',
		p.p99 <= 50 && p.right === count, `${p.rate.toFixed(0)}/s sent, ` +
		`${p.right} of ${count} recorded; p50 ${p.p50.toFixed(1)} ms`);
	const rss = await finish(site);
	row('peak RSS under callbacks, MB', rss.toFixed(0), '', '≤ 100', rss <= 100,
		'of the gateway');
}

async function tool(name, ...args) {
	const done = await run(path.join(build, 'tests/bench', name), args);
	if (done.code !== 0)
		throw new Error(`${name}: ${done.stderr}`);
	return done.stdout.trim().split('\n').map((line) => line.split(' '));
}

// Settled attempts need no request of their own: nothing looks at it.
async function sweep() {
	const site = await gateway('bench_sweep', async (s) => {
		await owing(s, open);
		await psql(s.database, `SET session_replication_role = replica;
			INSERT INTO payment_attempt (tenant_id, id, request_id, ref,
				provider, terminal, amount, state, created_at, expires_at,
				moved_at)
			SELECT a.tenant_id, ${2 * base} + n, ${2 * base} + n,
				'P1R' || lpad(to_hex(${base} + n), 20, '0'), a.provider,
				a.terminal, a.amount, 3, a.created_at, a.expires_at,
				a.moved_at
			FROM payment_attempt a, generate_series(1, ${settled}) n
			WHERE a.id < ${base}`);
	});
	await finish(site);
	await psql(site.database, `UPDATE payment_attempt SET ask_at = now()
		WHERE id BETWEEN ${base + 1} AND ${base + open}`);
	const [[, found, us], [, idle, idleUs]] = await tool('sweep',
		site.conninfo('hosogate_gateway'));
	row(`sweep of ${found} open attempts, ms`, (us / 1000).toFixed(1), '',
		'≤ 50', Number(found) === open && us <= 50000,
		`among ${settled} settled: claim and answers; a sweep that finds ` +
		`nothing ${(idleUs / idle / 1000).toFixed(2)} ms`);
}

async function mac() {
	for (const [name, count, us] of await tool('mac')) {
		const ours = count / us * 1e6;
		const done = await run('openssl', ['speed', '-seconds', '2', '-bytes',
			'350', '-mr', '-hmac', name]);
		const theirs = Number(done.stdout.match(/^\+F:.*:([\d.]+)$/m)[1]) / 350;
		row(`MAC proofs/s, ${name}`, ours.toFixed(0),
			(ours / theirs).toFixed(2), '≥ 0.5', ours >= theirs / 2,
			`against openssl speed's ${theirs.toFixed(0)}, 350 bytes`);
	}
}

say('payment callbacks');
await callback();
say('sweep');
await sweep();
say('MAC');
await mac();

const head = ['payments', 'measured', 'ratio', 'limit', '', 'how'];
const widths = head.map((name, i) => Math.max(...[head, ...table]
	.map((line) => [...line[i]].length)));
console.log(`${os.cpus()[0].model.trim()}, ${threads} threads, ` +
	'load generator on the same machine, fsync on');
for (const line of [head, ...table])
	console.log(line.map((cell, i) => cell.padEnd(widths[i])).join('  ')
		.trimEnd());
