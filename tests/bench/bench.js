// `make bench`: the gateway against what stands under it, in one run on one
// machine.  Ratios first, since machines differ; absolute figures beside them.
//
//	healthz        GET /healthz over TLS, kept alive, against bare_mhd.c
//	submissions    POST /v1/dossiers with a signed PDF of 100 KB, against
//	               pgbench doing the same statements (submit.sql)
//	memory         peak resident set of the gateway under each
//
// What payments cost is payments.js.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { call, multipart } from '../setup/http.js';
import { citizen } from '../setup/sample.js';
import { freePort, pki, psql, run, secret, top, until } from '../setup/site.js';
import { better, drain, finish, gateway, hammer, here, micros, pgbench, say,
	script, threads } from './ground.js';

const submissions = Number(process.env.BENCH_SUBMISSIONS ?? 2000);

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

const head = ['what', 'ratio', 'target', '', 'ours', 'theirs', 'peak RSS',
	'≤ 100', 'how'];
const widths = head.map((name, i) => Math.max(...[head, ...table]
	.map((line) => [...line[i]].length)));
console.log(`${os.cpus()[0].model.trim()}, ${threads} threads, ` +
	`load generator on the same machine, fsync on`);
for (const line of [head, ...table])
	console.log(line.map((cell, i) => cell.padEnd(widths[i])).join('  ')
		.trimEnd());
