// hosogate audit: the record is changed by hand, behind the triggers, and the
// first row that lies is named.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { document, gateway, sha256, until } from './gateway.js';
import { caught, tamper, verify } from './tamper.js';

const headed = (g) => until(async () => (await g.psql(
	`SELECT count(*) FROM event v WHERE v.xact >= coalesce(
		(SELECT max(to_xact::text::bigint)::text::xid8 FROM event_head), '0')`
))[0][0] === '0', { what: 'a head is over all events' });

test('each column of an event, each gap and each row moved by hand is found',
	async (t) => {
		const g = await gateway(t, { config: { head_seconds: 3600 } });
		const d = await g.dossier({ in: 'returned' });
		const at = (seq) => `dossier_id = (SELECT id FROM dossier
			WHERE code = '${d.code}') AND seq = ${seq}`;
		const where = (what) => new RegExp(`${d.code}.*${what}`);
		const columns = { kind: [`'refuse'`, `'accept'`],
			at: [`at + interval '1 us'`, `at - interval '1 us'`],
			actor: ['actor + 1', 'actor - 1'],
			data: [`data || ' '`, 'rtrim(data)'] };

		for (const [column, [lie, truth]] of Object.entries(columns))
			await caught(g,
				`UPDATE event SET ${column} = ${lie} WHERE ${at(2)}`,
				`UPDATE event SET ${column} = ${truth} WHERE ${at(2)}`,
				where('seq 2 .*one of kind, at, actor, data'));
		await caught(g,
			`UPDATE event SET hash = sha256(hash) WHERE ${at(2)};
			 CREATE TABLE kept AS SELECT prev FROM event WHERE ${at(3)}`,
			`UPDATE event SET hash = (SELECT prev FROM kept) WHERE ${at(2)};
			 DROP TABLE kept`,
			where('seq 2 .*column hash'));
		await caught(g,
			`CREATE TABLE kept AS SELECT prev FROM event WHERE ${at(3)};
			 UPDATE event SET prev = sha256(prev) WHERE ${at(3)}`,
			`UPDATE event SET prev = (SELECT prev FROM kept) WHERE ${at(3)};
			 DROP TABLE kept`,
			where('seq 3 .*column prev'));
		await caught(g,
			`CREATE TABLE kept AS SELECT * FROM event WHERE ${at(3)};
			 DELETE FROM event WHERE ${at(3)}`,
			'INSERT INTO event SELECT * FROM kept; DROP TABLE kept',
			where('seq 4 .*missing'));
		await caught(g,
			`CREATE TABLE kept AS SELECT * FROM event WHERE dossier_id =
			   (SELECT id FROM dossier WHERE code = '${d.code}')
			   ORDER BY seq DESC LIMIT 1;
			 DELETE FROM event USING kept WHERE event.id = kept.id`,
			'INSERT INTO event SELECT * FROM kept; DROP TABLE kept',
			where('its last events are missing'));
	});

test('a dossier that was moved by hand is named with its column',
	async (t) => {
		const g = await gateway(t, { config: { head_seconds: 3600 } });
		const d = await g.dossier({ in: 'processing' });
		const set = (change) => `UPDATE dossier SET ${change}
			WHERE code = '${d.code}'`;
		const day = `interval '1 day'`;
		for (const [column, lie, truth] of [
			['state', 9, 4], ['version', 'version + 1', 'version - 1'],
			['supplements', 1, 0],
			['accepted_at', `accepted_at - ${day}`, `accepted_at + ${day}`],
			['due_at', `due_at + ${day}`, `due_at - ${day}`],
			['original_due_at', `original_due_at + ${day}`,
				`original_due_at - ${day}`],
			['ended_at', 'now()', 'NULL']])
			await caught(g, set(`${column} = ${lie}`),
				set(`${column} = ${truth}`),
				new RegExp(`${d.code}.*column ${column} `));
	});

test('bytes that are not those that were handed in are found', async (t) => {
	const g = await gateway(t, { config: { head_seconds: 3600 } });
	const d = await g.submit();
	const hash = sha256(document('application-signed.pdf'));
	await caught(g,
		`UPDATE content SET bytes = bytes || '\\x00'
		  WHERE sha256 = '\\x${hash}'`,
		`UPDATE content SET bytes = substr(bytes, 1, length(bytes) - 1)
		  WHERE sha256 = '\\x${hash}'`,
		new RegExp(`${d.code}, document .*application.*bytes`));
	await caught(g,
		`UPDATE document SET name = 'other' WHERE sha256 = '\\x${hash}'`,
		`UPDATE document SET name = 'application' WHERE name = 'other'`,
		new RegExp(`${d.code}.*a document that it tells of`));
});

test('a form or receipt that is changed, swapped or slipped in is found',
	async (t) => {
	const g = await gateway(t, { config: { head_seconds: 3600, tick_ms: 20 } });
	const d = await g.dossier({ in: 'processing' });
	const papers = await until(async () => {
		const rows = await g.psql(`SELECT what, id, encode(sha256, 'hex')
			FROM dossier_paper ORDER BY what`);
		return rows.length === 2 && rows;
	}, { what: 'form 01 and the receipt are made' });
	const { history } = (await g.get(`/v1/dossiers/${d.code}`)).json;
	const { data } = history.find((h) => h.event === 'form');
	assert.equal(data.sha256, papers[0][2]);
	assert.equal(data.number, '01');
	const other = sha256(document('application-signed.pdf'));

	for (const [what, id, hash] of papers) {
		await caught(g,
			`UPDATE content SET bytes = bytes || '\\x00'
			  WHERE sha256 = '\\x${hash}'`,
			`UPDATE content SET bytes = substr(bytes, 1, length(bytes) - 1)
			  WHERE sha256 = '\\x${hash}'`,
			new RegExp(`${d.code}, ${what} ${id}: its bytes`));
		const table = what === 'form' ? 'dossier_form' : 'receipt_document';
		await caught(g,
			`UPDATE ${table} SET sha256 = '\\x${other}'
			  WHERE sha256 = '\\x${hash}'`,
			`UPDATE ${table} SET sha256 = '\\x${hash}'
			  WHERE sha256 = '\\x${other}'`,
			new RegExp(`${d.code}.*\\(${what}\\): the form, receipt .*` +
				'another'));
	}
	await caught(g,
		`INSERT INTO dossier_form SELECT f.tenant_id, f.id + 1000,
		        f.dossier_id, v.id, '01', false, 'issued', f.called_at,
		        f.run_at, 1, f.made_at, '\\x${other}', 'mau-01.pdf', true, ''
		   FROM dossier_form f
		   JOIN event v ON v.dossier_id = f.dossier_id AND v.kind = 'paid'`,
		'DELETE FROM dossier_form WHERE id > 1000',
		/form 1\d{3}: no event tells of its hash/);
});

test('a head covers what was committed, and cannot be bent', async (t) => {
	const g = await gateway(t, { config: { head_seconds: 1 } });
	await g.submit();
	await headed(g);
	await g.submit();
	await headed(g);
	await g.stop();
	const done = await verify(g);
	assert.equal(done.code, 0, done.stdout);
	assert.match(done.stdout, /unsigned +0 /);

	const first = 'number = (SELECT min(number) FROM event_head)';
	await caught(g, `UPDATE event_head SET events = events + 1 WHERE ${first}`,
		`UPDATE event_head SET events = events - 1 WHERE ${first}`,
		/event_head \d+: it is over/);
	await caught(g,
		`UPDATE event_head SET made_at = made_at + interval '1 s'
		  WHERE ${first}`,
		`UPDATE event_head SET made_at = made_at - interval '1 s'
		  WHERE ${first}`, /event_head \d+: column made_at or hash/);
	await caught(g,
		`CREATE TABLE kept AS SELECT signature FROM event_head WHERE ${first};
		 UPDATE event_head SET signature = sha256(signature) WHERE ${first}`,
		`UPDATE event_head SET signature = (SELECT signature FROM kept)
		  WHERE ${first}; DROP TABLE kept`, /signature is not the gateway's/);
	await caught(g,
		`CREATE TABLE kept AS SELECT * FROM event_head WHERE ${first};
		 DELETE FROM event_head WHERE ${first}`,
		'INSERT INTO event_head SELECT * FROM kept; DROP TABLE kept',
		/does not begin where the last one ended/);
});

test('a whole chain that was forged anew is caught by the head', async (t) => {
	const g = await gateway(t, { config: { head_seconds: 1 } });
	const d = await g.submit();
	await headed(g);
	await g.stop();
	await tamper(g, `UPDATE event v SET actor = actor + 1,
			hash = event_hash(v.prev, v.tenant_id, v.dossier_id, v.seq,
				v.kind, (extract(epoch FROM v.at) * 1000000)::bigint,
				v.actor + 1, v.data)
		 FROM dossier d WHERE d.code = '${d.code}' AND d.id = v.dossier_id;
		 UPDATE event_chain c SET head = v.hash FROM event v
		  WHERE v.dossier_id = c.dossier_id AND v.seq = c.seq`);
	const done = await verify(g);
	assert.equal(done.code, 1, done.stdout);
	assert.match(done.stdout, /event_head \d+: its root/);
});

test('the evidence of a dossier is a folder that checks itself', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'returned' });
	const folder = path.join(g.dir, 'evidence');
	const run = (code) => g.cli(['audit', 'export', '-c', g.configFile, code,
		folder]);

	assert.equal((await run('H29.20-000000-0001')).code, 1);
	const done = await run(d.code);
	assert.equal(done.code, 0, done.stderr);
	assert.equal((await run(d.code)).code, 1, 'a folder is never overwritten');

	const read = (name) => readFileSync(path.join(folder, name));
	const lines = read('manifest.sha256').toString().trimEnd().split('\n');
	for (const line of lines) {
		const [hash, name] = line.split('  ');
		assert.equal(sha256(read(name)), hash);
	}
	const there = readdirSync(folder, { recursive: true })
		.filter((name) => statSync(path.join(folder, name)).isFile());
	assert.equal(there.length, lines.length + 1);
	const events = JSON.parse(read('events.json'));
	assert.equal(events[0].kind, 'registered');
	// Papers come when they are made.
	assert.equal(events.filter((e) => !['receipt', 'form'].includes(e.kind))
		.at(-1).kind, 'return');
	assert.ok(lines.some((line) => line.startsWith(
		sha256(document('application-signed.pdf')))));
	assert.ok(lines.some((line) => line.startsWith(
		sha256(document('result-signed.pdf')))));
});
