// Mail, as it arrives at a real SMTP server.  Refusals first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startSepay } from '../fake/sepay.js';
import { citizen } from './gateway.js';
import { ground } from '../setup/sample.js';
import { deliveries, peers, until, waiting } from './peers.js';
import { secretFiles, tls } from './providers.js';

const to = (mail, address) => mail.mails.filter((m) => m.to === address);
const officer = 'ptdung.sgddt@tphcm.gov.vn';

test('an officer without an official address gets no mail', async (t) => {
	const { g, mail } = await peers(t);
	await g.psql(`UPDATE officer SET email = 'dung@gmail.com'
		WHERE login = 'ptdung'`);
	const d = await g.submit();
	await g.psql(`UPDATE dossier SET officer_id = (SELECT id FROM officer
		WHERE login = 'ptdung') WHERE code = '${d.code}'`);

	await g.act(d.code, 'withdraw', { as: 'portal', reason: 'Đổi ý' });

	const [dead] = await until(async () => {
		const found = await deliveries(g, `status = 'dead'`);
		return found.length > 0 && found;
	});
	assert.equal(dead.reply, 'not-official');
	assert.equal(dead.peer, 'dung@gmail.com');
	assert.equal(to(mail, 'dung@gmail.com').length, 0);
});

test('a mail server without TLS is told nothing', async (t) => {
	const { g, mail } = await peers(t, { mail: { tls: 'none' } });
	await g.submit();

	const tries = await until(async () => {
		const found = await deliveries(g, `channel = 'mail'`);
		return found.length >= 2 && found;
	});

	assert.ok(tries.every((d) => d.status === 'deferred' && !d.tls));
	assert.deepEqual(mail.mails, []);
	assert.equal(await waiting(g, `channel = 'mail'`), 2);
});

test('a mail server under an unknown CA is told nothing', async (t) => {
	const { g, mail } = await peers(t, {
		config: { smtp_ca_file: '/etc/ssl/certs/ca-certificates.crt' } });
	await g.submit();

	await until(async () => (await deliveries(g, `channel = 'mail'`)).length);

	assert.deepEqual(mail.mails, []);
});

test('opportunistic: without TLS the mail goes, and the log says so',
	async (t) => {
	const { g, mail } = await peers(t, { mail: { tls: 'none' },
		config: { smtp_tls: 'opportunistic' } });
	await g.submit();

	await until(() => mail.mails.length === 2);

	assert.ok((await until(async () => {
		const found = await deliveries(g, `channel = 'mail'`);
		return found.length === 2 && found;
	})).every((d) => d.status === 'sent' && !d.tls));
});

test('a mailbox that does not exist makes a dead letter, sent again by hand',
	async (t) => {
	const { g, mail } = await peers(t);
	mail.refuse(citizen.email, '550 5.1.1 no such user');
	const d = await g.submit();
	const undeliverable = async () =>
		(await g.get(`/v1/dossiers/${d.code}`)).json.undeliverable;

	const [dead] = await until(async () => {
		const found = await deliveries(g, `status = 'dead'`);
		return found.length > 0 && found;
	});
	assert.equal(dead.code, 550);
	assert.equal(dead.attempt, 1);
	assert.equal(dead.peer, '@example.com', 'not the whole address');
	assert.match((await g.cli(['queue', 'list', '-c', g.configFile])).stdout,
		/dead .*550 5\.1\.1 no such user/);
	assert.deepEqual((await undeliverable()).map((u) => [u.recipient,
		u.address, u.status]), [['applicant', '***@example.com', 'dead']]);

	mail.welcome();
	const done = await g.cli(['queue', 'retry', dead.id, '-c', g.configFile]);

	assert.equal(done.code, 0, done.stderr);
	await until(() => to(mail, citizen.email).length === 1);
	assert.equal(to(mail, citizen.email)[0].messageId,
		`<${dead.messageId}>`);
	await until(async () => (await undeliverable()).length === 0,
		{ what: 'the dossier shows that it was delivered in the end' });
});

test('a mailbox that is full for a while gets its mail later', async (t) => {
	const { g, mail } = await peers(t);
	mail.refuse(citizen.email, '452 4.2.2 mailbox full');
	await g.submit();
	await until(async () =>
		(await deliveries(g, `status = 'deferred' AND code = 452`)).length);
	await until(() => to(mail, 'sgddt@tphcm.gov.vn').length === 1,
		{ what: 'others do not wait for it' });

	mail.welcome();

	await until(() => to(mail, citizen.email).length === 1);
});

test('what is no longer true when its turn comes is not sent', async (t) => {
	const { g, mail } = await peers(t);
	await mail.down();
	const d = await g.submit();
	await g.act(d.code, 'request-supplement', { reason: 'Thiếu bản sao',
		ground });
	await g.act(d.code, 'withdraw', { as: 'portal', reason: 'Đổi ý' });

	await mail.up();

	await until(async () => await waiting(g) === 0);
	const moot = await deliveries(g, `status = 'moot'`);
	assert.ok(moot.some((m) => m.template === 'mail-supplement-asked'));
	assert.ok(!mail.mails.some((m) => m.subject.includes('complete it')));
	assert.ok(mail.mails.some((m) => m.subject.includes('withdrawn')));
});

test('a receipt reads well, in both languages, with a link that opens',
	async (t) => {
	const { g, mail } = await peers(t);
	const d = await g.submit();

	const [receipt] = await until(() => {
		const found = to(mail, citizen.email);
		return found.length > 0 && found;
	});

	assert.equal(receipt.from, 'sgddt@tphcm.gov.vn');
	assert.ok(receipt.tls);
	assert.equal(receipt.subject, `Đã nhận hồ sơ ${d.code} / ` +
		`Dossier ${d.code} received`);
	assert.ok(!/[^\x00-\x7f]/.test(receipt.raw), 'ASCII on the wire');
	assert.match(receipt.text, /Kính gửi NGUYỄN VĂN AN,/);
	assert.match(receipt.text, /Dear NGUYỄN VĂN AN,/);
	assert.ok(!receipt.text.includes(citizen.id), 'no whole id number');
	assert.ok(!receipt.html.includes(citizen.id));
	const link = new URL(/https:\S+/.exec(receipt.text)[0]);
	assert.ok(receipt.html.includes(`href="${link}"`));
	const opened = await g.get(link.pathname + link.search, { as: 'nobody' });
	assert.equal(opened.status, 200);
	assert.equal(opened.json.code, d.code);
});

test('the unit hears of a dossier, and the officer of his', async (t) => {
	const { g, mail } = await peers(t);
	const { code } = await g.submit();
	const news = () => to(mail, 'sgddt@tphcm.gov.vn').filter((m) =>
		m.subject === `Hồ sơ mới ${code} / New dossier ${code}`);
	await until(() => news().length === 1);

	const d = await g.dossier({ in: 'processing' });

	await until(() => to(mail, officer).some((m) =>
		m.subject.includes(`Dossier ${d.code} assigned to you`) ||
		m.subject.includes(`Dossier ${d.code} paid`)));
	assert.equal(news().length, 1);
	for (const m of to(mail, officer))
		assert.ok(!/https:\S+/.exec(m.text)[0].includes('key='),
			'an officer has a session');
});

test('SMTP down for the whole story: all is delivered once it is back',
	async (t) => {
	const { g, mail } = await peers(t);
	await mail.down();
	const codes = [];
	for (let i = 0; i < 3; i++)
		codes.push((await g.submit()).code);
	await until(async () => (await deliveries(g,
		`channel = 'mail' AND status = 'deferred'`)).length > 2);

	await mail.up();

	await until(async () => await waiting(g, `channel = 'mail'`) === 0);
	assert.equal(mail.mails.length, 6);
	const ids = new Set(mail.mails.map((m) => m.messageId));
	assert.equal(ids.size, 6, 'each once');
	for (const code of codes)
		assert.equal(mail.mails.filter((m) =>
			m.subject.includes(code)).length, 2);
});

test('a transfer of less than the fee tells the payer what is left, once',
	async (t) => {
	const sepay = await startSepay({ ...tls(), secret: 'sepay_secret',
		auth: 'hmac' });
	t.after(() => sepay.close());
	const { g, mail } = await peers(t, { config: { vietqr_auth: 'hmac',
		...secretFiles(t, { vietqr_secret_files: 'sepay_secret' }) } });
	sepay.callback = `${g.url}/v1/payments/callbacks/vietqr`;
	const d = await g.dossier({ in: 'awaiting-payment' });
	const { json } = await g.post(`/v1/dossiers/${d.code}/payments`,
		{ provider: 'vietqr' });
	const short = () => to(mail, citizen.email)
		.filter((m) => m.subject.includes('still to be paid'));

	await sepay.transfer(json.transfer.qr, { transferAmount: 1000, id: 7 });
	await sepay.transfer(json.transfer.qr, { transferAmount: 1000, id: 7 });

	await until(() => short().length === 1);
	const left = (json.amount - 1000).toLocaleString('de-DE');
	assert.ok(short()[0].subject.includes(left), short()[0].subject);
	assert.match(short()[0].text, /Số tiền còn phải nộp: /);
	assert.ok(short()[0].text.includes('key='), 'his link, to pay the rest');
	await until(async () => await waiting(g, `channel = 'mail'`) === 0);
	assert.equal(short().length, 1);
});
