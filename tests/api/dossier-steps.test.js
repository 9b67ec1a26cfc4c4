// The internal process: which step a dossier lies at, who holds it, for how
// long; the control slip, the register and the figures that are made of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { document, gateway, procedure, until } from './gateway.js';

const tenant = { code: 'sgddt-hcm', name: 'Sở Giáo dục và Đào tạo' };
const step = (code, role, limit_amount = 4) => ({ code, title: code, role,
	limit_amount, limit_unit: 'working-hour' });

// The sample procedure's next version, with three steps and no fee.
async function withSteps(t, options) {
	const g = await gateway(t, options);
	const file = path.join(g.dir, 'steps.json');
	const [[documents]] = await g.psql(`SELECT json_agg(json_build_object(
		'code', d.code, 'title', d.title, 'required', d.required,
		'signer', d.signer, 'role', d.role, 'formats', d.formats,
		'bytes_max', d.bytes_max) ORDER BY d.position)
		FROM procedure_document d JOIN procedure p ON p.id = d.procedure_id
		WHERE p.code = '${procedure}'`);
	writeFileSync(file, JSON.stringify({ tenant, procedures: [{
		code: procedure, version: 2, name: 'Có quy trình', kind: 'tthc',
		field_code: 'G01', field_name: 'Văn bằng', limit_amount: 5,
		limit_unit: 'working-day', service_level: 'full', fee_due: 'none',
		decision: 'thử nghiệm', valid_from: '2025-01-01',
		documents: JSON.parse(documents),
		steps: [step('reception', 'clerk'), step('appraisal', 'specialist'),
			step('signing', 'leader')] }] }));
	await g.must('import', '-c', g.configFile, file);
	return g;
}

const asked = async (g, code, body, { as = 'ptdung', match } = {}) => {
	const seen = match ?? `v${(await g.get(`/v1/dossiers/${code}`)).json
		.version}`;
	return g.post(`/v1/dossiers/${code}/actions`, body, { as, match: seen });
};

test('only its holder hands it over, only to officers with the role, and not ' +
	'past the last step', async (t) => {
	const g = await withSteps(t);
	const d = await g.submit();
	const wrong = await asked(g, d.code, { action: 'accept' },
		{ as: 'vvem' });
	assert.deepEqual([wrong.status, wrong.json.code], [400, 'bad-field'],
		'vvem is no clerk');
	const accepted = await g.act(d.code, 'accept');

	for (const [body, as, status, code] of [
		[{ action: 'hand-over' }, 'vvem', 403, 'forbidden'],
		[{ action: 'take' }, 'vvem', 403, 'forbidden'],
		[{ action: 'hand-over', step: 'signing', officer: 'ptdung' },
			'ptdung', 400, 'bad-field'],
		[{ action: 'hand-over', step: 'none' }, 'ptdung', 400, 'bad-field'],
		[{ action: 'assign', officer: 'vvem' }, 'ptdung', 400, 'bad-field'],
	]) {
		const res = await asked(g, d.code, body, { as });
		assert.deepEqual([res.status, res.json.code], [status, code],
			JSON.stringify(body));
	}
	const stale = await asked(g, d.code, { action: 'hand-over' },
		{ match: `v${accepted.version + 1}` });
	assert.equal(stale.status, 412);
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.version,
		accepted.version, 'nothing has moved');

	await g.act(d.code, 'hand-over', { step: 'signing', officer: 'vvem' });
	const past = await asked(g, d.code, { action: 'hand-over' },
		{ as: 'vvem' });
	assert.deepEqual([past.status, past.json.code], [400, 'bad-field']);
});

test('what has no steps is neither handed over nor taken', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'processing' });
	for (const action of ['hand-over', 'take']) {
		const res = await asked(g, d.code, { action });
		assert.deepEqual([res.status, res.json.code], [409, 'wrong-state']);
	}
	assert.deepEqual([d.holder.step, d.holder.officer],
		[null, 'Phạm Thị Dung']);
});

test('who holds it is always known, and each hand that it went through stays',
	async (t) => {
	const g = await withSteps(t);
	const d = await g.submit();
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.holder.step,
		null);

	const first = await g.act(d.code, 'accept');
	assert.deepEqual([first.holder.step, first.holder.role,
		first.holder.officer], ['reception', 'clerk', 'Phạm Thị Dung']);
	assert.notEqual(first.holder.taken_at, null);

	const offered = await g.act(d.code, 'hand-over');
	assert.deepEqual([offered.state, offered.holder.step,
		offered.holder.officer, offered.holder.taken_at],
	['processing', 'appraisal', null, null]);
	const inbox = (query, as = 'vvem') => g.get(`/v1/dossiers?${query}`,
		{ as }).then((res) => res.json.items.map((i) => [i.code, i.step]));
	assert.deepEqual(await inbox('role=specialist'), [[d.code, 'appraisal']]);
	assert.deepEqual(await inbox('role=leader'), []);
	assert.deepEqual(await inbox('officer=me'), []);

	const untaken = await asked(g, d.code, { action: 'hand-over' });
	assert.equal(untaken.json.code, 'wrong-state');
	const taken = await g.act(d.code, 'take', { as: 'vvem' });
	assert.equal(taken.holder.officer, 'Võ Văn Em');
	assert.deepEqual(await inbox('officer=me'), [[d.code, 'appraisal']]);
	await g.act(d.code, 'hand-over', { as: 'vvem', step: 'reception',
		officer: 'ptdung' });
	await g.act(d.code, 'hand-over', { officer: 'ptdung' });
	const resolved = await g.form(`/v1/dossiers/${d.code}/documents`, {
		dossier: { documents: [{ name: 'result' }] },
		result: { file: 'result.pdf', data: document('result-signed.pdf') },
	}, { as: 'ptdung' });
	assert.equal(resolved.json.state, 'resolved', resolved.text);

	const { json } = await g.get(`/v1/dossiers/${d.code}/steps`);
	assert.deepEqual(json.plan.map((s) => s.code),
		['reception', 'appraisal', 'signing']);
	assert.deepEqual(json.steps.map((s) => [s.code, s.officer, s.outcome]), [
		['reception', 'Phạm Thị Dung', 'handed-over'],
		['appraisal', 'Võ Văn Em', 'handed-over'],
		['reception', 'Phạm Thị Dung', 'handed-over'],
		['appraisal', 'Phạm Thị Dung', 'ended']]);
	assert.ok(json.steps.every((s) => s.working_seconds >= 0 &&
		s.late === false));
	const seen = await g.get(d.link.replace(/^.*(\/v1\/.*)\?/, '$1/steps?'),
		{ as: 'nobody' });
	assert.equal(seen.status, 200, seen.text);
	assert.ok(seen.json.steps.every((s) => s.officer === undefined));

	await assert.rejects(g.psql(`UPDATE dossier_step SET officer_id = NULL`),
		/stays as it is/);
	await assert.rejects(g.psql(`DELETE FROM dossier_step`), /stays as it is/);
	const done = await g.cli(['audit', 'verify', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout);
});

test('a step stands still with the dossier, and is told of once when it is ' +
	'overdue', async (t) => {
	const g = await withSteps(t);
	const d = await g.submit();
	await g.act(d.code, 'accept');
	await g.act(d.code, 'hand-over', { officer: 'ptdung' });
	const timers = () => g.psql(`SELECT t.round, t.fired_at IS NOT NULL
		FROM timer t WHERE t.kind = 'step-overdue' ORDER BY t.round`);
	const [[round]] = await timers();
	await g.act(d.code, 'request-supplement', { reason: 'Thiếu',
		ground: 'điều 1' });
	assert.deepEqual(await timers(), [], 'paused: nothing is due');
	const [[left, due]] = await g.psql(`SELECT left_us, due_at
		FROM dossier_step WHERE ended_at IS NULL`);
	assert.ok(Number(left) > (4 * 3600 - 120) * 1e6 && due === '');
	await g.form(`/v1/dossiers/${d.code}/documents`, {
		dossier: { documents: [{ name: 'declaration' }] },
		declaration: { file: 'declaration.xml', type: 'application/xml',
			data: document('declaration.xml') } });

	assert.equal(Number(round), 1);
	await g.psql(`UPDATE timer SET due_at = now() - interval '1 s'
		WHERE kind = 'step-overdue'`);
	await until(async () => (await timers()).some(([, fired]) =>
		fired === 't'), { what: 'the step is told of' });
	assert.equal((await timers()).length, 1);
	assert.deepEqual(await g.psql(`SELECT recipient, template FROM outbox
		WHERE template LIKE '%step-overdue'`),
	[['desk', 'mail-desk-step-overdue']]);
});

test('the register lists what was received in the period, page by page',
	async (t) => {
	const g = await withSteps(t);
	const codes = [];
	for (let i = 0; i < 3; i++)
		codes.push((await g.submit()).code);
	await g.act(codes[0], 'accept');
	const received = (when) => g.psql(`UPDATE dossier SET received_at = ${when}
		WHERE code = '${codes[1]}'`);
	const all = (query) => g.get(`/v1/register?${query}`, { as: 'ptdung' });
	assert.equal((await all('period=2026-13')).status, 400);
	assert.equal((await all('limit=0')).status, 400);

	await received(`'2026-01-05 09:00+07'`);
	const january = (await all('period=2026-01')).json;
	assert.deepEqual(january.items.map((i) => i.code), [codes[1]]);
	await received(`(SELECT min(received_at) - interval '1 us' FROM dossier
		WHERE received_at > '2026-02-01')`);
	const page = (await all('limit=2')).json;
	assert.equal(page.items.length, 2);
	const rest = (await all(`limit=2&after=${page.next}`)).json;
	assert.deepEqual([...page.items, ...rest.items].map((i) => i.code),
		[codes[1], codes[0], codes[2]]);
	assert.deepEqual([rest.next, page.items[1].step], [null, 'reception']);
	assert.deepEqual((await all('unit=H29.99')).json.items, []);
});

test('the figures name the slowest step first, without what was paused',
	async (t) => {
	const g = await withSteps(t);
	const d = await g.submit();
	await g.act(d.code, 'accept');
	await g.psql(`INSERT INTO dossier_step (tenant_id, dossier_id, seq, code,
		began_at, began_by, first_due_at, ended_at, ended_by, outcome,
		working_sec, late)
		SELECT tenant_id, id, 100 + n, CASE WHEN n <= 10 THEN 'appraisal'
			ELSE 'signing' END, now(), 0, now(), now(), 0, 'handed-over',
			CASE WHEN n <= 10 THEN n * 100 ELSE 7 END, n = 10
		FROM dossier, generate_series(1, 12) n`);
	const stranger = await g.get('/v1/stats/steps', { as: 'portal' });
	assert.equal(stranger.status, 403);
	const { json } = await g.get('/v1/stats/steps', { as: 'ptdung' });
	assert.deepEqual(json.steps.map((s) => [s.step, s.ended, s.late,
		s.median_seconds, s.p90_seconds, s.longest_seconds]), [
		['appraisal', 10, 1, 500, 900, 1000],
		['signing', 2, 0, 7, 7, 7]]);
	const other = await g.get('/v1/stats/steps?period=2020', { as: 'ptdung' });
	assert.deepEqual(other.json.steps, []);
});

const words = (g, pdf) => {
	const file = path.join(g.dir, 'form.pdf');
	writeFileSync(file, pdf);
	return execFileSync('pdftotext', ['-layout', file, '-'],
		{ encoding: 'utf8' }).replace(/\s+/g, ' ');
};

test('form 06 tells each hand-over and form 07 the period, as PDF and as CSV ' +
	'alike', async (t) => {
	const g = await withSteps(t);
	const d = await g.submit();
	await g.act(d.code, 'accept');
	await g.act(d.code, 'hand-over', { step: 'signing', officer: 'vvem' });
	const fetch = async (where, type) => {
		const res = await g.get(where, { as: 'ptdung' });
		assert.equal(res.status, 200, res.text);
		assert.equal(res.headers['content-type'], type);
		return res;
	};
	const csv = 'text/csv; charset=utf-8';

	const slip = `/v1/dossiers/${d.code}/forms/06`;
	const [head, ...rows] = (await fetch(`${slip}?format=csv`, csv)).text
		.trim().split('\r\n');
	assert.match(head, /^STT,Bước,Người giao,Người thực hiện,/);
	assert.equal(rows.length, 2);
	assert.match(rows[0], /^1,reception,Phạm Thị Dung,.*,Đúng hạn$/);
	assert.match(rows[1], /^2,signing,Phạm Thị Dung,Võ Văn Em,.*,$/);
	const paper = words(g, (await fetch(slip, 'application/pdf')).bytes);
	assert.match(paper, /PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ/);
	assert.match(paper, /Võ Văn Em/);

	const register = '/v1/register/form';
	assert.match((await fetch(`${register}?format=csv`, csv)).text,
		new RegExp(`\r\n1,${d.code},Có quy trình,.*,Võ Văn Em,.*\r\n$`));
	assert.equal((await fetch(`${register}?format=csv&period=2020`, csv)).text
		.split('\r\n').length, 2, 'nothing but the head');
	const book = words(g, (await fetch(register, 'application/pdf')).bytes);
	assert.match(book, /SỔ THEO DÕI HỒ SƠ/);
	assert.match(book, new RegExp(`1 ${d.code} Có quy trình NGUYỄN VĂN`));
});
