// Row 58 of the callback table, for every provider: whoever is to hear of a
// payment fails or hears it twice, and the provider's answer waits for nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startMail } from '../fake/mailserver.js';
import { until } from './gateway.js';
import { callBack, newPortal, quick } from './peers.js';
import { fresh, heard, stage, tls } from './providers.js';

for (const name of heard)
	test(`${name}: row 58: who is to be told fails and hears it again, and ` +
		'holds up no answer', async (t) => {
		const mail = await startMail({ ...tls() });
		t.after(() => mail.close());
		const portal = await newPortal();
		t.after(() => portal.close());
		const s = await stage(t, name, { ...quick, smtp_url: mail.url,
			allow: [`localhost:${portal.port}`] });
		await callBack(s.g, 'portal', portal.url);
		const o = await s.order();
		const of = (calls) => calls.filter((c) => c.type === 'dossier.paid');
		// What came before it would go first.
		await until(async () => await s.count('outbox') === 0);
		mail.refuse('*', '451 later');
		portal.fail(Infinity);

		const said = o.request({ txn: fresh() });
		assert.equal(await o.send(said), s.p.done);
		assert.equal(await o.dossier(), 'processing');
		await until(() => of(portal.attempts).length >= 2);
		assert.equal(await o.send(said), s.p.again);

		portal.well();
		mail.welcome();
		await until(() => of(portal.received).length === 1);
		await until(() => mail.mails.some((m) => m.text.includes(o.code)));
		assert.equal(new Set(of(portal.attempts).map((c) => c.id)).size, 1,
			'under one name, by which it is known again');
		assert.equal(await s.count(`outbox_rule WHERE kind = 'paid'
			AND channel = 'webhook'`), 1);
		assert.equal(await s.count(`ledger_journal WHERE kind = 'payment'`), 1);
		await s.balances();
	});
