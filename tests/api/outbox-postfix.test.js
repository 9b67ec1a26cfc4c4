// Mail through Debian's Postfix, as an agency has it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { postfixHere, startPostfix } from '../fake/postfix.js';
import { citizen, gateway, pki, until } from './gateway.js';
import { deliveries, quick, waiting } from './peers.js';

const skip = postfixHere();

async function withPostfix(t, config = {}) {
	const mail = await startPostfix({ key: pki('tls/smtp.key'),
		cert: pki('tls/smtp.crt') });
	t.after(() => mail.close());
	const g = await gateway(t, { config: { ...quick, smtp_url: mail.url,
		...config } });
	return { g, mail };
}

test('Postfix refuses to relay: a dead letter with its words', { skip },
	async (t) => {
	const { g } = await withPostfix(t);

	await g.submit({ dossier: { applicant: { ...citizen,
		email: 'an@elsewhere.example' } } });

	const [dead] = await until(async () => {
		const found = await deliveries(g, `status = 'dead'`);
		return found.length > 0 && found;
	});
	assert.equal(dead.code, 554);
	assert.match(dead.reply, /554 5\.7\.1 .*Relay access denied/);
});

test('a mail goes through Postfix under TLS and comes out as it was',
	{ skip }, async (t) => {
	const { g, mail } = await withPostfix(t);

	const d = await g.submit();

	await until(() => mail.mails.length === 2);
	const receipt = mail.mails.find((m) =>
		m.headers['delivered-to'] === citizen.email);
	assert.equal(receipt.headers['return-path'], '<sgddt@tphcm.gov.vn>');
	assert.equal(receipt.subject,
		`Đã nhận hồ sơ ${d.code} / Dossier ${d.code} received`);
	assert.match(receipt.text, /Kính gửi NGUYỄN VĂN AN,/);
	assert.match(receipt.headers.received, /with ESMTPS/);
	const [sent] = await deliveries(g, `recipient = 'applicant'`);
	assert.equal(receipt.messageId, `<${sent.messageId}>`);
	assert.ok(sent.tls);
	assert.match(sent.reply, /queued as/);
});

test('Postfix stopped and started: each mail once', { skip }, async (t) => {
	const { g, mail } = await withPostfix(t);
	await mail.down();
	for (let i = 0; i < 3; i++)
		await g.submit();
	await until(async () => (await deliveries(g)).length > 0);

	await mail.up();

	await until(async () => await waiting(g) === 0);
	await until(() => mail.mails.length === 6);
	assert.equal(new Set(mail.mails.map((m) => m.messageId)).size, 6);
});

test('a signed mail with a form: OpenSSL gives back text and PDF, unchanged',
	{ skip }, async (t) => {
	const { g, mail } = await withPostfix(t, {
		smime_key_file: pki('people/officer.p12'),
		smime_password_file: pki('people/.password') });
	const d = await g.submit();
	await g.act(d.code, 'accept');
	const [accepted] = await until(() => {
		const found = mail.mails.filter((m) =>
			m.subject.includes('accepted'));
		return found.length > 0 && found;
	});

	const inside = execFileSync('openssl', ['cms', '-verify', '-CAfile',
		pki('government/root.crt'), '-purpose', 'smimesign', '-certfile',
		pki('untrusted/issuing.crt')], { input: accepted.raw,
		stdio: ['pipe', 'pipe', 'ignore'] }).toString();

	assert.match(inside, /^Content-Type: multipart\/mixed/);
	const pdf = Buffer.from(/application\/pdf\r?\n[\s\S]*?\r?\n\r?\n([\s\S]*?)--/
		.exec(inside)[1], 'base64');
	const form = await g.get(`/v1/dossiers/${d.code}/forms/01`);
	assert.deepEqual(pdf, form.bytes);
});
