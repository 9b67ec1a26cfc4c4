// A gateway that dies between sending and writing it down, and gateways that
// share one queue.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Site } from '../setup/site.js';
import { citizen } from './gateway.js';
import { deliveries, peers, until, waiting } from './peers.js';

test('killed before the mail server answered: the same mail again, by one id',
	async (t) => {
	const { g, mail } = await peers(t, { config: { couriers: 1,
		smtp_sessions: 1 } });
	mail.hold();
	await g.submit();
	await until(() => mail.mails.length === 1);

	await g.kill();
	mail.release();
	await g.start();

	await until(async () => await waiting(g, `channel = 'mail'`) === 0);
	const receipts = mail.mails.filter((m) => m.to === citizen.email);
	assert.equal(receipts.length, 2, 'sent twice, since nobody could know');
	assert.equal(receipts[0].messageId, receipts[1].messageId);
	assert.equal((await deliveries(g, `recipient = 'applicant'`)).length, 1,
		'and written down once');
});

test('killed with four mails under way: each of them again, and no other',
	async (t) => {
	const { g, mail } = await peers(t, { config: { couriers: 1,
		smtp_sessions: 4 } });
	await g.cli(['queue', 'pause', 'mail', '-c', g.configFile]);
	for (let i = 0; i < 3; i++)
		await g.submit();
	mail.hold();
	await g.cli(['queue', 'resume', 'mail', '-c', g.configFile]);
	await until(() => mail.mails.length === 4,
		{ what: 'a mail under way does not keep the next three waiting' });

	await g.kill();
	mail.release();
	await g.start();

	await until(async () => await waiting(g, `channel = 'mail'`) === 0);
	const ids = mail.mails.map((m) => m.messageId);
	assert.equal(ids.length, 10);
	assert.equal(new Set(ids).size, 6);
	assert.equal(new Set(ids.slice(0, 4)).size, 4);
	assert.deepEqual(ids.slice(0, 4).filter((id) =>
		ids.filter((other) => other === id).length !== 2), []);
});

test('killed before the portal answered: the same callback again, by one id',
	async (t) => {
	const { g, portal } = await peers(t);
	portal.fail('hang');
	await g.submit();
	await until(() => portal.attempts.length === 1);

	await g.kill();
	await g.start();

	await until(() => portal.received.length === 1);
	assert.equal(portal.attempts.length, 2);
	assert.equal(portal.attempts[0].id, portal.attempts[1].id);
});

test('two gateways on one queue send each message once', async (t) => {
	const { g, mail, portal } = await peers(t);
	const queue = (...args) => g.cli(['queue', ...args, '-c', g.configFile]);
	await queue('pause', 'mail');
	await queue('pause', 'webhook');
	for (let i = 0; i < 12; i++)
		await g.submit();
	const twin = new Site(`${g.database}twin`, g.database, {
		config: g.options.config });
	t.after(async () => {
		await twin.stop();
		twin.close();
	});
	await twin.configure();
	await twin.start();
	assert.equal(await waiting(g), 36);

	await queue('resume', 'mail');
	await queue('resume', 'webhook');

	await until(async () => await waiting(g) === 0);
	assert.equal(mail.mails.length, 24);
	assert.equal(new Set(mail.mails.map((m) => m.messageId)).size, 24);
	assert.equal(portal.attempts.length, 12);
	assert.equal(new Set(portal.received.map((c) => c.id)).size, 12);
});

test('what a courier has in hand no other takes', async (t) => {
	const { g, mail } = await peers(t, { config: { couriers: 2,
		smtp_sessions: 1 } });
	mail.hold();
	await g.submit();
	await until(() => mail.mails.length === 1);
	await g.submit();
	await until(() => mail.mails.length === 2);

	mail.release();

	await until(async () => await waiting(g, `channel = 'mail'`) === 0);
	assert.equal(mail.mails.length, 4);
	assert.equal(new Set(mail.mails.map((m) => m.messageId)).size, 4);
});

test('a courier that comes late changes nothing of another\'s work',
	async (t) => {
	const { g, mail } = await peers(t, { config: { couriers: 1,
		smtp_sessions: 1, courier_lease_seconds: 1 } });
	mail.hold();
	await g.submit();
	await until(() => mail.mails.length === 1);
	// As if another gateway had taken the message over when the lease ended.
	await g.psql(`UPDATE outbox_lease SET owner = 1,
		lease_until = now() + interval '1 hour'`);

	mail.release();

	await until(() => g.log.includes('a lease ran out'));
	assert.equal(await waiting(g, `recipient = 'applicant'`), 1);
	assert.deepEqual(await deliveries(g, `recipient = 'applicant'`), []);
});

test('a paused channel keeps what it has until it is resumed', async (t) => {
	const { g, mail, portal } = await peers(t);
	const queue = (...args) => g.cli(['queue', ...args, '-c', g.configFile]);
	assert.equal((await queue('pause', 'fax')).code, 1);
	assert.equal((await queue('pause', 'mail')).code, 0);
	await g.submit();
	await until(() => portal.received.length === 1);
	assert.match((await queue('list')).stdout,
		/paused .*mail-receipt[\s\S]*2 waiting, 0 given up\.\n.*stopped: mail/);
	assert.deepEqual(mail.mails, []);

	assert.equal((await queue('resume', 'mail')).code, 0);

	await until(() => mail.mails.length === 2);
	const [sent] = await deliveries(g, `recipient = 'applicant'`);
	assert.match((await queue('show', sent.id)).stdout,
		/sent .*250.*@example\.com TLS/);
	assert.deepEqual((await g.psql(`SELECT kind, data::jsonb->>'what'
		FROM event WHERE dossier_id = 0 ORDER BY seq`)),
	[['queue-pause', 'mail'], ['queue-resume', 'mail']],
	'and the record says who stopped it');
	assert.equal((await g.cli(['audit', 'verify', '-c', g.configFile])).code,
		0);
});
