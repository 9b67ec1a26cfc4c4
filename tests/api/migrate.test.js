// hosogate migrate, and what the gateway's role may do.  Refusals first.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { top } from '../setup/site.js';
import { gateway, sha256 } from './gateway.js';

const migrate = (g) => g.cli(['migrate', '-c', g.configFile]);

async function empty(g) {
	await g.psql('DROP SCHEMA public CASCADE');
	await g.psql('CREATE SCHEMA public AUTHORIZATION hosogate_owner');
}

// A database as the program left it whose last migration this was.
async function asOf(g, last) {
	const folder = path.join(top, 'schemas/db');

	await empty(g);
	for (const name of readdirSync(folder).sort()) {
		if (!(parseInt(name) <= last))
			continue;
		const text = readFileSync(path.join(folder, name), 'utf8');
		await g.psql(`SET ROLE hosogate_owner; ${text};
			INSERT INTO migration (number, name, sha256) VALUES
			(${parseInt(name)}, '${name}', '\\x${sha256(text)}')`);
	}
}

async function refused(g, what) {
	const before = await g.psql('SELECT * FROM migration ORDER BY 1');
	const done = await migrate(g);
	assert.equal(done.code, 1);
	assert.match(done.stderr, what);
	assert.deepEqual(await g.psql('SELECT * FROM migration ORDER BY 1'),
		before);
}

test('a database that is newer than the program is left alone', async (t) => {
	const g = await gateway(t, { start: false });
	await g.psql(`INSERT INTO migration (number, name, sha256)
		SELECT max(number) + 1, '9999-future.sql', sha256('x')
		  FROM migration`);
	await refused(g, /9999-future\.sql.*newer/);
});

test('a database with another history is left alone', async (t) => {
	const g = await gateway(t, { start: false });
	await g.psql(`UPDATE migration SET sha256 = sha256('x') WHERE number = 2`);
	await refused(g, /0002-dossier\.sql/);
});

test('a database with a gap in its history is left alone', async (t) => {
	const g = await gateway(t, { start: false });
	await g.psql('DELETE FROM migration WHERE number = 2');
	await refused(g, /3 and not 2/);
});

test('the server does not start on an older schema', async (t) => {
	const g = await gateway(t, { start: false });
	await empty(g);
	const done = await g.cli(['serve', '-c', g.configFile],
		{ timeout: 30000 });
	assert.notEqual(done.code, 0);
	assert.match(done.stderr, /migrate/);
});

test('the server does not start where a statement has lost its column',
	async (t) => {
	const g = await gateway(t, { start: false });
	await g.psql(`ALTER TABLE receipt_summary RENAME COLUMN day TO days`);

	const served = await g.cli(['serve', '-c', g.configFile]);

	assert.notEqual(served.code, 0);
	assert.match(served.stderr, /receipt_\w+ does not prepare .*42703/);
});

test('two that migrate at once both succeed, and each file runs once',
	async (t) => {
		const g = await gateway(t, { start: false });
		await empty(g);
		const [a, b] = await Promise.all([migrate(g), migrate(g)]);
		assert.equal(a.code, 0, a.stderr);
		assert.equal(b.code, 0, b.stderr);
		const [[count, last]] = await g.psql(
			'SELECT count(*), max(number) FROM migration');
		assert.equal(count, last);
		const both = a.stdout + b.stdout;
		assert.equal(both.split('0001-base.sql').length, 2, both);
	});

test('a second run does nothing', async (t) => {
	const g = await gateway(t, { start: false });
	const done = await migrate(g);
	assert.equal(done.code, 0, done.stderr);
	assert.match(done.stdout, /^schema (\d+), was \1\n$/);
});

test('the gateway may change or delete no record', async (t) => {
	const g = await gateway(t, { start: false });
	for (const statement of [
		'DELETE FROM event', `UPDATE event SET data = '{}'`,
		'TRUNCATE event', 'DELETE FROM event_head', 'DELETE FROM dossier',
		`UPDATE dossier SET code = 'x'`, 'DELETE FROM document',
		`UPDATE document SET indication = 'TOTAL-PASSED'`,
		'DELETE FROM content', `UPDATE content SET bytes = ''`,
		'DELETE FROM pause', 'UPDATE pause SET left_us = 0',
		'DELETE FROM ledger_entry', 'UPDATE ledger_entry SET amount = 1',
		'DELETE FROM provider_event', 'UPDATE payment_request SET amount = 1',
		`UPDATE officer SET rights = '{}'`, 'DELETE FROM client_key',
		`UPDATE procedure SET limit_amount = 99`,
		`UPDATE extension SET ground = 'x'`, 'DELETE FROM extension',
		'CREATE TABLE mine (x int)', 'DELETE FROM migration'])
		await assert.rejects(
			g.psql(`SET ROLE hosogate_gateway; ${statement}`),
			/permission denied|must be owner/, statement);
});

test('not even the owner changes an event unawares', async (t) => {
	const g = await gateway(t, { start: false });
	for (const statement of ['DELETE FROM event', 'TRUNCATE event CASCADE',
		`UPDATE event SET data = '{}'`, 'DELETE FROM event_head'])
		await assert.rejects(
			g.psql(`SET ROLE hosogate_owner; ${statement}`),
			/append-only/, statement);
});

test('0029: who closed a difference by name is an officer from then on, or ' +
	'stands in the note; what was open stays open', async (t) => {
	const g = await gateway(t, { start: false });
	await asOf(g, 28);
	const long = 'x'.repeat(1000);
	const ref = `P7R${'0'.repeat(20)}`;
	await g.psql(`SET session_replication_role = replica;
		INSERT INTO officer (tenant_id, id, unit_id, login, email, rights,
			password)
		VALUES (7, 40, 1, 'ptdung', 'a@b', '{}', 'scrypt$');
		INSERT INTO payment_attempt (tenant_id, request_id, ref, provider,
			terminal, amount, state, created_at, expires_at, moved_at)
		VALUES (7, 1, '${ref}', 'vnpay', 'T', 1, 1, now(),
			now() + interval '1 s', now());
		INSERT INTO settlement_difference (provider, class, day, ref, txn,
			closed_by, closed_at, note)
		VALUES ('vnpay', 'amount-diff', '2026-01-01', '${ref}', '1',
			'ptdung', now(), 'Đã đối chiếu'),
		('vnpay', 'amount-diff', '2026-01-01', 'P1R00', '2',
			'Bà Lan, kế toán', now(), 'Đã hoàn'),
		('vnpay', 'missing-here', '2026-01-01', '', '3', 'hosogate', now(),
			'Các bên đã khớp'),
		('vnpay', 'missing-there', '2026-01-01', '', '4', 'Bà Lan', now(),
			'${long}'),
		('vnpay', 'fee-diff', '2026-01-01', '${ref}', '5', NULL, NULL, '')`);

	const done = await migrate(g);

	assert.equal(done.code, 0, done.stderr);
	assert.match(done.stdout, /^0029-difference\.sql$/m);
	assert.deepEqual(await g.psql(`SELECT txn, tenant_id, closed_by,
		closed_at IS NOT NULL, note, proposed_by, owner
		FROM settlement_difference ORDER BY txn`), [
		['1', '7', '40', 't', 'Đã đối chiếu', '', ''],
		['2', '0', '0', 't', 'Bà Lan, kế toán: Đã hoàn', '', ''],
		['3', '0', '0', 't', 'Các bên đã khớp', '', ''],
		['4', '0', '0', 't', `Bà Lan: ${long}`.slice(0, 1000), '', ''],
		['5', '7', '', 'f', '', '', '']]);
	// From then on it takes two.
	await assert.rejects(g.psql(`UPDATE settlement_difference
		SET class = 'amount-diff', closed_by = 40, closed_at = now(),
		note = 'x' WHERE txn = '5'`), /difference_takes_two/);
});

test('0043: what was left is kept, at steps that have ended as well',
	async (t) => {
	const g = await gateway(t, { start: false });
	await asOf(g, 42);
	await g.psql(`SET session_replication_role = replica;
		INSERT INTO pause (tenant_id, dossier_id, seq, kind, phase, ground,
			began_at, began_by, left_sec)
		VALUES (1, 1, 1, 'supplement', 'work', 'x', now(), 1, 28801);
		INSERT INTO dossier_step (tenant_id, dossier_id, seq, code, began_at,
			began_by, first_due_at, ended_at, outcome, working_sec, paused_at,
			left_sec, went_on_sec)
		VALUES (1, 1, 1, 'x', now(), 1, now(), now(), 'ended', 0, NULL, NULL,
			60),
		(1, 1, 2, 'x', now(), 1, now(), NULL, NULL, NULL, now(), 7, NULL)`);

	const done = await migrate(g);

	assert.equal(done.code, 0, done.stderr);
	assert.deepEqual(await g.psql('SELECT left_us FROM pause'),
		[['28801000000']]);
	assert.deepEqual(await g.psql(`SELECT left_us, went_on_us
		FROM dossier_step ORDER BY seq`), [['', '60000000'], ['7000000', '']]);
});
