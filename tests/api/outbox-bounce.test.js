// Mails that were accepted and came back: by Debian's Postfix, whose next hop
// refuses them, into a mailbox that Debian's Dovecot serves.  Refusals first.
import assert from 'node:assert/strict';
import { chownSync, mkdirSync, readdirSync, statSync, writeFileSync }
	from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { dovecotHere, startDovecot } from '../fake/dovecot.js';
import { startMail } from '../fake/mailserver.js';
import { postfixHere, startPostfix } from '../fake/postfix.js';
import { citizen, gateway, pki, until } from './gateway.js';
import { deliveries, quick } from './peers.js';

const skip = postfixHere() || dovecotHere();
const email = 'an.nguyen@gone.example';
const tls = (name) => ({ key: pki(`tls/${name}.key`),
	cert: pki(`tls/${name}.crt`) });

async function withMailbox(t, { config } = {}) {
	const beyond = await startMail({ tls: 'none' });
	t.after(() => beyond.close());
	beyond.refuse(email, `550 5.1.1 <${email}>: no such user here`);
	const mail = await startPostfix({ ...tls('smtp'), relay: beyond.port });
	t.after(() => mail.close());
	for (const name of ['', 'new', 'cur', 'tmp'])
		mkdirSync(path.join(mail.maildir, name), { recursive: true });
	const box = statSync(path.join(mail.dir, 'box'));
	for (const name of ['', 'new', 'cur', 'tmp'])
		chownSync(path.join(mail.maildir, name), box.uid, box.gid);
	const imap = await startDovecot({ ...tls('smtp'), maildir: mail.maildir });
	t.after(() => imap.close());
	const g = await gateway(t, { config: { ...quick, smtp_url: mail.url,
		imap_url: imap.url, imap_user_file: imap.userFile,
		imap_ca_file: pki('tls/ca.crt'), imap_seconds: 1, ...config } });
	return { g, mail, imap };
}

// A notification as a stranger might put it into the mailbox.
let forged = 0;
const put = (mail, { id, to = email, action = 'failed' }) => writeFileSync(
	path.join(mail.maildir, `new/${Date.now()}.M1P${++forged}.stranger`),
	`From: MAILER-DAEMON@evil.example
To: sgddt@tphcm.gov.vn
Subject: forged-${forged}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="b"

--b
Content-Type: text/plain

gone
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; evil.example

Final-Recipient: rfc822; ${to}
Action: ${action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 gone

--b
Content-Type: message/rfc822

Message-ID: <${id}>

--b--
`, { mode: 0o644 });

const isMarked = (mail, n) => until(() =>
	readdirSync(path.join(mail.maildir, 'cur')).filter((name) =>
		/2,.*[a-z]/.test(name)).length >= n, { what: `${n} were marked` });

const submit = (g, address) => g.submit({ dossier: { applicant: {
	...citizen, email: address } } });

test('a mailbox under an unknown CA is not read', { skip }, async (t) => {
	const { g, mail } = await withMailbox(t, { config: {
		imap_ca_file: '/etc/ssl/certs/ca-certificates.crt' } });

	await until(() => /bounces: provider: imap: .*certificate/i.test(g.log));

	assert.deepEqual(readdirSync(path.join(mail.maildir, 'cur')), []);
});

test('a notification of what we never sent, of another recipient, or of a ' +
	'delay moves nothing', { skip }, async (t) => {
	const { g, mail } = await withMailbox(t);
	await submit(g, citizen.email);
	const [sent] = await until(async () => {
		const found = await deliveries(g, `recipient = 'applicant'
			AND status = 'sent'`);
		return found.length > 0 && found;
	});

	put(mail, { id: sent.messageId.replace(/\d+\.applicant/, '9.applicant'),
		to: citizen.email });
	put(mail, { id: sent.messageId, to: 'somebody@else.example' });
	put(mail, { id: sent.messageId, to: citizen.email, action: 'delayed' });
	put(mail, { id: 'hosogate.x', to: citizen.email });
	put(mail, { id: `hosogate.1.${'9'.repeat(200)}.`, to: citizen.email });

	await isMarked(mail, 5);
	assert.deepEqual(await deliveries(g, `status = 'bounced'`), []);
	const said = (await g.cli(['queue', 'list', '--bounced', '-c',
		g.configFile])).stdout;
	assert.match(said, /^0 thư bị trả lại/);
});

test('a mail that comes back is bounced, once, and shown to operator and ' +
	'officer', { skip }, async (t) => {
	const { g, mail } = await withMailbox(t);

	const d = await submit(g, email);

	const [bounced] = await until(async () => {
		const found = await deliveries(g, `status = 'bounced'`);
		return found.length > 0 && found;
	}, { within: 40000 });
	assert.equal(bounced.recipient, 'applicant');
	assert.match(bounced.reply, /^5\.1\.1 .*550 5\.1\.1/);
	assert.ok(!bounced.reply.includes(email), 'not the whole address');
	assert.equal(bounced.peer, '@gone.example');
	put(mail, { id: bounced.messageId });
	await isMarked(mail, 2);
	assert.equal((await deliveries(g, `status = 'bounced'`)).length, 1);
	assert.match((await g.cli(['queue', 'list', '--bounced', '-c',
		g.configFile])).stdout, new RegExp(`bounced .*${d.code}.*5\\.1\\.1`));
	assert.equal((await g.get('/v1/bounces', { as: 'portal' })).status, 403);
	const list = (await g.get(`/v1/bounces?code=${d.code}`,
		{ as: 'ptdung' })).json.bounces;
	assert.deepEqual(list.map((b) => [b.code, b.recipient, b.template]),
		[[d.code, 'applicant', 'mail-receipt']]);
	const shown = (await g.get(`/v1/dossiers/${d.code}`)).json.undeliverable;
	assert.deepEqual(shown.map((u) => [u.recipient, u.address, u.template,
		u.status]), [['applicant', '***@gone.example', 'mail-receipt',
		'bounced']]);
	assert.deepEqual((await g.get('/v1/bounces?code=none',
		{ as: 'ptdung' })).json.bounces, []);
});

test('a mail about feedback that comes back is bounced and shown as a ' +
	'dossier\'s is', { skip }, async (t) => {
	const { g, mail } = await withMailbox(t);
	const res = await g.post('/v1/feedback', { kind: 'feedback',
		text: 'Chờ lâu.' });
	assert.equal(res.status, 201, res.text);
	const { code } = res.json;
	await g.psql(`UPDATE timer SET due_at = now() - interval '1 s'
		WHERE feedback = '${code}' AND kind = 'near-due'`);
	const [sent] = await until(async () => {
		const found = await deliveries(g, `feedback = '${code}'
			AND status = 'sent'`);
		return found.length > 0 && found;
	}, { what: 'the unit is told' });

	put(mail, { id: sent.messageId, to: 'somebody@else.example' });
	put(mail, { id: sent.messageId, to: sent.peer });
	put(mail, { id: sent.messageId, to: sent.peer });
	await isMarked(mail, 3);

	assert.deepEqual((await deliveries(g, `status = 'bounced'`)).map((b) =>
		[b.template, b.peer]), [['mail-feedback-near-due', sent.peer]]);
	assert.match((await g.cli(['queue', 'list', '--bounced', '-c',
		g.configFile])).stdout, new RegExp(`bounced .*${code}.*gone`));
	const list = async (query) => (await g.get(`/v1/bounces${query}`,
		{ as: 'ptdung' })).json.bounces.map((b) => [b.code, b.template]);
	const shown = [[code, 'mail-feedback-near-due']];
	assert.deepEqual(await list(''), shown);
	assert.deepEqual(await list(`?code=${code}`), shown);
	assert.deepEqual(await list('?code=PAKN.20200101.0001'), []);
});
