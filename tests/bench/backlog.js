// A gateway with a queue of messages, made in the database: n dossiers, each
// with one event; what is queued about them comes when the caller says so.
import { spawn } from 'node:child_process';
import path from 'node:path';

import { freePort, psql, run, Site, top, until } from '../setup/site.js';

export const base = 1000000; // where the keys of made rows begin

// Without the checks of foreign keys, which take most of the time.
const make = (name, sql) =>
	psql(name, `SET session_replication_role = replica; ${sql}`);

export async function dossiers(name, n, kind) {
	await make(name, `
		INSERT INTO dossier (tenant_id, id, code, unit_id, procedure_id,
			state, channel, applicant, received_at, moved_at, intake_due_at)
		SELECT 1, ${base} + i, 'BENCH-' || i, (SELECT min(id) FROM unit),
			(SELECT min(id) FROM procedure), 1, 'online',
			'{"name":"NGUYỄN VĂN AN","email":"an@example.com"}',
			now(), now(), now() + interval '1 day'
		FROM generate_series(1, ${n}) i;
		INSERT INTO event (tenant_id, id, dossier_id, seq, kind, at, actor,
			data, prev, hash)
		SELECT 1, ${base} + i, ${base} + i, 1, '${kind}', now(), 0, '{}',
			sha256('prev'), sha256('hash')
		FROM generate_series(1, ${n}) i;
		INSERT INTO outbox_dest (tenant_id, channel, client_id)
		VALUES (1, 'mail', 0) ON CONFLICT DO NOTHING`);
	await psql(name, 'VACUUM ANALYZE');
}

// The messages about the dossiers from one number to another.
export const queue = (name, from, to, template) => make(name, `
	INSERT INTO outbox (tenant_id, event_id, dossier_id, channel,
		recipient, template, lane)
	SELECT 1, ${base} + i, ${base} + i, 'mail', 'applicant', '${template}', 2
	FROM generate_series(${from}, ${to}) i`);

export const pause = (name, whether) => psql(name, `UPDATE outbox_channel
	SET paused_at = ${whether ? 'now()' : 'NULL'}`);

export const count = async (name, what) => Number((await psql(name,
	`SELECT count(*) FROM ${what}`))[0][0]);

// No heads are signed: a million events would be, in the time that is measured.
export async function site(name, config) {
	await psql('postgres', `CREATE DATABASE ${name} TEMPLATE template
		OWNER hosogate_owner`);
	const s = new Site(name, name, { config: { tick_ms: 50, head_key_file: '',
		...config } });
	await s.configure();
	return s;
}

// One statement waits inside the database: asking from outside again and again
// would take a share of the machine.
export const empty = (name) => psql(name, `DO $$ BEGIN
	FOR i IN 1..24000 LOOP
		IF NOT EXISTS (SELECT FROM outbox) THEN RETURN; END IF;
		COMMIT;
		PERFORM pg_sleep(0.025);
	END LOOP;
	RAISE EXCEPTION 'the queue is not empty within 600 s';
END $$`);

// Debian's Postfix for its smtp-sink and smtp-source; null where it cannot be
// had.
export async function postfix() {
	const done = await run(path.join(top, 'tests/setup/postfix.sh'), []);
	if (done.code !== 0) {
		console.log(`left out: ${done.stderr.trim()}`);
		return null;
	}
	const root = done.stdout.trim();
	const env = { ...process.env,
		LD_LIBRARY_PATH: path.join(root, 'usr/lib/postfix') };
	return { env, program: (name) => path.join(root, 'usr/sbin', name) };
}

// An smtp-sink with more options; its port and its end.
export async function sink({ program, env }, ...options) {
	const port = await freePort();
	const child = spawn(program('smtp-sink'),
		[...process.getuid() === 0 ? ['-u', 'nobody'] : [], ...options,
			`127.0.0.1:${port}`, '256'], { stdio: 'ignore', env });
	return { port, url: `smtp://127.0.0.1:${port}`,
		close: () => child.kill() };
}

// The rows of a table, each with its limit and whether that was kept.
export function report(rows) {
	console.log('| what | hosogate | beside it | ratio | limit | |\n' +
		'|---|---|---|---|---|---|');
	for (const { what, ours, theirs, beside, limit, met } of rows)
		console.log(`| ${what} | ${ours} | ${theirs} (${beside}) | ${(ours /
			theirs).toFixed(2)} | ${limit} | ${limit === '' ? ''
			: met ? 'PASS' : 'MISSED'} |`);
}

export { until };
