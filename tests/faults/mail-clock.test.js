// A gateway whose own clock is wrong: the queue goes by the database's, so
// nothing is sent early, nothing is lost, and nothing twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { citizen, until } from '../api/gateway.js';
import { deliveries, peers, waiting } from '../api/peers.js';

const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
for (const shift of ['-86400', '-3600', '+3600', '+86400'])
	test(`with its clock off by ${shift} s it sends what is due and nothing early`,
		async (t) => {
		// Without TLS: a certificate has a beginning.
		const { g, mail } = await peers(t, { mail: { tls: 'none' },
			config: { smtp_tls: 'opportunistic' } });
		await g.cli(['queue', 'pause', 'mail', '-c', g.configFile]);
		const d = await g.submit();
		await g.submit();
		await g.psql(`UPDATE outbox SET run_at = now() + interval '50 min'
			WHERE recipient = 'desk'`);
		await g.stop();
		g.options.env = { LD_PRELOAD: faketime, FAKETIME: shift,
			FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
			ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:` +
				'verify_asan_link_order=0' };
		await assert.rejects(g.start({ within: 1 }), /is ready/);

		await g.cli(['queue', 'resume', 'mail', '-c', g.configFile]);

		await until(async () => (await deliveries(g, `recipient = 'applicant'
			AND status = 'sent'`)).length === 2);
		assert.equal(await waiting(g, `recipient = 'desk'`), 2);
		assert.equal(mail.mails.length, 2);
		assert.ok(mail.mails.every((m) => m.to === citizen.email));
		assert.equal(new Set(mail.mails.map((m) => m.messageId)).size, 2);
		assert.ok(mail.mails.some((m) => m.subject.includes(d.code)));
		await g.psql(`UPDATE outbox SET run_at = now()`);
		await until(async () => await waiting(g, `channel = 'mail'`) === 0);
		assert.equal(mail.mails.length, 4);
	});
