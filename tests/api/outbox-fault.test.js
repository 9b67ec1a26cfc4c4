// What mail servers and portals do when they are not well, for how long we go
// on, and what a day does to the queue.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { citizen, pki } from './gateway.js';
import { deliveries, peers, until, waiting } from './peers.js';

const to = (mail, address) => mail.mails.filter((m) => m.to === address);
const desk = 'ptdung.sgddt@tphcm.gov.vn';

test('a callback is given up after the tenth try, and kept', async (t) => {
	const { g, portal } = await peers(t, {
		config: { courier_backoff_percent: 0 } });
	portal.fail(Infinity);

	await g.submit();

	const [end] = await until(async () => {
		const found = await deliveries(g, `status = 'expired'`);
		return found.length > 0 && found;
	});
	assert.equal(portal.attempts.length, 10);
	assert.equal(end.reply, 'HTTP 500');
	assert.equal(await waiting(g, `channel = 'webhook'`), 0);
	assert.match((await g.cli(['queue', 'list', '-c', g.configFile])).stdout,
		/dead .*webhook .*HTTP 500/);
});

test('a mail that waited longer than seven days is given up', async (t) => {
	const { g, mail } = await peers(t);
	await mail.down();
	await g.submit();

	await g.psql(`UPDATE outbox SET created_at = now() - interval '169 hours'
		WHERE recipient = 'applicant'`);

	await until(async () => (await deliveries(g,
		`status = 'expired' AND recipient = 'applicant'`)).length === 1);
	assert.equal(await waiting(g, `recipient = 'desk'`), 1);
});

test('a mail server that was away for a day gets each mail once',
	async (t) => {
	const { g, mail } = await peers(t);
	await mail.down();
	await g.submit();
	await until(async () => (await deliveries(g,
		`channel = 'mail'`)).length > 2);
	// A day goes by: everything in the database is a day older.
	await g.psql(`UPDATE outbox SET created_at = created_at - interval '1 day',
		run_at = run_at - interval '1 day'`);
	await g.psql(`UPDATE outbox_lease
		SET lease_until = lease_until - interval '1 day'`);
	await g.psql(`UPDATE outbox_dest SET open_at = open_at - interval '1 day',
		lease_until = lease_until - interval '1 day'`);

	await mail.up();

	await until(async () => await waiting(g) === 0);
	assert.equal(mail.mails.length, 2);
	assert.equal(new Set(mail.mails.map((m) => m.messageId)).size, 2);
});

test('what waited for a portal goes at once when it answers again',
	async (t) => {
	const { g, portal } = await peers(t);
	await portal.down();
	for (let i = 0; i < 3; i++)
		await g.submit();
	await until(async () => (await g.psql(`SELECT 1 FROM outbox_dest
		WHERE channel = 'webhook' AND failures >= 3`)).length === 1);
	await until(async () =>
		await waiting(g, `channel = 'webhook' AND attempt > 0`) === 3);
	await g.psql(`UPDATE outbox SET run_at = now() + CASE WHEN id = (SELECT
		min(id) FROM outbox WHERE channel = 'webhook') THEN '1 s'
		ELSE interval '1 hour' END WHERE channel = 'webhook'`);

	await portal.up();

	await until(() => portal.received.length === 3);
});

test('greylisted at first, welcome the second time', async (t) => {
	const { g, mail } = await peers(t);
	mail.refuse(citizen.email, 'grey');

	await g.submit();

	await until(() => to(mail, citizen.email).length === 1);
	assert.deepEqual((await until(async () => {
		const found = await deliveries(g, `recipient = 'applicant'`);
		return found.length === 2 && found;
	})).map((d) => [d.status, d.code]), [['deferred', 451], ['sent', 250]]);
});

test('a connection cut in the middle of a message costs nobody his mail',
	async (t) => {
	const { g, mail } = await peers(t);
	mail.refuse(citizen.email, 'close');

	await g.submit();

	await until(() => mail.mails.length === 2);
	const [first, second] = await until(async () => {
		const found = await deliveries(g, `recipient = 'applicant'`);
		return found.length === 2 && found;
	});
	assert.equal(first.status, 'deferred');
	assert.equal(second.status, 'sent');
	assert.equal(first.messageId, second.messageId);
});

test('reminders that piled up are one reminder', async (t) => {
	const { g, mail } = await peers(t);
	const d = await g.dossier({ in: 'processing' });
	await until(async () => await waiting(g) === 0);
	await mail.down();
	for (const kind of ['near-due', 'overdue']) {
		await g.psql(`UPDATE timer SET due_at = now() WHERE kind = '${kind}'
			AND fired_at IS NULL`);
		await until(async () => (await g.psql(`SELECT 1 FROM event
			WHERE kind = '${kind}'`)).length === 1);
	}

	await mail.up();

	await until(async () => await waiting(g) === 0);
	const reminders = to(mail, desk).filter((m) =>
		/nearly due|overdue/.test(m.subject));
	assert.deepEqual(reminders.map((m) => m.subject),
		[`Hồ sơ ${d.code} đã quá hạn / Dossier ${d.code} is overdue`]);
	assert.equal((await deliveries(g, `template = 'mail-desk-near-due'
		AND status = 'moot'`)).length, 1);
});

test('a reminder keeps quiet hours, and what someone waits for does not',
	async (t) => {
	const hour = (new Date().getUTCHours() + 7) % 24;
	const { g, mail } = await peers(t, { config: { quiet_from: hour,
		quiet_until: (hour + 2) % 24 } });
	const d = await g.dossier({ in: 'processing' });
	await g.psql(`UPDATE timer SET due_at = now() WHERE kind = 'near-due'
		AND fired_at IS NULL`);

	const [held] = await until(async () => {
		const found = await deliveries(g, `reply = 'quiet hours'`);
		return found.length > 0 && found;
	});

	assert.equal(held.template, 'mail-desk-near-due');
	const [[minutes, failures]] = await g.psql(`SELECT
		extract(epoch FROM run_at - now()) / 60, failures FROM outbox
		WHERE template = 'mail-desk-near-due'`);
	assert.ok(minutes > 59 && minutes <= 120, `${minutes} minutes`);
	assert.equal(failures, '0');
	assert.ok(to(mail, citizen.email).some((m) =>
		m.subject.includes(`Dossier ${d.code} received`)));
});

test('a signed mail is verified by OpenSSL, and one changed byte is found',
	async (t) => {
	const { g, mail } = await peers(t, { config: {
		smime_key_file: pki('people/officer.p12'),
		smime_password_file: pki('people/.password') } });
	await g.submit();
	const [receipt] = await until(() => {
		const found = to(mail, citizen.email);
		return found.length > 0 && found;
	});
	const verify = (raw) => execFileSync('openssl', ['cms', '-verify',
		'-CAfile', pki('government/root.crt'), '-purpose', 'smimesign',
		'-certfile', pki('untrusted/issuing.crt')],
	{ input: raw, stdio: ['pipe', 'pipe', 'ignore'] }).toString();

	assert.match(receipt.headers['content-type'],
		/^multipart\/signed; micalg=sha-256; protocol="application\/pkcs7-/);
	assert.match(verify(receipt.raw), /multipart\/alternative/);
	const body = receipt.raw.indexOf('base64') + 20;
	const other = receipt.raw[body] === 'A' ? 'B' : 'A';
	assert.throws(() => verify(receipt.raw.slice(0, body) + other +
		receipt.raw.slice(body + 1)));
});

test('killed again and again in the middle: all arrives, and is logged once',
	async (t) => {
	const { g, mail, portal } = await peers(t, {
		config: { courier_lease_seconds: 1 } });
	const queue = (...args) => g.cli(['queue', ...args, '-c', g.configFile]);
	await queue('pause', 'mail');
	await queue('pause', 'webhook');
	for (let i = 0; i < 6; i++)
		await g.submit();
	await queue('resume', 'mail');
	await queue('resume', 'webhook');

	let kills = 0;
	for (const seen of [1, 4, 8]) {
		await until(() => mail.mails.length >= seen);
		await g.kill();
		kills++;
		await g.start();
	}

	await until(async () => await waiting(g) === 0);
	const copies = (list) => Object.values(list.reduce((n, id) =>
		({ ...n, [id]: (n[id] ?? 0) + 1 }), {}));
	const mails = copies(mail.mails.map((m) => m.messageId));
	const calls = copies(portal.received.map((c) => c.id));
	assert.equal(mails.length, 12);
	assert.equal(calls.length, 6);
	assert.ok([...mails, ...calls].every((n) => n <= 1 + kills));
	assert.equal((await deliveries(g, `status = 'sent'`)).length, 18);
});

test('an urgent mail passes those that wait, and the last lane is not starved',
	async (t) => {
	const { g, mail } = await peers(t, { config: { couriers: 1,
		smtp_sessions: 1 } });
	const queue = (...args) => g.cli(['queue', ...args, '-c', g.configFile]);
	await queue('pause', 'mail');
	for (let i = 0; i < 6; i++)
		await g.submit();
	const ids = await g.psql(`SELECT id, 'hosogate.' || tenant_id || '.' ||
		event_id || '.' || recipient || '@tphcm.gov.vn'
		FROM outbox WHERE channel = 'mail' ORDER BY id`);
	const [bulk, urgent] = [ids[0], ids.at(-1)];
	await g.psql(`UPDATE outbox SET lane = 4 WHERE id = ${bulk[0]}`);
	await g.psql(`UPDATE outbox SET lane = 1 WHERE id = ${urgent[0]}`);

	await queue('resume', 'mail');

	await until(() => mail.mails.length === 12);
	const order = mail.mails.map((m) => m.messageId.slice(1, -1));
	assert.equal(order[0], urgent[1]);
	const last = order.indexOf(bulk[1]);
	assert.ok(last >= 4 && last < 11, `the bulk mail came at ${last}`);
});
