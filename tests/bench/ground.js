// What the benches stand on: a gateway of its own for each measurement, wrk and
// pgbench beside it, on one machine in one run.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { psql, run, Site, top } from '../setup/site.js';

export const here = path.join(top, 'tests/bench');
const seconds = Number(process.env.BENCH_SECONDS ?? 5);
export const threads = os.availableParallelism();
export const say = (text) => process.stderr.write(`bench: ${text}\n`);

const peak = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8')
	.match(/VmHWM:\s+(\d+)/)[1]) / 1024;

// A cluster that has run for a while writes over the segments of WAL that
// min_wal_size has kept; a new one makes each, and commits wait for it.
async function age(name) {
	await psql(name, `SELECT pg_logical_emit_message(false, 'bench',
		repeat('x', 1 << 20)) IS NULL FROM generate_series(1, 1100)`);
	await psql(name, 'CHECKPOINT');
}

// A gateway on a fresh copy of the template, used by one measurement.
export async function gateway(name, prepare = async () => {}) {
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
	await age(name);
	say(`${name} is filled`);
	return site;
}

export async function finish(site) {
	const rss = peak(site.child.pid);
	await site.stop();
	site.close();
	return rss;
}

// Requests a second, and the 99th percentile as wrk writes it.
export async function hammer(url) {
	const done = await run('wrk', ['-t', `${threads}`, '-c', '64', '-d',
		`${seconds}s`, '--latency', url]);
	const text = done.stdout;
	return { rate: Number(text.match(/Requests\/sec:\s+([\d.]+)/)[1]),
		p99: text.match(/99%\s+(\S+)/)[1] };
}

export const better = (a, b) => (a && a.rate > b.rate ? a : b);

// pgbench's script with every @name(a | b) made the statement of that name.
export function script(file, dir) {
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

export async function pgbench(database, file, clients, each, variables) {
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

// Runs a wrk script that sends each of its requests once, until the database
// has them all or gets no more; the rate is by the database's own times.
export async function drain(args, env, database, sql, wanted) {
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

export const micros = (column) => `extract(epoch FROM max(${column}) -
	min(${column})) * 1000000`;
