// The forms of Circular 03/2025/TT-VPCP, from the event that calls for one to
// the mail that carries it.  Refusals first.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { citizen, pki, sha256 } from './gateway.js';
import { peers, until } from './peers.js';
import { ground } from '../setup/sample.js';
import { program } from '../setup/site.js';

const day = 86400000;
const signed = { form_key_file: pki('people/officer.p12'),
	form_password_file: pki('people/.password') };
const soon = (days) => new Date(Date.now() + days * day).toISOString();

const forms = async (g, code, as = 'ptdung') =>
	(await g.get(`/v1/dossiers/${code}/forms`, { as })).json.forms;

// The form of that number, once it is no longer due.
const made = (g, code, number) => until(async () => (await forms(g, code))
	.find((f) => f.number === number && f.state !== 'due' && !f.draft),
{ what: `form ${number} of ${code}` });

const read = (pdf, tool, ...args) => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'form-'));
	try {
		const file = path.join(dir, 'form.pdf');
		writeFileSync(file, pdf);
		return execFileSync(tool, args.map((a) => a === '{}' ? file : a),
			{ encoding: 'utf8' });
	} finally {
		rmSync(dir, { recursive: true });
	}
};
const words = (pdf) => read(pdf, 'pdftotext', '-layout', '{}', '-')
	.replace(/\s+/g, ' ');

const fetchForm = async (g, code, number, as = 'ptdung') => {
	const res = await g.get(`/v1/dossiers/${code}/forms/${number}`, { as });
	assert.equal(res.status, 200, res.text);
	assert.equal(res.headers['content-type'], 'application/pdf');
	return res.bytes;
};

const mailsOf = (mail, template) => mail.mails.filter((m) =>
	m.to === citizen.email && m.subject.includes(template));

// A PDF that rides along in a mail.
const attachment = (mail) => {
	const part = /Content-Type: application\/pdf\r?\n[\s\S]*?\r?\n\r?\n([\s\S]*?)\r?\n--/
		.exec(mail.raw);
	return part && Buffer.from(part[1], 'base64');
};

test('a form that nobody called for, and one of somebody else, is not found',
	async (t) => {
	const { g } = await peers(t);
	const d = await g.submit();

	for (const [where, as] of [['01', 'ptdung'], ['09', 'ptdung'],
		['04', 'portal']])
		assert.equal((await g.get(`/v1/dossiers/${d.code}/forms/${where}`,
			{ as })).status, 404);
	assert.equal((await g.get(`/v1/dossiers/${d.code}/forms`,
		{ as: 'nobody' })).status, 401);
	assert.deepEqual(await forms(g, d.code), []);
});

test('a refusal whose reason is a technical code has no form 03, and its mail ' +
	'goes', async (t) => {
	const { g, mail } = await peers(t);
	const d = await g.submit();

	await g.act(d.code, 'refuse', { reason: 'ERR_BAD_SIGNATURE', ground });

	const form = await made(g, d.code, '03');
	assert.equal(form.state, 'withheld');
	assert.match(form.missing, /mã lỗi kỹ thuật/);
	assert.equal((await g.get(`/v1/dossiers/${d.code}/forms/03`,
		{ as: 'ptdung' })).status, 404);
	const [refused] = await until(() => {
		const found = mailsOf(mail, 'not accepted');
		return found.length > 0 && found;
	});
	assert.equal(attachment(refused), null);
	const [shown] = (await g.get(`/v1/dossiers/${d.code}`)).json.forms;
	assert.deepEqual([shown.state, shown.sha256, shown.link],
		['withheld', null, null]);
});

test('a template that is none holds the form back, and is tried again',
	async (t) => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'templates-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const own = path.join(folder, 'paper-form-01.txt');
	writeFileSync(own, 'page: A5\nname: x\ntitle: {no_such_field}\n');
	const { g } = await peers(t, { config: { form_folder: folder } });
	const d = await g.submit();
	await g.act(d.code, 'accept');
	await until(() => /form \d+\/\d+: not yet: .*no_such_field/.test(g.log));
	assert.equal((await forms(g, d.code))[0].state, 'due');

	writeFileSync(own, 'page: A5\nname: x\ntitle: MẪU CỦA CƠ QUAN {code}\n');

	assert.equal((await made(g, d.code, '01')).state, 'issued');
	assert.match(words(await fetchForm(g, d.code, '01')),
		new RegExp(`MẪU CỦA CƠ QUAN ${d.code}`));
});

test('a signature that our own verifier does not pass is not sent',
	async (t) => {
	const { g, mail } = await peers(t, { config: {
		form_key_file: pki('people/revoked.p12'),
		form_password_file: pki('people/.password') } });
	const d = await g.submit();

	await g.act(d.code, 'accept');

	await until(() => /not yet: .*its own verifier does not pass it/
		.test(g.log));
	assert.equal((await forms(g, d.code))[0].state, 'due');
	assert.equal(mailsOf(mail, 'accepted').length, 0,
		'its mail waits for it');
});

test('form 01 comes signed with the mail of acceptance, and reads well',
	async (t) => {
	const { g, mail } = await peers(t, { config: { ...signed,
		form_parent: 'UBND THÀNH PHỐ HỒ CHÍ MINH',
		form_place: 'Thành phố Hồ Chí Minh' } });
	const d = await g.submit();

	await g.act(d.code, 'accept');

	const form = await made(g, d.code, '01');
	assert.equal(form.state, 'issued');
	assert.ok(form.signed);
	const pdf = await fetchForm(g, d.code, '01');
	assert.equal(sha256(pdf), form.sha256);
	const said = words(pdf);
	for (const what of ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM',
		'UBND THÀNH PHỐ HỒ CHÍ MINH', `Mã hồ sơ: ${d.code}`,
		'GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ', 'NGUYỄN VĂN AN',
		'Thời gian hẹn trả kết quả giải quyết hồ sơ:'])
		assert.ok(said.includes(what), `${what} in: ${said}`);
	assert.ok(!said.includes(citizen.id), 'no whole identity number');
	const verdict = JSON.parse(read(pdf, program, 'verify', '--json', '--revocation', 'off', '--trust',
	pki('government'), '{}').split('\n')[0]);
	assert.equal(verdict.indication, 'TOTAL-PASSED');
	const [accepted] = await until(() => {
		const found = mailsOf(mail, 'accepted');
		return found.length > 0 && found;
	});
	assert.deepEqual(attachment(accepted), pdf);
	assert.match(accepted.raw,
		/filename\*0\*=UTF-8''mau-01-/);
});

test('each form is made once, whoever asks, and never changed', async (t) => {
	const { g } = await peers(t);
	const d = await g.submit();
	await g.act(d.code, 'refuse', { reason: 'Hồ sơ không thuộc thẩm quyền',
		ground });
	const form = await made(g, d.code, '03');

	await assert.rejects(g.psql(`UPDATE dossier_form SET signed = true`),
		/made once/);
	await assert.rejects(g.psql(`DELETE FROM dossier_form`), /made once/);
	await g.kill();
	await g.start();

	assert.deepEqual(await made(g, d.code, '03'), form);
	assert.match(words(await fetchForm(g, d.code, '03', 'portal')),
		/không thuộc thẩm quyền/);
});

test('forms 02 and 05 say why, and on what ground', async (t) => {
	const { g, mail } = await peers(t);
	const d = await g.dossier({ in: 'awaiting-supplement' });
	assert.equal((await made(g, d.code, '02')).state, 'issued');
	assert.match(words(await fetchForm(g, d.code, '02')), new RegExp(ground));

	await g.act(d.code, 'stop', { reason: 'Quá hạn bổ sung hồ sơ', ground });

	assert.equal((await made(g, d.code, '05')).state, 'issued');
	assert.match(words(await fetchForm(g, d.code, '05')),
		/THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ .*Quá hạn bổ sung hồ sơ/);
	const { json } = await g.get(`/v1/dossiers/${d.code}`);
	assert.deepEqual(json.forms.map((f) => [f.number, f.kind, f.state,
		f.link]), [['01', 'accept'], ['02', 'request-supplement'],
		['05', 'stop']].map(([number, kind]) => [number, kind, 'issued',
		`/v1/dossiers/${d.code}/forms/${number}`]));
	for (const f of json.forms)
		assert.equal(f.sha256, sha256((await g.get(f.link)).bytes));
	const [stopped] = await until(() => {
		const found = mailsOf(mail, 'stopped');
		return found.length > 0 && found;
	});
	assert.ok(attachment(stopped));
});

test('a citizen who withdraws is told so, with form 05', async (t) => {
	const { g, mail } = await peers(t);
	const d = await g.submit();

	await g.act(d.code, 'withdraw', { as: 'portal',
		reason: 'Tôi không còn nhu cầu' });

	assert.equal((await made(g, d.code, '05')).state, 'issued');
	const [withdrawn] = await until(() => {
		const found = mailsOf(mail, 'withdrawn');
		return found.length > 0 && found;
	});
	assert.ok(attachment(withdrawn));
});

test('an apology that promises nothing, or by nobody, is refused', async (t) => {
	const { g } = await peers(t);
	const d = await g.dossier({ in: 'processing' });
	const apologize = (body, options) => g.post(
		`/v1/dossiers/${d.code}/apologies`, body,
		{ as: 'ptdung', match: `v${d.version}`, ...options });
	const reason = 'Chờ ý kiến của cơ quan phối hợp';

	for (const [body, pointer] of [
		[{ reason, new_due_at: d.clock.original_due_at }, '/new_due_at'],
		[{ reason, new_due_at: '2020-01-01T00:00:00Z' }, '/new_due_at'],
		[{ reason, new_due_at: 'the day after tomorrow' }, '/new_due_at'],
		[{ new_due_at: soon(60) }, '/reason'],
		[{ reason: '', new_due_at: soon(60) }, '/reason'],
		[{ reason: 'x'.repeat(1001), new_due_at: soon(60) }, '/reason']]) {
		const res = await apologize(body);
		assert.ok([400, 422].includes(res.status), res.text);
		assert.equal(res.json.errors[0].pointer, pointer);
	}
	const body = { reason, new_due_at: soon(60) };
	assert.equal((await apologize(body, { as: 'portal' })).status, 403);
	assert.equal((await apologize(body, { match: undefined })).status, 428);
	assert.equal((await apologize(body, { match: 'v1' })).status, 412);
	const fresh = await g.submit();
	assert.equal((await g.post(`/v1/dossiers/${fresh.code}/apologies`, body,
		{ as: 'ptdung', match: 'v1' })).status, 409, 'no due date yet');
	assert.deepEqual(await g.psql('SELECT 1 FROM apology'), []);
});

test('form 04 is prepared before a dossier is late, and sent when an officer ' +
	'says why and until when', async (t) => {
	const { g, mail } = await peers(t);
	const d = await g.dossier({ in: 'processing' });
	await g.psql(`UPDATE timer SET due_at = now() WHERE kind = 'apology-due'
		AND fired_at IS NULL`);
	const draft = await until(async () => (await forms(g, d.code)).find((f) =>
		f.number === '04' && f.state === 'issued'));
	assert.ok(draft.draft && !draft.signed);
	assert.match(words(await fetchForm(g, d.code, '04')), /DỰ THẢO/);
	assert.equal((await g.get(`/v1/dossiers/${d.code}/forms/04`,
		{ as: 'portal' })).status, 404, 'a draft is for officers');
	assert.ok(!(await forms(g, d.code, 'portal')).some((f) => f.draft));
	const shown = (await g.get(`/v1/dossiers/${d.code}`)).json.forms;
	assert.ok(!shown.some((f) => f.number === '04'), 'nor in the dossier');

	const body = { reason: 'Chờ ý kiến của cơ quan phối hợp',
		new_due_at: soon(60) };
	const res = await g.post(`/v1/dossiers/${d.code}/apologies`, body,
		{ as: 'ptdung', match: `v${d.version}` });

	assert.equal(res.status, 201, res.text);
	assert.equal(res.json.original_due_at, d.clock.original_due_at);
	assert.equal((await made(g, d.code, '04')).state, 'issued');
	const said = words(await fetchForm(g, d.code, '04', 'portal'));
	assert.match(said, /Chờ ý kiến của cơ quan phối hợp/);
	assert.ok(!said.includes('DỰ THẢO'));
	const [apology] = await until(() => {
		const found = mailsOf(mail, 'an apology');
		return found.length > 0 && found;
	});
	assert.ok(attachment(apology));
	const now = (await g.get(`/v1/dossiers/${d.code}`)).json;
	assert.equal(now.clock.due_at, d.clock.due_at, 'it is as late as it is');
	const again = await g.post(`/v1/dossiers/${d.code}/apologies`,
		{ ...body, new_due_at: soon(90) },
		{ as: 'ptdung', match: `v${d.version}` });
	assert.equal(again.status, 409, 'a new date is set once');
});

test('forms 06 and 07 are for officers, in a form that there is', async (t) => {
	const { g } = await peers(t);
	const d = await g.submit();

	for (const where of [`/v1/dossiers/${d.code}/forms/06`,
		'/v1/register/form']) {
		assert.equal((await g.get(where, { as: 'portal' })).status, 403);
		assert.equal((await g.get(`${where}?format=doc`,
			{ as: 'ptdung' })).status, 400);
	}
	assert.equal((await g.get('/v1/dossiers/none/forms/06',
		{ as: 'ptdung' })).status, 404);
	await g.psql(`INSERT INTO dossier (tenant_id, code, unit_id, procedure_id,
		state, channel, applicant, received_at, moved_at, intake_due_at)
		SELECT tenant_id, 'many-' || i, unit_id, procedure_id, state, channel,
		applicant, received_at, moved_at, intake_due_at
		FROM dossier, generate_series(1, 1500) i`);
	assert.equal((await g.get('/v1/register/form', { as: 'ptdung' })).status,
		413, 'over 1,500 dossiers');
});
