// Days off that are brought, confirmed or taken away after dates were counted
// (ADR 17): what moves, what stays, and what the record says of it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { gateway, papers, procedure } from './gateway.js';

const tenant = { code: 'sgddt-hcm',
	name: 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh' };
const hour = 3600e3;
const day = 24 * hour;

// The day in Vietnam, so many days from now.
const inDays = (n) => new Date(Date.now() + 7 * hour + n * day)
	.toISOString().slice(0, 10);
const basis = 'Nghị quyết 80-NQ/TW';
const off = (n, more) => ({ day: inDays(n), kind: 'off',
	name: 'Ngày Văn hóa Việt Nam', basis, status: 'confirmed', ...more });

// Every second is worked but for those days, so a day off costs one day.
async function bring(g, days, more = {}) {
	const file = path.join(g.dir, 'calendars.json');
	writeFileSync(file, JSON.stringify({ tenant, ...more, calendars: [{
		code: 'hcm', name: 'Mọi lúc', first_day: '2025-01-01',
		last_day: '2099-12-31', days, hours: [{ valid_from: '2025-01-01',
			weekdays: [1, 2, 3, 4, 5, 6, 7], spans: ['00:00-24:00'] }] }] }));
	return g.cli(['import', '-c', g.configFile, file]);
}

async function moves(g, days, expected, more) {
	const done = await bring(g, days, more);
	assert.equal(done.code, 0, done.stderr);
	const said = done.stdout.match(/: (\d+) of (\d+) open dossiers moved/);
	assert.deepEqual([said[1], said[2]].map(Number), expected, done.stdout);
}

async function sleepless(t, days = [], options) {
	const g = await gateway(t, options);
	await moves(g, days, [0, 0]);
	return g;
}

const shown = async (g, code) => (await g.get(`/v1/dossiers/${code}`)).json;
// Timers ahead of a date lie on whole seconds before it.
const movedBy = (a, b) =>
	Math.round((Date.parse(b) - Date.parse(a)) / day * 1000) / 1000;
const told = async (g, code, kind) => (await g.psql(`SELECT v.data
	FROM event v JOIN dossier d ON d.id = v.dossier_id
	WHERE d.code = '${code}' AND v.kind = '${kind}' ORDER BY v.seq`))
	.map(([data]) => JSON.parse(data));
const whole = (g) => g.psql(`SELECT md5(string_agg(x::text, '|' ORDER BY x))
	FROM (SELECT d::text FROM dossier d UNION ALL SELECT p::text FROM pause p
	UNION ALL SELECT s::text FROM dossier_step s
	UNION ALL SELECT t::text FROM timer t
	UNION ALL SELECT v::text FROM event v WHERE dossier_id <> 0) AS r (x)`);
const sound = async (g) => {
	const done = await g.cli(['audit', 'verify', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout + done.stderr);
};

test('a holiday that is confirmed later moves what is due after it, on record ' +
	'with its basis and both dates', async (t) => {
	const g = await sleepless(t, [off(1, { status: 'unsure' })]);
	const d = await g.dossier({ in: 'processing' });
	const timers = () => g.psql(`SELECT kind, due_at FROM timer
		WHERE fired_at IS NULL ORDER BY kind`);
	const before = await timers();
	const fresh = () => g.get(`/v1/dossiers/${d.code}`,
		{ headers: { 'if-none-match': `"v${d.version}"` } });
	assert.equal((await fresh()).status, 304);

	await moves(g, [off(1)], [1, 1]);

	assert.equal((await fresh()).status, 200, 'a kept copy is old');
	const after = await shown(g, d.code);
	assert.equal(after.version, d.version + 1);
	assert.equal(movedBy(d.clock.due_at, after.clock.due_at), 1);
	assert.equal(after.clock.original_due_at, d.clock.original_due_at);
	const [event, ...more] = await told(g, d.code, 'due-recounted');
	assert.deepEqual(more, []);
	assert.equal(Date.parse(event.was_due_at), Date.parse(d.clock.due_at));
	assert.equal(Date.parse(event.due_at), Date.parse(after.clock.due_at));
	assert.equal(event.calendar, 'hcm');
	assert.equal(event.calendar_version, 3, 'shipped, unsure, confirmed');
	const [y, m, dd] = inDays(1).split('-');
	assert.equal(event.ground, 'Lịch làm việc “Mọi lúc”, bản 3: Ngày Văn hóa ' +
		`Việt Nam (${dd}/${m}/${y}), ${basis}`);
	assert.deepEqual((await timers()).map(([kind, at], i) =>
		[kind, movedBy(before[i][1], at)]),
	[['apology-due', 1], ['near-due', 1], ['overdue', 1]]);
	await sound(g);
});

test('the portal and the applicant are told of another date, once', async (t) => {
	const g = await sleepless(t, [], { callback: 'https://127.0.0.1:9/' });
	const d = await g.dossier({ in: 'processing' });
	await moves(g, [off(1)], [1, 1]);
	assert.deepEqual(await g.psql(`SELECT o.channel, o.template
		FROM outbox o JOIN event v ON v.tenant_id = o.tenant_id
		AND v.id = o.event_id WHERE v.kind = 'due-recounted' ORDER BY 1`),
	[['mail', 'mail-recounted'], ['webhook', 'dossier']], d.code);
});

test('an announcement that is confirmed moves nothing, and stands on record',
	async (t) => {
		const g = await sleepless(t, [off(1, { status: 'announced' })]);
		await g.dossier({ in: 'processing' });
		await moves(g, [off(1)], [0, 1]);
		// In Tết there is what the sample calendar said of it before.
		const [came, confirmed] = (await g.psql(`SELECT c.became->>'basis',
			c.became->>'status', c.was->>'status' FROM calendar_change c
			JOIN calendar k ON k.id = c.calendar_id
			WHERE k.code = 'hcm' AND c.day = '${inDays(1)}'
			ORDER BY c.version`)).slice(-2);
		assert.deepEqual(came.slice(0, 2), [basis, 'announced']);
		assert.deepEqual(confirmed, [basis, 'confirmed', 'announced']);
	});

test('a holiday that is taken away gives the time back, as long as that is ahead',
	async (t) => {
		const g = await sleepless(t, [off(1)]);
		const d = await g.dossier({ in: 'processing' });
		const late = await g.dossier({ in: 'processing' });
		await g.psql(`UPDATE dossier SET accepted_at = accepted_at
			- interval '3 d' WHERE code = '${late.code}'`);
		await g.psql(`UPDATE pause SET ended_at = ended_at - interval '3 d',
			began_at = began_at - interval '3 d' WHERE dossier_id =
			(SELECT id FROM dossier WHERE code = '${late.code}')`);

		await moves(g, [], [1, 2]);

		assert.equal(movedBy(d.clock.due_at,
			(await shown(g, d.code)).clock.due_at), -1);
		assert.equal((await shown(g, late.code)).clock.due_at,
			late.clock.due_at, 'it would have come yesterday');
		const [event] = await told(g, d.code, 'due-recounted');
		assert.match(event.ground, /Ngày Văn hóa Việt Nam/,
			'the basis of what is gone');
		await moves(g, [], [0, 2]);
	});

test('a date that has come stays, and so does all of what has ended',
	async (t) => {
		const g = await sleepless(t);
		const ended = await g.dossier({ in: 'resolved' });
		const overdue = await g.dossier({ in: 'processing' });
		await g.psql(`UPDATE dossier SET due_at = now() - interval '1 h'
			WHERE code = '${overdue.code}'`);
		await g.stop();
		const before = await whole(g);
		await moves(g, [off(1)], [0, 1]);
		assert.deepEqual(await whole(g), before, ended.code);
	});

test('the answer at intake moves too, and what began anew with the fee counts ' +
	'from then', async (t) => {
	const g = await sleepless(t);
	const d = await g.submit();
	const paid = await g.submit();
	await g.act(paid.code, 'request-payment');
	await g.pay(paid.code);
	const answer = async (code) => (await g.psql(`SELECT intake_due_at
		FROM dossier WHERE code = '${code}'`))[0][0];
	const before = [await answer(d.code), await answer(paid.code)];

	await moves(g, [off(0)], [2, 2]);

	const midnight = Date.parse(`${inDays(1)}T08:00+07:00`);
	for (const [i, { code }] of [d, paid].entries()) {
		const [event] = await told(g, code, 'answer-recounted');
		assert.equal(Date.parse(event.was_answer_due_at),
			Date.parse(before[i]));
		assert.equal(Date.parse(await answer(code)), midnight);
	}
	await moves(g, [off(0)], [0, 2]);
	await sound(g);
});

test('over a calendar that did not change nothing moves, whatever happened ' +
	'before', async (t) => {
	const g = await sleepless(t, [off(2)]);
	await g.psql(`INSERT INTO procedure_extension SELECT tenant_id, id, 1,
		'complex', 'Vụ việc phức tạp', 45, 'day', 'điều 28'
		FROM procedure WHERE code = '${procedure}'`);
	for (const state of ['registered', 'awaiting-payment', 'processing',
		'awaiting-supplement', 'resolved'])
		await g.dossier({ in: state });
	const extended = await g.dossier({ in: 'processing' });
	await g.act(extended.code, 'extend', { reason: 'Phức tạp',
		ground: 'điều 28', extension: 'complex' });
	const asked = await g.submit();
	await g.act(asked.code, 'request-supplement',
		{ reason: 'Thiếu', ground: 'điều 17' });
	await g.stop();
	const before = await whole(g);

	await moves(g, [off(2)], [0, 6]);
	assert.deepEqual(await whole(g), before);
	const crosses = new Date(Date.now() + 7 * hour).getUTCHours() >= 16;
	await moves(g, [off(1), off(2)], [crosses ? 2 : 1, 6]);
	const then = await whole(g);
	await moves(g, [off(1), off(2)], [0, 6]);
	assert.deepEqual(await whole(g), then);
	await sound(g);
});

test('the step that it lies at moves with it, also after it stood still',
	async (t) => {
		const g = await sleepless(t);
		const [[documents]] = await g.psql(`SELECT json_agg(json_build_object(
			'code', d.code, 'title', d.title, 'required', d.required,
			'signer', d.signer, 'role', d.role, 'formats', d.formats,
			'bytes_max', d.bytes_max) ORDER BY d.position)
			FROM procedure_document d JOIN procedure p
			ON p.id = d.procedure_id WHERE p.code = '${procedure}'`);
		await moves(g, [], [0, 0], { procedures: [{ code: procedure,
			version: 2, name: 'Có quy trình', kind: 'tthc', field_code: 'G01',
			field_name: 'Văn bằng', limit_amount: 5,
			limit_unit: 'working-day', service_level: 'full',
			fee_due: 'none', decision: 'thử nghiệm',
			valid_from: '2025-01-01', documents: JSON.parse(documents),
			steps: [{ code: 'reception', title: 'Tiếp nhận', role: 'clerk',
				limit_amount: 30, limit_unit: 'working-hour' }] }] });
		const { code } = await g.submit();
		await g.act(code, 'accept');
		const steps = async () => (await g.psql(`SELECT due_at, first_due_at
			FROM dossier_step`))[0];
		const [first] = await steps();
		await moves(g, [off(1)], [1, 1]);
		assert.deepEqual((await steps()).map((at) => movedBy(first, at)),
			[1, 0]);

		await g.act(code, 'request-supplement',
			{ reason: 'Thiếu', ground: 'điều 17' });
		await moves(g, [off(1)], [0, 1]);
		const more = await g.form(`/v1/dossiers/${code}/documents`, {
			dossier: { documents: [{ name: 'application' }] },
			application: papers().application,
		});
		assert.equal(more.status, 201, more.text);
		const [went] = await steps();
		await moves(g, [off(1)], [0, 1]);
		await moves(g, [], [1, 1]);
		assert.equal(movedBy(went, (await steps())[0]), -1);
		const events = await told(g, code, 'due-recounted');
		assert.deepEqual(events.map((e) => [e.step,
			movedBy(e.was_step_due_at, e.step_due_at)]),
		[['reception', 1], ['reception', -1]]);
		await sound(g);
	});

test('a run that breaks off keeps whole batches, and the next one takes it up',
	async (t) => {
		const g = await sleepless(t, [], { start: true });
		const d = await g.dossier({ in: 'processing' });
		const columns = (await g.psql(`SELECT string_agg(attname, ', ')
			FROM pg_attribute WHERE attrelid = 'dossier'::regclass
			AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
			AND attname NOT IN ('id', 'code', 'client_ref')`))[0][0];
		await g.psql(`INSERT INTO dossier (code, client_ref, ${columns})
			SELECT code || '-' || n, coalesce(client_ref, '') || n, ${columns}
			FROM dossier, generate_series(1, 449) n
			WHERE code = '${d.code}'`);
		await g.psql(`ALTER TABLE event ADD CONSTRAINT broken CHECK (
			data::jsonb->>'code' <> '${d.code}-300') NOT VALID`);

		const broken = await bring(g, [off(1)]);
		assert.equal(broken.code, 1, broken.stdout);
		assert.match(broken.stderr, /imported, but not all due dates/);
		const moved = async () => Number((await g.psql(`SELECT count(*)
			FROM dossier x, dossier d WHERE d.code = '${d.code}-449'
			AND x.due_at <> '${d.clock.due_at}'`))[0][0]);
		assert.equal(await moved(), 200, 'one batch');

		await g.psql('ALTER TABLE event DROP CONSTRAINT broken');
		await moves(g, [off(1)], [250, 450]);
		assert.equal(await moved(), 450);
		const [[times, events]] = await g.psql(`SELECT max(n), sum(n) FROM (
			SELECT count(*) AS n FROM event WHERE kind = 'due-recounted'
			GROUP BY dossier_id) x`);
		assert.deepEqual([times, events], ['1', '450']);
	});
