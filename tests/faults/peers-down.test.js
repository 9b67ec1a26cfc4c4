// The mail server and the portal are down while a dossier lives its whole
// life.  Nothing waits for them, and all is delivered once they are back.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startMail } from '../fake/mailserver.js';
import { startPortal } from '../fake/portal.js';
import { freePort, pki } from '../setup/site.js';
import { gateway, until } from '../api/gateway.js';

const tls = (name) => ({ cert: pki(`tls/${name}.crt`),
	key: pki(`tls/${name}.key`) });

test('SMTP and portal down for the whole story: all is delivered afterwards',
	async (t) => {
	const mail = await startMail(tls('smtp'));
	const portal = await startPortal({ ...tls('portal'),
		secret: pki('secret/webhook.secret'), port: await freePort() });
	t.after(() => Promise.all([mail.close(), portal.close()]));
	await Promise.all([mail.down(), portal.down()]);
	// The waits of the published schedule, a fiftieth as long.
	const g = await gateway(t, { callback: portal.url, config: {
		smtp_url: mail.url, courier_backoff_percent: 2, tick_ms: 50,
		http_allow_private: [`localhost:${portal.port}`] } });

	const d = await g.dossier({ in: 'returned' });
	await until(async () => (await g.psql(
		'SELECT 1 FROM outbox WHERE failures > 0')).length > 0,
	{ what: 'something has been tried in vain' });
	await Promise.all([mail.up(), portal.up()]);
	await until(async () => (await g.psql('SELECT 1 FROM outbox')).length === 0,
		{ within: 90000, what: 'the outbox is empty' });

	const told = portal.received.map((one) => one.type);
	assert.deepEqual([...new Set(told)].sort(),
		[...new Set((await g.feed()).map((e) => e.type))].sort());
	assert.equal(portal.refused.length, 0);
	const subjects = mail.mails.filter((m) => m.to === 'an.nguyen@example.com')
		.map((m) => m.subject).join('\n');
	assert.match(subjects, /Đã nhận hồ sơ/);
	assert.match(subjects, /Đã có kết quả/);
	assert.equal((await g.psql('SELECT 1 FROM outbox_dead')).length, 0);
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.state, 'returned');
});
