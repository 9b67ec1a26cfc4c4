// Electronic receipts: numbered without gaps with the money, signed, checked,
// sent and kept; pending when they cannot be signed; corrected by documents.
// Refusals first.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { program, run } from '../setup/site.js';
import { citizen, gateway, paid, pdfText, pki, sha256, until }
	from './gateway.js';
import { peers } from './peers.js';

const receipts = async (g, code) =>
	(await g.get(`/v1/dossiers/${code}`)).json.receipts;
const issued = (g, code, count = 1) => until(async () => {
	const list = await receipts(g, code);
	return list.filter((r) => r.sha256 !== null).length === count && list;
}, { what: `${count} signed receipts of ${code}` });
const correct = (g, code, number, body, options) => g.post(
	`/v1/dossiers/${code}/receipts/${number}/corrections`, body,
	{ as: 'ptdung', ...options });
const pdf = (g, code, number, options) =>
	g.get(`/v1/dossiers/${code}/receipts/${number}`, options);
const quick = { tick_ms: 20 };
const brings = (m) => m.files.some((f) => f.name.startsWith('bien-lai-'));

test('a receipt that is none, another\'s, or asked for without proof',
	async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'processing' });
	const [{ number }] = await issued(g, d.code);

	assert.equal((await pdf(g, d.code, number, { as: 'nobody' })).status, 401);
	assert.equal((await pdf(g, d.code, number + 1)).status, 404);
	assert.equal((await pdf(g, d.code, 'x')).status, 404);
	const other = await g.submit();
	assert.equal((await pdf(g, other.code, number)).status, 404);
	for (const code of ['x', '0'.repeat(32), `${'0'.repeat(31)}'`])
		assert.equal((await g.get(`/v1/receipts/${encodeURIComponent(code)}`,
			{ as: 'nobody' })).status, 404);
	assert.equal((await correct(g, d.code, number,
		{ kind: 'void', ground: 'x' }, { as: 'portal' })).status, 403);
	for (const [body, pointer] of [
		[{ ground: 'x' }, '/kind'],
		[{ kind: 'erase', ground: 'x' }, '/kind'],
		[{ kind: 'void' }, '/ground'],
		[{ kind: 'void', ground: '' }, '/ground'],
		[{ kind: 'void', ground: 'x'.repeat(1001) }, '/ground'],
		[{ kind: 'void', ground: 'x', amount: 1 }, '/amount'],
	]) {
		const res = await correct(g, d.code, number, body);
		assert.equal(res.status, 400, res.text);
		assert.equal(res.json.errors[0].pointer, pointer);
	}
	assert.equal((await receipts(g, d.code)).length, 1);
});

test('what is paid gets one receipt, signed, that reads as the law wants it',
	async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'processing' });
	const [r] = await issued(g, d.code);

	assert.equal(r.number, 1);
	assert.equal(r.state, 'issued');
	assert.equal(r.amount, d.payments[0].amount);
	const res = await pdf(g, d.code, r.number);
	assert.equal(res.status, 200);
	assert.match(res.headers['content-type'], /^application\/pdf/);
	assert.match(res.headers['content-disposition'],
		/^attachment; filename="bien-lai-00000001\.pdf"$/);
	assert.equal(sha256(res.bytes), r.sha256);
	const words = await pdfText(g, res.bytes);
	for (const part of ['BIÊN LAI THU PHÍ, LỆ PHÍ', 'Mẫu số: 01BLP',
		'Ký hiệu: C26T', 'Số: 00000001', 'Mã số thuế: 0301464893',
		citizen.name, d.code, 'Số tiền viết bằng chữ: ',
		'đồng chẵn', `${g.url}/v1/receipts/`])
		assert.ok(words.includes(part), `${part} in ${words}`);

	const file = path.join(g.dir, 'receipt.pdf');
	const judged = JSON.parse((await run(program, ['verify', '--json',
		'--trust', pki('government'), '--crl', pki('crl'), file])).stdout);
	assert.equal(judged.indication, 'TOTAL-PASSED');
	assert.equal(judged.signatures[0].covers, 'whole');
	assert.match((await run('pdfsig', ['-nocert', file])).stdout,
		/Signature is Valid/);
});

test('the code in its QR leads to what can be checked, without the payer',
	async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'processing' });
	const [r] = await issued(g, d.code);

	const res = await g.get(`/v1/receipts/${r.code}`, { as: 'nobody' });
	assert.equal(res.status, 200, res.text);
	assert.equal(res.json.state, 'issued');
	assert.equal(res.json.sha256, r.sha256);
	assert.ok(!res.text.includes(citizen.name));
	const page = await g.get(`/v1/receipts/${r.code}`, { as: 'nobody',
		headers: { accept: 'text/html' } });
	assert.match(page.headers['content-type'], /^text\/html/);
	assert.ok(page.text.includes('Biên lai có giá trị.'));
	assert.ok(page.text.includes(r.sha256));
	assert.ok(!page.text.includes(citizen.name));
});

test('the mail brings the very PDF, and says so in the record', async (t) => {
	const { g, mail } = await peers(t);
	const d = await g.dossier({ in: 'processing' });
	const [r] = await issued(g, d.code);
	const sent = await until(() => mail.mails.find((m) =>
		m.to === citizen.email && brings(m)));

	assert.match(sent.subject, /Biên lai thu phí, lệ phí hồ sơ/);
	assert.equal(sent.files.length, 1);
	assert.equal(sent.files[0].type, 'application/pdf');
	assert.equal(sha256(sent.files[0].bytes), r.sha256);
	assert.match(sent.files[0].name, /^bien-lai-\d{4}-00000001\.pdf$/);
	const said = (await g.get(`/v1/dossiers/${d.code}`)).json.history
		.filter((h) => h.event === 'receipt');
	assert.equal(said.length, 1);
	assert.equal(said[0].data.sha256, r.sha256);
	assert.equal(mail.mails.filter(brings).length, 1);
});

test('however often money is told of, there is one receipt for a request',
	async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'awaiting-payment' });
	const start = async () => (await g.post(
		`/v1/dossiers/${d.code}/payments`, { provider: 'vnpay' })).json;
	const [a, b] = [await start(), await start()];
	const tell = (attempt) => g.get('/v1/payments/callbacks/vnpay?' +
		paid(attempt.pay_url), { as: 'nobody' });

	await Promise.all([a, b, a, b, a, b].map(tell));
	await issued(g, d.code);
	await tell(a);
	await tell(b);
	assert.deepEqual((await receipts(g, d.code)).map((r) => r.number), [1]);
});

test('many who pay at once get numbers without a gap', async (t) => {
	const g = await gateway(t, { config: quick });
	const owing = [];
	for (let i = 0; i < 12; i++)
		owing.push(await g.dossier({ in: 'awaiting-payment' }));
	const urls = await Promise.all(owing.map(async (d) => (await g.post(
		`/v1/dossiers/${d.code}/payments`, { provider: 'vnpay' }))
		.json.pay_url));

	await Promise.all(urls.map((url) => g.get(
		`/v1/payments/callbacks/vnpay?${paid(url)}`, { as: 'nobody' })));
	const numbers = (await g.psql('SELECT number FROM receipt ORDER BY number'))
		.map(([n]) => Number(n));
	assert.deepEqual(numbers, owing.map((_, i) => i + 1));
});

test('a year ends at midnight in Vietnam: the next begins with 1',
	async (t) => {
	const g = await gateway(t, { start: false });
	const [[tenant, book]] = await g.psql(
		'SELECT tenant_id, id FROM receipt_book');
	const take = async (at, many = 1) => (await g.psql(
		`SELECT year, first FROM receipt_take(${tenant}, ${book}, '${at}',
		${many})`)).map((row) => row.map(Number));

	assert.deepEqual(await take('2026-01-01 00:00:00+07'), [[2026, 1]]);
	assert.deepEqual(await take('2026-12-31 23:59:59.999999+07', 2),
		[[2026, 2]]);
	assert.deepEqual(await take('2027-01-01 00:00:00+07'), [[2027, 1]]);
	assert.deepEqual(await take('2026-12-31 16:59:59Z'), [[2026, 4]]);
	assert.deepEqual(await take('2026-12-31 17:00:00Z'), [[2027, 2]]);
});

test('a book that is full takes no number, and the money stays booked',
	async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'awaiting-payment' });
	await g.psql(`INSERT INTO receipt_counter SELECT tenant_id, id,
		extract(year FROM now() AT TIME ZONE 'Asia/Ho_Chi_Minh'), 99999999
		FROM receipt_book`);

	await g.pay(d.code);
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.state,
		'processing');
	assert.deepEqual(await receipts(g, d.code), []);
});

test('nobody changes or deletes what was issued', async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'processing' });
	await issued(g, d.code);

	for (const sql of ['UPDATE receipt SET amount = 1', 'DELETE FROM receipt',
		'TRUNCATE receipt CASCADE', 'DELETE FROM receipt_document',
		`UPDATE receipt_document SET signed_at = now()`])
		await assert.rejects(g.psql(sql), /append-only/);
});

test('row 57: what cannot be signed stays pending under its number, is ' +
	'reported, and is signed in the end', async (t) => {
	const { g, mail } = await peers(t, { config: { tick_ms: 20,
		receipt_alarm_hour: 0,
		receipt_key_file: pki('people/stranger.p12') } });
	const d = await g.dossier({ in: 'processing' });

	const late = await until(() => mail.mails.find((m) =>
		m.subject.includes('its receipt is not signed')));
	assert.equal(late.to, 'ptdung.sgddt@tphcm.gov.vn');
	const [r] = await receipts(g, d.code);
	assert.equal(r.state, 'pending');
	assert.equal(r.number, 1);
	const res = await pdf(g, d.code, r.number);
	assert.equal(res.status, 409);
	assert.equal(res.json.code, 'receipt-pending');
	assert.equal((await g.get(`/v1/receipts/${r.code}`, { as: 'nobody' }))
		.json.state, 'pending');
	assert.match((await g.operator('/metrics')).text,
		/hosogate_receipts_pending 1/);
	assert.equal(mail.mails.filter(brings).length, 0);

	await g.stop();
	writeFileSync(g.configFile, readFileSync(g.configFile, 'utf8')
		.replace('stranger.p12', 'agency.p12'));
	await g.psql('UPDATE receipt_work SET run_at = now()');
	await g.start();
	const [signed] = await issued(g, d.code);
	assert.equal(signed.number, r.number);
	assert.equal(mail.mails.filter((m) =>
		m.subject.includes('its receipt is not signed')).length, 1);
});

test('a receipt is replaced once, and taken back once, by documents',
	async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'processing' });
	await issued(g, d.code);

	const key = 'replace-once-0001';
	const body = { kind: 'replacement', ground: 'Sai tên người nộp',
		payer: 'CÔNG TY TNHH GIÁO DỤC MINH KHAI' };
	const res = await correct(g, d.code, 1, body, { key });
	assert.equal(res.status, 201, res.text);
	assert.deepEqual([res.json.number, res.json.corrects], [2, 1]);
	assert.equal((await correct(g, d.code, 1, body, { key })).text, res.text);
	const again = await correct(g, d.code, 1, body);
	assert.equal(again.status, 409);
	assert.equal(again.json.code, 'receipt-corrected');

	let list = await issued(g, d.code, 2);
	assert.deepEqual(list.map((r) => r.state), ['replaced', 'issued']);
	const words = await pdfText(g, (await pdf(g, d.code, 2)).bytes);
	assert.ok(words.includes('CÔNG TY TNHH GIÁO DỤC MINH KHAI'));
	assert.ok(words.includes('Cho biên lai số: 00000001'));
	assert.ok(words.includes('Lý do: Sai tên người nộp'));

	assert.equal((await correct(g, d.code, 2,
		{ kind: 'void', ground: 'Thu nhầm' })).status, 201);
	list = await issued(g, d.code, 3);
	assert.deepEqual(list.map((r) => [r.number, r.state]),
		[[1, 'replaced'], [2, 'void'], [3, 'issued']]);
	assert.equal((await correct(g, d.code, 3,
		{ kind: 'void', ground: 'x' })).status, 409);
	const page = await g.get(`/v1/receipts/${list[1].code}`, { as: 'nobody' });
	assert.equal(page.json.state, 'void');
	assert.equal(page.json.corrected_by, 3);
});

test('two officers who correct one receipt at once: one does', async (t) => {
	const g = await gateway(t, { config: quick });
	const d = await g.dossier({ in: 'processing' });
	await issued(g, d.code);

	const answers = await Promise.all(['ptdung', 'vvem', 'ptdung', 'vvem']
		.map((as) => correct(g, d.code, 1,
			{ kind: 'void', ground: 'Thu nhầm' }, { as })));
	assert.deepEqual(answers.map((a) => a.status).sort(),
		[201, 409, 409, 409]);
	assert.deepEqual((await receipts(g, d.code)).map((r) => r.number), [1, 2]);
});
