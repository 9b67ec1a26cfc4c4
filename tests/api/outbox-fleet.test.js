// Many gateways and one mail server: together they keep to a number of
// sessions that it can bear.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Site } from '../setup/site.js';
import { deliveries, peers, until, waiting } from './peers.js';

// Two gateways of two couriers with four sessions each, and three for all.
async function fleet(t, dossiers) {
	const { g, mail } = await peers(t, { config: { couriers: 2,
		smtp_sessions: 4, smtp_sessions_fleet: 3 } });
	const twin = new Site(`${g.database}twin`, g.database, {
		config: g.options.config });
	t.after(async () => {
		await twin.stop();
		twin.close();
	});
	await g.cli(['queue', 'pause', 'mail', '-c', g.configFile]);
	for (let i = 0; i < dossiers; i++)
		await g.submit();
	await twin.configure();
	await twin.start();
	mail.hold();
	await g.cli(['queue', 'resume', 'mail', '-c', g.configFile]);
	return { g, mail };
}

// Couriers have looked for work many times from now on.
async function looked(g) {
	const [[now]] = await g.psql('SELECT now()');
	await until(async () => (await g.psql(`SELECT 1 FROM outbox_dest
		WHERE channel = 'mail'
		  AND served_at > '${now}'::timestamptz + interval '1 s'`))
		.length === 1);
}

test('two gateways never have more sessions than the fleet may', async (t) => {
	const { g, mail } = await fleet(t, 4);
	await until(() => mail.mails.length === 3);
	await looked(g);
	assert.equal(mail.mails.length, 3);

	mail.release();

	await until(async () => await waiting(g, `channel = 'mail'`) === 0);
	assert.equal(mail.peak, 3);
	assert.equal(new Set(mail.mails.map((m) => m.messageId)).size, 8);
	assert.equal((await deliveries(g, `channel = 'mail'`)).length, 8);
});

test('the sessions of a gateway that was killed go to others', async (t) => {
	const { g, mail } = await fleet(t, 4);
	await until(() => mail.mails.length === 3);
	await g.kill();
	mail.release();

	await until(async () => await waiting(g, `channel = 'mail'`) === 0,
		{ within: 90000 });
	assert.equal(mail.peak, 3);
	assert.equal((await deliveries(g, `status = 'sent'
		AND channel = 'mail'`)).length, 8);
});
