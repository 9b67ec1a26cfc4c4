// kill -9 at each step of a send.  A lock on the table that the next statement
// needs, or a mail server that does not answer, stops the gateway at the step.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { citizen, locks } from './gateway.js';
import { deliveries, peers, until, waiting } from './peers.js';

// Holds a lock until it is told to let go.
async function lock(g, table, mode) {
	const held = g.psql(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE;
		SELECT pg_sleep(600)`).catch(() => {});
	await until(async () => (await g.psql(`SELECT 1 FROM ${locks(table)}
		WHERE granted AND mode = '${mode.split(' ').map((word) => word[0] +
			word.slice(1).toLowerCase()).join('')}Lock'`)).length === 1);
	return async () => {
		await g.psql(`SELECT pg_terminate_backend(pid)
			FROM ${locks(table)} WHERE granted`);
		await held;
	};
}

async function waits(g) {
	await until(async () => (await g.psql(`SELECT 1 FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'
		  AND application_name LIKE 'courier%'`)).length === 1);
}

const holdAt = (verb) => (g, mail) => {
	mail.hold(verb);
	return () => mail.release();
};

const arrived = async (g, mail) => {
	await until(() => mail.mails.length === 1);
};

// before() runs when nothing may go yet; at() ends when the gateway stands at
// the step.  The last of them to answer has answered with what lets it go on.
const steps = {
	'claimed': { copies: 1, before: (g) =>
		lock(g, 'outbox_rule', 'ACCESS EXCLUSIVE'), at: waits },
	'connected': { copies: 1, before: holdAt('EHLO'),
		at: async (g, mail) => {
			await until(() => mail.peak === 1);
		} },
	'handed over and not answered': { copies: 2, before: holdAt('DATA'),
		at: arrived },
	'answered and not written down': { copies: 2, before: (g) =>
		lock(g, 'outbox_delivery', 'SHARE'), at: waits },
	'written down and not left': { copies: 1, before: holdAt('DATA'),
		at: async (g, mail) => {
		await arrived(g, mail);
		const unlock = await lock(g, 'outbox_session', 'SHARE');
		mail.release();
		await waits(g);
		return unlock;
	} },
};

for (const [name, { copies, before, at }] of Object.entries(steps))
	test(`killed when a mail was ${name}`, async (t) => {
		const { g, mail } = await peers(t, { config: { couriers: 1,
			smtp_sessions: 1, smtp_sessions_fleet: 1 } });
		const queue = (verb, channel = 'mail') => g.must('queue', verb,
			channel, '-c', g.configFile);
		await queue('pause');
		await queue('pause', 'webhook');
		await g.submit();
		await g.psql(`DELETE FROM outbox WHERE recipient <> 'applicant'`);
		const first = await before(g, mail);
		await queue('resume');
		const letGo = await at(g, mail) ?? first;
		assert.equal((await g.psql(`SELECT 1 FROM outbox o
			JOIN outbox_lease l ON o.id = ANY (l.messages)`)).length,
		name === 'written down and not left' ? 0 : 1);

		await g.kill();
		// What it has begun in the database ends with it.
		await g.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database()
			  AND application_name LIKE 'courier%'`);
		await letGo();
		await g.start();

		await until(async () => await waiting(g) === 0, { within: 90000 });
		const receipts = mail.mails.filter((m) => m.to === citizen.email);
		assert.equal(receipts.length, copies);
		assert.equal(new Set(receipts.map((m) => m.messageId)).size, 1);
		assert.deepEqual((await deliveries(g, `channel = 'mail'`))
			.map((d) => d.status), ['sent']);
	});
