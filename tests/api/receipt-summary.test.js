// The day's table of receipts: made once its hour has come, handed over until
// it is taken, reported when it is not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { test } from 'node:test';

import { citizen, gateway, locks, pki, sha256, until } from './gateway.js';

const today = () => new Date(Date.now() + 7 * 3600e3).toISOString()
	.slice(0, 10);

// Whoever takes the tables: answers is what he says, the last one for ever.
async function authority(t, answers) {
	const got = [];
	const server = https.createServer({
		key: readFileSync(pki('tls/portal.key')),
		cert: readFileSync(pki('tls/portal.crt')) }, async (req, res) => {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		got.push({ key: req.headers['idempotency-key'],
			hash: req.headers['content-sha256'],
			bytes: Buffer.concat(parts) });
		res.writeHead(answers[Math.min(got.length, answers.length) - 1])
			.end();
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => server.close());
	return { got, host: `localhost:${server.address().port}` };
}

const look = (g, query = `day=${today()}`, options = { as: 'ptdung' }) =>
	g.get(`/v1/receipts?${query}`, options);
const events = (g, kind) => g.psql(
	`SELECT data FROM event WHERE dossier_id = 0 AND kind = '${kind}'`);

test('who may not see the day, and what is no day', async (t) => {
	const g = await gateway(t);

	assert.equal((await look(g, `day=${today()}`, {})).status, 403);
	assert.equal((await look(g, '')).status, 400);
	assert.equal((await look(g, 'day=2026-02-30')).status, 400);
	assert.deepEqual((await look(g)).json.items, []);
});

// Ends when the gateway has looked, from beginning to end, for what to sum up:
// each of its statements waits for the table once.
async function looked(g) {
	for (let i = 0; i < 4; i++)
		await g.psql(`BEGIN; LOCK TABLE receipt_summary;
			DO $$ BEGIN WHILE NOT EXISTS (SELECT
				FROM ${locks('receipt_summary')} WHERE NOT granted) LOOP PERFORM pg_sleep(0.01);
			END LOOP; END $$; COMMIT`);
}

// A gateway in which it is always the hour that the test wants, for whoever sums
// up: before the database's clock stands another, which only that connection
// reads.
async function clocked(t, hour, time) {
	const g = await gateway(t, { start: false, config: { tick_ms: 10,
		receipt_summary_hour: hour } });
	const day = today();
	const set = (now) => g.psql(`CREATE OR REPLACE FUNCTION
		early.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$
		SELECT pg_catalog.clock_timestamp() + interval '1 ms' *
		CASE current_setting('application_name') WHEN 'summaries'
		THEN ${new Date(`${day}T${now}+07:00`) - Date.now()} ELSE 0 END $$`);

	await g.psql(`CREATE SCHEMA early; GRANT USAGE ON SCHEMA early TO PUBLIC;
		ALTER DATABASE ${g.database}
		SET search_path = early, public, pg_catalog`);
	await set(time);
	await g.start();
	return { g, set };
}

test('before its hour nothing is summed up, and then at once', async (t) => {
	const { g, set } = await clocked(t, 22, '21:30:00');
	await g.dossier({ in: 'processing' });
	await looked(g);
	assert.deepEqual(await g.psql('SELECT * FROM receipt_summary'), []);

	await set('22:00:01');
	await until(async () => (await g.psql(
		'SELECT * FROM receipt_summary')).length === 1);
});

test('a day that is over is summed up before the hour', async (t) => {
	const { g } = await clocked(t, 23, '00:01:00');
	await g.dossier({ in: 'processing' });
	await looked(g);
	assert.deepEqual(await g.psql('SELECT * FROM receipt_summary'), []);

	await g.psql(`ALTER TABLE receipt DISABLE TRIGGER receipt_append_only;
		UPDATE receipt SET issued_at = issued_at - interval '1 day';
		ALTER TABLE receipt ENABLE TRIGGER receipt_append_only`);
	await until(async () => (await g.psql(
		'SELECT * FROM receipt_summary')).length === 1);
});

test('each receipt is told of once, in parts; the table is the archived one',
	async (t) => {
	const g = await gateway(t, { config: { tick_ms: 10,
		receipt_summary_hour: 0 } });
	const d = await g.dossier({ in: 'processing' });
	await until(async () => (await look(g)).json.items.length === 1);
	const [first] = (await look(g)).json.items;
	assert.deepEqual([first.part, first.receipts, first.last, first.waiting],
		[1, 1, 1, false]);

	await g.dossier({ in: 'processing' });
	await g.post(`/v1/dossiers/${d.code}/receipts/1/corrections`,
		{ kind: 'void', ground: 'Thu nhầm' }, { as: 'ptdung' });
	await g.psql(`ALTER TABLE receipt_summary DISABLE TRIGGER ALL;
		UPDATE receipt_summary SET made_at = made_at - interval '6 minutes'`);
	await until(async () => (await look(g)).json.items.length === 2);
	const [, second] = (await look(g)).json.items;
	assert.equal(second.part, 2);
	const table = await look(g, `day=${today()}&format=csv`);
	const lines = table.text.trimEnd().split('\r\n');
	assert.equal(lines.filter((l) => l.startsWith('STT,')).length, 2);
	assert.equal(lines.filter((l) => l.includes(citizen.name)).length,
		1 + second.receipts);
	assert.equal(sha256(lines.slice(0, 2).map((l) => `${l}\r\n`).join('')),
		first.sha256);
	assert.match(lines[1], /^1,01BLP,C26T,1,\d{4}-\d\d-\d\dT.*\+07:00,.*,60000,receipt,$/);
});

test('a table that is not taken is sent again under its name, reported once, ' +
	'and recorded when it was taken', async (t) => {
	const to = await authority(t, [503, 500, 200]);
	const g = await gateway(t, { config: { tick_ms: 10,
		receipt_summary_hour: 0, receipt_alarm_hour: 0,
		receipt_summary_url: `https://${to.host}/tables`,
		http_allow_private: [to.host] } });
	await g.dossier({ in: 'processing' });

	await until(() => to.got.length === 1);
	assert.equal((await look(g)).json.items[0].waiting, true);
	await until(async () => (await events(g, 'receipt-summary-late'))
		.length === 1);
	await until(async () => (await events(g, 'receipt-summary-sent'))
		.length === 1);
	assert.equal(to.got.length, 3);
	assert.deepEqual(new Set(to.got.map((r) => r.key)), new Set(
		[`"0301464893-01BLP-C26T-${today()}-1"`]));
	assert.ok(to.got.every((r) => sha256(r.bytes) === r.hash));
	const [item] = (await look(g)).json.items;
	assert.equal(item.waiting, false);
	assert.equal(item.sha256, to.got[0].hash);
	assert.equal((await events(g, 'receipt-summary-late')).length, 1);
});
