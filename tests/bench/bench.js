// `make bench`: the gateway against what stands under it, in one run on one
// machine.  Ratios first, since machines differ; absolute figures beside them.
//
//	healthz        GET /healthz over TLS, kept alive, against bare_mhd.c
//	submissions    POST /v1/dossiers with a signed PDF of 100 KB, against
//	               pgbench doing the same statements (submit.sql)
//	notices        payment callbacks over 64 connections, against pgbench doing
//	               the same, one transaction each (notice.sql), at its best
//	               number of clients; then one of them over and over
//	memory         peak resident set of the gateway under each
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync }
	from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { call, multipart } from '../setup/http.js';
import { paid } from '../setup/ipn.js';
import { citizen } from '../setup/sample.js';
import { freePort, pki, psql, run, secret, Site, top, until }
	from '../setup/site.js';

const here = path.join(top, 'tests/bench');
const seconds = Number(process.env.BENCH_SECONDS ?? 5);
const submissions = Number(process.env.BENCH_SUBMISSIONS ?? 2000);
const notices = Number(process.env.BENCH_NOTICES ?? 12000);
const base = 1000000; // where the keys of cloned rows begin
const threads = os.availableParallelism();
const say = (text) => process.stderr.write(`bench: ${text}\n`);

const peak = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8')
	.match(/VmHWM:\s+(\d+)/)[1]) / 1024;

// A gateway on a fresh copy of the template, used by one measurement.
async function gateway(name, prepare = async () => {}) {
	await psql('postgres', `CREATE DATABASE ${name} TEMPLATE template
		OWNER hosogate_owner`);
	const site = new Site(name, name, { config: { workers: 8, verifiers: 0,
		connections_max: 1024 } });
	await site.configure();
	await site.must('import', '-c', site.configFile,
		path.join(here, 'procedure.json'));
	await site.start();
	// Sending is measured by outbox.js; what is to be sent is written here.
	for (const channel of ['mail', 'webhook'])
		await site.must('queue', '-c', site.configFile, 'pause', channel);
	await prepare(site);
	await psql(name, 'VACUUM ANALYZE');
	await psql(name, 'CHECKPOINT');
	return site;
}

async function finish(site) {
	const rss = peak(site.child.pid);
	await site.stop();
	site.close();
	return rss;
}

// Requests a second, and the 99th percentile as wrk writes it.
async function hammer(url) {
	const done = await run('wrk', ['-t', `${threads}`, '-c', '64', '-d',
		`${seconds}s`, '--latency', url]);
	const text = done.stdout;
	return { rate: Number(text.match(/Requests\/sec:\s+([\d.]+)/)[1]),
		p99: text.match(/99%\s+(\S+)/)[1] };
}

const better = (a, b) => (a && a.rate > b.rate ? a : b);

async function healthz() {
	const site = await gateway('bench_healthz');
	const port = await freePort();
	const bare = spawn(path.join(top, 'build/tests/bench/bare_mhd'),
		[`${port}`, pki('tls/gateway.crt'), pki('tls/gateway.key')]);
	let ours, theirs;
	try {
		await until(() => call({ port, ca: readFileSync(pki('tls/ca.crt')) },
			{ path: '/' }).catch(() => null));
		for (let round = 0; round < 2; round++) { // taken in turns
			theirs = better(theirs, await hammer(`https://localhost:${port}/`));
			ours = better(ours, await hammer(`${site.url}/healthz`));
		}
	} finally {
		bare.kill();
	}
	return { ours, theirs, rss: await finish(site) };
}

// pgbench's script with every @name(a | b) made the statement of that name.
function script(file, dir) {
	const folder = path.join(top, 'schemas/queries');
	const statements = new Map(readdirSync(folder).flatMap((name) =>
		[...readFileSync(path.join(folder, name), 'utf8').matchAll(
			/^-- name: (\w+)\n([^]*?;)\s*$/gm)].map(([, key, text]) => [key,
			text.replace(/^\s*--.*\n/gm, '').trim().replace(/;$/, '')])));
	const text = readFileSync(path.join(here, file), 'utf8').replace(
		/^@(\w+)\((.*)\)(;| \\gset \w+)$/gm, (_, name, list, end) => {
			const args = list.split(' | ');
			return statements.get(name).replace(/\$(\d+)/g,
				(__, n) => `(${args[n - 1]})`) + end;
		});
	const out = path.join(dir, file);
	writeFileSync(out, text);
	return out;
}

async function pgbench(database, file, clients, each, variables) {
	const done = await run('/usr/lib/postgresql/15/bin/pgbench', ['-n', '-M',
		'prepared', '-h',
		process.env.PGHOST, '-U', 'hosogate_gateway', '-c', `${clients}`,
		'-j', `${Math.min(threads, clients)}`, '-t', `${each}`, '-f', file,
		...Object.entries(variables).flatMap(([name, value]) =>
			['-D', `${name}=${value}`]), database]);
	const rate = done.stdout.match(/tps = ([\d.]+)/);
	if (done.code !== 0 || !rate)
		throw new Error(`pgbench: ${done.stderr}${done.stdout}`);
	return { rate: Number(rate[1]), clients };
}

// Signed PDFs of 100 KB, each another document; then the form around them.
async function papers(site) {
	const dir = path.join(site.dir, 'papers');
	const names = Array.from({ length: submissions }, (_, i) => `${i}`);
	mkdirSync(dir);
	const blank = (await run('awk', ['-v', 'pad=67800', '-f',
		path.join(top, 'tests/setup/pdf.awk')], { input: 'DON DE NGHI so 0000000\n',
		encoding: 'latin1', env: { ...process.env, LC_ALL: 'C' } })).stdout;
	for (const name of names)
		writeFileSync(path.join(dir, name), Buffer.from(
			blank.replace('0000000', name.padStart(7, '0')), 'latin1'));
	for (let i = 0; i < names.length; i += 500)
		await site.must('sign', '--pkcs12', pki('people/citizen.p12'),
			'--password-file', pki('people/.password'),
			...names.slice(i, i + 500).map((name) => path.join(dir, name)));
	for (const name of names)
		await run('mv', [path.join(dir, `${name}.signed.pdf`),
			path.join(dir, `${name}.pdf`)]);
	const { body } = multipart({ dossier: { procedure: 'BENCH-1',
		unit: 'H29.20', applicant: citizen,
		documents: [{ name: 'application' }] },
	application: { data: '', file: 'application.pdf' } });
	const text = body.toString().replace(/hosogate-[0-9a-f-]{36}/g, 'bench');
	const at = text.lastIndexOf('\r\n--bench--');
	writeFileSync(path.join(dir, 'head'), text.slice(0, at));
	writeFileSync(path.join(dir, 'tail'), text.slice(at));
	writeFileSync(path.join(dir, 'key'), secret('client.key'));
	return { dir, bytes: statSync(path.join(dir, '0.pdf')).size };
}

// Runs a wrk script that sends each of its requests once, until the database
// has them all or gets no more; the rate is by the database's own times.
async function drain(args, env, database, sql, wanted) {
	const child = spawn('wrk', [...args, '-d', '600s'],
		{ env: { ...process.env, ...env }, stdio: 'ignore' });
	const look = async () => {
		const [[count, micros]] = await psql(database, sql);
		return { count: Number(count), rate: count / micros * 1e6 };
	};
	let seen = await look(), idle = 0;
	while (seen.count < wanted && idle < 10) {
		await new Promise((resolve) => setTimeout(resolve, 500));
		const now = await look();
		idle = now.count === seen.count ? idle + 1 : 0;
		seen = now;
	}
	child.kill('SIGINT');
	return seen;
}

const micros = (column) => `extract(epoch FROM max(${column}) -
	min(${column})) * 1000000`;

async function submit() {
	let kept;
	const site = await gateway('bench_submit', async (s) => {
		kept = await papers(s);
	});
	let ours, theirs, client, report;
	const half = submissions / 2;
	for (const [round, clients] of [[0, 4], [1, 8]]) { // taken in turns
		const [[last]] = await psql('bench_submit',
			'SELECT coalesce(max(id), 0) FROM dossier');
		ours = better(ours, await drain(['-t', `${threads}`, '-c', '16', '-s',
			path.join(here, 'submit.lua'), site.url], { BENCH_DIR: kept.dir,
			BENCH_THREADS: `${threads}`, BENCH_FROM: `${round * half}`,
			BENCH_TOTAL: `${(round + 1) * half}` }, 'bench_submit',
		`SELECT count(*), ${micros('received_at')} FROM dossier
			WHERE id > ${last}`, half));
		[[report]] = await psql('bench_submit',
			'SELECT report FROM document WHERE report IS NOT NULL LIMIT 1');
		[[client]] = await psql('bench_submit',
			"SELECT id FROM client WHERE code = 'portal'");
		theirs = better(theirs, await pgbench('bench_submit',
			script('submit.sql', site.dir), clients,
			Math.ceil(half / clients), { report, client }));
	}
	const rss = await finish(site);
	return { ours, theirs, rss, bytes: kept.bytes };
}

// One dossier that waits for its fee, then copies of its rows.
async function owing(site, count) {
	const ask = async (method, where, headers, body) => {
		const res = await site.call({ method, path: where, headers, body });
		if (res.status >= 300)
			throw new Error(res.text);
		return res;
	};
	const { submission } = await import('../setup/sample.js');
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

async function notice() {
	const rounds = [4, 8, 16, 32, 64];
	const each = Math.ceil(notices / rounds.length / 64) * 64;
	let url;
	const site = await gateway('bench_notice', async (s) => {
		url = await owing(s, notices + each * rounds.length);
	});
	const file = path.join(site.dir, 'queries');
	const half = notices / 2;
	let ours, theirs, first = notices, done = 0;
	for (const clients of rounds) { // taken in turns
		if (done < notices) {
			writeFileSync(file, Array.from({ length: half }, (_, i) => paid(url, {
				vnp_TxnRef: `P1R${(done + i + 1).toString(16).padStart(20, '0')}`,
				vnp_TransactionNo: String(200000000000000 + done + i) }))
				.join('\n'));
			ours = better(ours, await drain(['-t', `${threads}`, '-c', '64', '-s',
				path.join(here, 'notice.lua'), site.url],
			{ BENCH_FILE: file, BENCH_THREADS: `${threads}` }, 'bench_notice',
			`SELECT count(*), ${micros('moved_at')} FROM payment_attempt
				WHERE state = 3 AND id > ${base + done}
				  AND id <= ${base + done + half}`, half));
			done += half;
		}
		theirs = better(theirs, await pgbench('bench_notice',
			script('notice.sql', site.dir), clients, each / clients,
			{ i: 0, first, base, each: each / clients }));
		first += each;
	}
	const again = await hammer(
		`${site.url}/v1/payments/callbacks/vnpay?${paid(url)}`);
	const [[effects]] = await psql('bench_notice',
		`SELECT count(*) FROM ledger_journal WHERE attempt_id < ${base}`);
	const rss = await finish(site);
	return { ours, theirs, rss, again: { ...again, effects } };
}

const table = [];
function row(what, { ours, theirs, rss }, target, note) {
	const ratio = ours.rate / theirs.rate;
	table.push([what, ratio.toFixed(2), `≥ ${target}`,
		ratio >= target ? 'met' : 'MISSED', ours.rate.toFixed(0),
		theirs.rate.toFixed(0), `${rss.toFixed(0)} MB`,
		rss <= 100 ? 'met' : 'MISSED', note]);
}

say('GET /healthz');
const h = await healthz();
row('GET /healthz, requests/s', h, 0.7,
	`against bare libmicrohttpd; p99 ${h.ours.p99} and ${h.theirs.p99}`);
say('signed submissions');
const s = await submit();
row('signed submissions/s', s, 0.5, `against pgbench, ${s.theirs.clients} ` +
	`clients, same statements; ${s.ours.count} PDFs of ${s.bytes} bytes`);
say('payment callbacks');
const n = await notice();
row('payment callbacks/s', n, 3, `against pgbench, ${n.theirs.clients} ` +
	`clients, one transaction each; ${n.ours.count} over 64 connections`);
say(`one callback over and over: ${n.again.rate.toFixed(0)}/s answered ` +
	`(target 10000), p99 ${n.again.p99}, ${n.again.effects} booked`);

const head = ['what', 'ratio', 'target', '', 'ours', 'theirs', 'peak RSS',
	'≤ 100', 'how'];
const widths = head.map((name, i) => Math.max(...[head, ...table]
	.map((line) => [...line[i]].length)));
console.log(`${os.cpus()[0].model.trim()}, ${threads} threads, ` +
	`load generator on the same machine, fsync on`);
for (const line of [head, ...table])
	console.log(line.map((cell, i) => cell.padEnd(widths[i])).join('  ')
		.trimEnd());
