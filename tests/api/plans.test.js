// What a payment, a submission and a mail cost must not grow with the record:
// each of their statements finds its rows by their keys.  The planner is asked,
// on tables that have been filled, with statistics; statements are planned as a
// transaction's are, once for all arguments.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { psql, top } from '../setup/site.js';
import { gateway } from './gateway.js';

const database = 'plans';
const rows = 20000;
const filled = ['content', 'document', 'dossier', 'dossier_form', 'event', 'event_chain', 'ledger_account',
	'ledger_entry', 'ledger_journal', 'outbox', 'outbox_delivery', 'pause', 'payment_attempt',
	'payment_line', 'payment_request', 'provider_event', 'receipt',
	'receipt_work', 'timer'];

// In the order in which a callback runs them.
const payment = ['payment_marked', 'payment_repeats', 'payment_lock',
	'payment_load', 'dossier_lock', 'dossier_by_ids', 'ledger_find',
	'payment_hear', 'payment_move', 'payment_settle', 'ledger_book', 'dossier_move',
	'sla_pause_close', 'sla_clock', 'timer_drop', 'timer_set', 'event_append',
	'outbox_announce', 'receipt_issue', 'receipt_paper',
	'receipt_lines', 'receipt_work_done'];

const folder = path.join(top, 'schemas/queries');
const statements = new Map(readdirSync(folder).flatMap((name) =>
	readFileSync(path.join(folder, name), 'utf8').split(/^-- name: /m).slice(1)
		.map((part) => [part.slice(0, part.indexOf('\n')),
			part.slice(part.indexOf('\n')).trim().replace(/;$/, '')])));

// A value of each type that no two rows share; half of what may be null is.
const values = { bigint: '1000000 + n', integer: '1000000 + n',
	smallint: 'n % 7', text: `'x' || n`, boolean: 'n % 2 = 0',
	bytea: 'sha256(int8send(n))', jsonb: `'{}'::jsonb`, json: `'{}'::json`, xid8: `'1'`,
	'timestamp with time zone': `now() - n * interval '1 minute'` };
const valueOf = (type) => type.endsWith('[]') ? `'{}'` : values[type] ?? 'NULL';

async function fill(table) {
	const columns = await psql(database, `SELECT attname,
			format_type(atttypid, atttypmod), attnotnull
		  FROM pg_attribute
		 WHERE attrelid = '${table}'::regclass AND attnum > 0
		   AND NOT attisdropped AND attgenerated = ''`);
	const value = ([name, type, must]) => name === 'tenant_id' ? '1'
		: must === 't' ? valueOf(type)
			: `CASE WHEN n % 2 = 0 THEN ${valueOf(type)} END`;
	await psql(database, `SET session_replication_role = replica;
		INSERT INTO ${table} (${columns.map(([name]) => name)})
			OVERRIDING SYSTEM VALUE
		SELECT ${columns.map(value)} FROM generate_series(1::bigint, ${rows}) n
		    ON CONFLICT DO NOTHING;
		ANALYZE ${table}`);
}

async function plan(text) {
	const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)]
		.map(([, n]) => Number(n)));
	const nulls = count > 0 ? `(${Array(count).fill('NULL')})` : '';
	const out = await psql(database, `SET plan_cache_mode = force_generic_plan;
		SET enable_seqscan = off;
		PREPARE s AS ${text};
		EXPLAIN (FORMAT JSON) EXECUTE s ${nulls}`);
	return JSON.parse(out.map((row) => row.join('\t')).join('\n'))[0].Plan;
}

const nodes = (node) => [node, ...(node.Plans ?? []).flatMap(nodes)];

// Reads a whole table, or all that a tenant has in it.
function isWhole(node) {
	const cond = (node['Index Cond'] ?? '').replace(/::\w+/g, '');
	return node['Node Type'] === 'Seq Scan' && filled.includes(node['Relation Name'])
		|| /Index/.test(node['Node Type']) && node['Plan Rows'] > rows / 10
			&& (cond === '' || /^\(tenant_id = [^()]*\)$/.test(cond));
}

before(async () => {
	await psql('postgres', `CREATE DATABASE ${database} TEMPLATE template`);
	const checks = await psql(database, `SELECT conrelid::regclass, conname
		FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0
			AND connamespace = 'public'::regnamespace`);
	await psql(database, checks.map(([table, name]) =>
		`ALTER TABLE ${table} DROP CONSTRAINT "${name}";`).join('\n'));
	for (const table of filled)
		await fill(table);
});

const submission = ['idempotency_claim', 'content_add', 'dossier_add',
	'document_add', 'evidence_link', 'idempotency_keep'];
const mail = ['courier_letters', 'courier_finish'];

for (const name of [...payment, ...submission, ...mail])
	test(`${name} reads by key`, async () => {
		assert.ok(statements.has(name), 'there is such a statement');
		assert.deepEqual(nodes(await plan(statements.get(name)))
			.filter(isWhole), []);
	});

test('what a transaction runs is planned once', async (t) => {
	const g = await gateway(t);
	await g.psql(`CREATE TABLE seen (mode text);
		GRANT INSERT ON seen TO hosogate_gateway;
		CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO seen VALUES (current_setting('plan_cache_mode'));
			RETURN NULL;
		END $$;
		CREATE TRIGGER see AFTER INSERT ON event
			FOR EACH STATEMENT EXECUTE FUNCTION see()`);

	await g.submit();

	assert.deepEqual(await g.psql('SELECT DISTINCT mode FROM seen'),
		[['force_generic_plan']]);
});
