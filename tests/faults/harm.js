// What fault tests share: a cluster of their own that may be stopped, the
// verifier's processes, and a small signed form that is cheap to send often.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

import { pki, run, top } from '../setup/site.js';

const setup = (name) => path.join(top, 'tests/setup', name);

// A PostgreSQL beside the common one: from now on this process uses it.  Hooks
// run in the order in which they are set, so the caller sets drop() after the
// gateway's own.
export async function ownCluster() {
	const name = `f${process.pid}`;
	const cluster = async (verb) => {
		const done = await run(setup('cluster.sh'), [verb, name]);
		assert.equal(done.code, 0, done.stderr);
		return done.stdout.trim();
	};
	await cluster('start');
	process.env.HOSOGATE_CLUSTER = name;
	process.env.PGHOST = await cluster('path');
	const done = await run(process.execPath, [setup('template.js')]);
	assert.equal(done.code, 0, done.stderr);
	const postmaster = () => Number(readFileSync(path.join(top, '.run', name,
		'pg/data/postmaster.pid'), 'utf8').split('\n')[0]);
	return { start: () => cluster('start'), stop: () => cluster('stop'),
		drop: () => cluster('drop'),
		signal: (what) => signalAll(children(postmaster()), what) };
}

const parentOf = (pid) => {
	try {
		return Number(readFileSync(`/proc/${pid}/stat`, 'utf8')
			.split(') ').pop().split(' ')[1]);
	} catch {
		return 0; // it has ended meanwhile
	}
};

const processes = () => readdirSync('/proc')
	.filter((name) => /^\d+$/.test(name)).map(Number);
const children = (pid) => processes().filter((one) => parentOf(one) === pid);

// The verifier children: they stand under the nursery, which stands under the
// gateway.
export function verifiers(g) {
	return children(g.child.pid).flatMap(children);
}

export function signalAll(pids, name) {
	for (const pid of pids)
		try {
			process.kill(pid, name);
		} catch (e) {
			if (e.code !== 'ESRCH')
				throw e;
		}
}

// A process that was killed lives on for a moment.
export function isDead(pid) {
	try {
		return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')
			.split(')').at(-1));
	} catch (e) {
		return e.code === 'ENOENT' || e.code === 'ESRCH';
	}
}

// The citizen's application signed by our own tool: 30 KB, where pdfsig's
// appearance with its font makes 800.
export async function smallApplication(g) {
	const out = path.join(g.dir, 'application.pdf');
	await g.must('sign', '--pkcs12', pki('people/citizen.p12'),
		'--password-file', pki('people/.password'), '--out', out,
		path.join(top, '.run/documents/application.pdf'));
	return { application: { file: 'application.pdf',
		type: 'application/pdf', data: readFileSync(out) } };
}

// The environment of a program whose clock is off by so many seconds.
export const clockOff = (shift) => ({
	LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
	FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
	ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:` +
		'verify_asan_link_order=0' });

// A way to PostgreSQL through the folder dir, for conninfo's host.  cut() ends
// the connection of the next transaction that runs this statement when the
// server has carried out its COMMIT, and before the answer is through; cuts
// says whether it did.
export async function wire(t, dir) {
	const w = { cuts: 0, cut: (statement) => { w.statement = statement; } };
	const open = new Set();
	const server = net.createServer((near) => {
		const far = net.connect(path.join(process.env.PGHOST, '.s.PGSQL.5432'));
		let [ours, last] = [false, false];
		open.add(near);
		near.on('data', (bytes) => {
			// Bind: no portal, and the statement's name.
			ours ||= w.statement && bytes.includes(`\0${w.statement}\0`);
			if (ours && bytes.includes('COMMIT\0')) {
				w.statement = ours = false;
				last = true;
			}
			far.write(bytes);
		});
		far.on('data', (bytes) => {
			if (last) {
				w.cuts += 1;
				near.destroy();
			} else {
				near.write(bytes);
			}
		});
		for (const [one, other] of [[near, far], [far, near]])
			one.on('error', () => {}).on('close', () => other.destroy());
	});
	await new Promise((resolve) =>
		server.listen(path.join(dir, '.s.PGSQL.5432'), resolve));
	t.after(() => {
		for (const near of open)
			near.destroy();
		server.close();
	});
	return w;
}

// Every metric, by name.
export async function metrics(g) {
	const { text } = await g.operator('/metrics');
	return Object.fromEntries([...text.matchAll(/^(\w+) (\d+)$/gm)]
		.map(([, name, value]) => [name, Number(value)]));
}
