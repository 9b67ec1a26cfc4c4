// kill -9 of the gateway: what was acknowledged is there, nothing is twice,
// and what was to be sent is sent after the restart.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { startMail } from '../fake/mailserver.js';
import { gateway, pki, submission, until } from '../api/gateway.js';
import { smallApplication } from './harm.js';

const mailServer = async (t) => {
	const mail = await startMail({ cert: pki('tls/smtp.crt'),
		key: pki('tls/smtp.key') });
	t.after(() => mail.close());
	return mail;
};

test('killed right after an answer it has lost nothing', async (t) => {
	const mail = await mailServer(t);
	const g = await gateway(t, { config: { smtp_url: mail.url } });
	mail.hold(); // so that the mail is still to be sent, or half sent

	const d = await g.submit();
	await g.kill();
	mail.release();
	await g.start();

	const found = await g.get(`/v1/dossiers/${d.code}`);
	assert.equal(found.status, 200);
	assert.equal(found.json.documents.length, 4);
	await until(() => mail.mails.some((m) => m.text.includes(d.code) &&
		m.to === 'an.nguyen@example.com'), { within: 90000,
		what: 'the receipt is sent after the restart' });
	const { code, stdout, stderr } = await g.cli(['audit', 'verify', '-c',
		g.configFile]);
	assert.equal(code, 0, stdout + stderr);
});

test('killed amid submissions, each key has one dossier or none',
	async (t) => {
	const g = await gateway(t);
	const small = await smallApplication(g);
	const keys = Array.from({ length: 24 }, () => randomUUID());
	const send = (key) => g.form('/v1/dossiers', submission(small), { key });

	const answers = keys.map((key) => send(key).catch(() => null));
	await Promise.any(answers.map(async (answer) => (await answer)?.status ===
		201 || Promise.reject(new Error('not yet'))));
	await g.kill();
	const before = (await Promise.all(answers)).map((a) => a?.status === 201
		? a.json.code : null);
	await g.start();
	const after = [];
	for (const key of keys)
		after.push(await until(async () => {
			const res = await send(key);
			return res.status === 201 && res.json.code;
		}, { what: 'the repeated submission is answered' }));

	before.forEach((code, i) => code && assert.equal(after[i], code));
	assert.equal(new Set(after).size, keys.length);
	const [[count]] = await g.psql('SELECT count(*) FROM dossier');
	assert.equal(Number(count), keys.length);
});

test('stopped gently it answers what it has begun', async (t) => {
	const g = await gateway(t);
	const small = await smallApplication(g);
	const begun = Array.from({ length: 6 }, () => g.form('/v1/dossiers',
		submission(small)));
	await until(async () => Number((await g.psql(
		'SELECT count(*) FROM dossier'))[0][0]) > 0);

	const stopped = g.stop();
	const answers = await Promise.allSettled(begun);

	assert.equal(await stopped, 0);
	const codes = answers.filter((a) => a.value?.status === 201)
		.map((a) => a.value.json.code);
	assert.ok(codes.length > 0);
	const [[count]] = await g.psql('SELECT count(*) FROM dossier');
	assert.equal(Number(count), codes.length);
});
