// The clock of a dossier, through public calls; timers by the database's
// clock, with two gateways on one database.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Site, top } from '../setup/site.js';
import { gateway, papers, until } from './gateway.js';

const row = async (g, code, columns) => (await g.psql(
	`SELECT ${columns} FROM dossier WHERE code = '${code}'`))[0];
const events = (g, code, kinds) => g.psql(`SELECT v.kind FROM event v
	JOIN dossier d ON d.tenant_id = v.tenant_id AND d.id = v.dossier_id
	WHERE d.code = '${code}' AND v.kind IN (${kinds}) ORDER BY v.seq`);
const timers = (g, code) => g.psql(`SELECT t.kind, t.fired_at IS NOT NULL
	FROM timer t JOIN dossier d ON d.tenant_id = t.tenant_id
	AND d.id = t.dossier_id WHERE d.code = '${code}' ORDER BY t.kind, t.round`);
const due = (g, code, kind) => g.psql(`UPDATE timer SET
	due_at = now() - interval '1 s' WHERE kind = '${kind}'
	AND fired_at IS NULL AND dossier_id = (SELECT id FROM dossier
		WHERE code = '${code}')`);

test('no clock runs before acceptance, none while paused', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	assert.deepEqual(await row(g, d.code,
		'due_at, original_due_at, accepted_at'), ['', '', '']);
	assert.deepEqual(await timers(g, d.code), [['intake', 'f']]);
	await g.act(d.code, 'accept');
	const [dueAt, original] = await row(g, d.code,
		'due_at, original_due_at');
	assert.equal(dueAt, '', 'the fee pauses it at once');
	assert.notEqual(original, '');
	assert.deepEqual((await timers(g, d.code)).map(([kind]) => kind),
		['fee-reminder', 'fee-reminder', 'fee-reminder']);
});

test('what was left is given back when it is paid, and the first due date ' +
	'is kept', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	await g.act(d.code, 'accept');
	const [original] = await row(g, d.code, 'original_due_at');
	await g.pay(d.code);
	const [after, kept, paused] = await row(g, d.code,
		'due_at, original_due_at, paused_us / 1000000');
	assert.equal(kept, original);
	assert.ok(after >= original.slice(0, 19), `${after} ${original}`);
	const [[left, took, phase]] = await g.psql(`SELECT p.left_us,
		p.working_sec, p.phase FROM pause p JOIN dossier d
		ON d.id = p.dossier_id WHERE d.code = '${d.code}'`);
	assert.equal(phase, 'work');
	assert.equal(took, paused);
	assert.ok(Number(left) <= 5 * 8 * 3600e6);
	assert.deepEqual((await timers(g, d.code)).map(([kind]) => kind),
		['apology-due', 'near-due', 'overdue']);
});

test('an end takes the timers away and keeps the due date', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'resolved' });
	assert.deepEqual(await timers(g, d.code), []);
	const [dueAt, ended] = await row(g, d.code, 'due_at, ended_at');
	assert.notEqual(dueAt, '');
	assert.notEqual(ended, '');
	await g.act(d.code, 'return');
	assert.deepEqual(await row(g, d.code, 'due_at, ended_at'),
		[dueAt, ended]);
});

test('a timer fires once, though two gateways look for it', async (t) => {
	const g = await gateway(t);
	const other = new Site(`${g.database}b`, g.database);
	await other.configure();
	await other.start();
	t.after(async () => {
		await other.stop();
		other.close();
	});
	const codes = [];
	for (let i = 0; i < 5; i++)
		codes.push((await g.dossier({ in: 'processing' })).code);

	await g.psql(`UPDATE timer SET due_at = now() - interval '1 s'
		WHERE kind IN ('near-due', 'overdue')`);
	await until(async () => (await g.psql(`SELECT count(*) FROM timer
		WHERE fired_at IS NULL AND due_at < now()`))[0][0] === '0', {
		what: 'the timers have fired' });
	for (const code of codes)
		assert.deepEqual((await events(g, code,
			`'near-due', 'overdue'`)).map(([kind]) => kind).sort(),
		['near-due', 'overdue']);
	const done = await g.cli(['audit', 'verify', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout);
});

test('an answer that is late at intake is told of, with mail to the desk',
	async (t) => {
		const g = await gateway(t);
		const d = await g.submit();
		await due(g, d.code, 'intake');
		await until(async () => (await events(g, d.code, `'intake'`))
			.length === 1, { what: 'the intake timer fires' });
		const told = await g.psql(`SELECT template FROM outbox o
			JOIN dossier d ON d.id = o.dossier_id
			WHERE d.code = '${d.code}' AND o.template LIKE '%intake'`);
		assert.equal(told.length, 1);
	});

// The sample procedure with an extension, as its import file would have it.
const allow = (g) => g.psql(`INSERT INTO procedure_extension
	SELECT tenant_id, id, 1, 'complex', 'Vụ việc phức tạp', 45, 'day', 'điều 28'
	  FROM procedure WHERE code = '2.001914.H29'`);

test('an extension needs a code that the procedure knows, and a ground',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		const extend = (fields) => g.post(`/v1/dossiers/${d.code}/actions`,
			{ action: 'extend', reason: 'Phức tạp', ...fields },
			{ as: 'ptdung', match: `v${d.version}` });
		await allow(g);

		for (const [fields, code, pointer] of [
			[{ ground: 'điều 28' }, 'missing-field', '/extension'],
			[{ extension: 'complex' }, 'missing-field', '/ground'],
			[{ extension: 'other', ground: 'điều 28' }, 'bad-field',
				'/extension']]) {
			const res = await extend(fields);
			assert.equal(res.status, 400, res.text);
			assert.equal(res.json.code, code);
			assert.equal(res.json.pointer ?? res.json.errors?.[0].pointer,
				pointer, res.text);
		}
		assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.version,
			d.version);
	});

test('an extension moves the due date once, keeps the first and is told',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		await allow(g);
		const fields = { reason: 'Phức tạp', ground: 'điều 28',
			extension: 'complex' };

		const after = await g.act(d.code, 'extend', fields);
		assert.equal(after.state, 'processing');
		assert.ok(after.clock.due_at > d.clock.due_at);
		assert.equal(after.clock.original_due_at, d.clock.original_due_at);
		assert.deepEqual((await timers(g, d.code)).map(([kind]) => kind),
			['apology-due', 'near-due', 'overdue']);
		const [[code, by]] = await g.psql(`SELECT x.code, o.login
			FROM extension x JOIN officer o ON o.id = x.decided_by`);
		assert.deepEqual([code, by], ['complex', 'ptdung']);

		assert.deepEqual(after.extensions.map((x) => [x.code, x.due_at]),
			[['complex', after.clock.due_at]]);

		const again = await g.post(`/v1/dossiers/${d.code}/actions`,
			{ action: 'extend', ...fields },
			{ as: 'ptdung', match: `v${after.version}` });
		assert.ok([400, 409].includes(again.status), again.text);
		const done = await g.cli(['audit', 'verify', '-c', g.configFile]);
		assert.equal(done.code, 0, done.stdout);
	});

test('an extension that follows another is refused until that one is decided',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		await allow(g);
		await g.psql(`INSERT INTO procedure_extension SELECT tenant_id, id, 2,
			'very-complex', 'Đặc biệt phức tạp', 90, 'day', 'điều 30',
			'complex' FROM procedure WHERE code = '2.001914.H29'`);
		const why = { reason: 'Phức tạp', ground: 'điều 30' };
		const early = await g.post(`/v1/dossiers/${d.code}/actions`,
			{ action: 'extend', ...why, extension: 'very-complex' },
			{ as: 'ptdung', match: `v${d.version}` });

		assert.equal(early.status, 400, early.text);
		assert.equal(early.json.errors[0].pointer, '/extension');
		assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.version,
			d.version);

		const first = await g.act(d.code, 'extend',
			{ ...why, extension: 'complex' });
		const second = await g.act(d.code, 'extend',
			{ ...why, extension: 'very-complex' });
		assert.ok(second.clock.due_at > first.clock.due_at);
		assert.deepEqual(second.extensions.map((x) => [x.code, x.follows]),
			[['complex', null], ['very-complex', 'complex']]);
		assert.deepEqual([first, second].map((x) => x.extensions_left
			.map((left) => [left.code, left.follows, left.limit_amount])),
		[[['very-complex', 'complex', 90]], []]);
	});

test('nothing is extended before acceptance or while it stands still',
	async (t) => {
		const g = await gateway(t);
		await allow(g);
		for (const state of ['registered', 'awaiting-payment']) {
			const d = await g.dossier({ in: state });
			const res = await g.post(`/v1/dossiers/${d.code}/actions`,
				{ action: 'extend', reason: 'Phức tạp', ground: 'điều 28',
					extension: 'complex' },
				{ as: 'ptdung', match: `v${d.version}` });
			assert.equal(res.status, 409, res.text);
			assert.equal(res.json.code, 'wrong-state');
		}
	});

test('the verdict is by both rules, and a second supplement has a price',
	async (t) => {
		const g = await gateway(t);
		const open = await g.dossier({ in: 'processing' });
		assert.deepEqual(open.clock.verdict,
			{ national: 'on-time', by_date: null });
		assert.equal(open.clock.next_supplement_is_late, false);
		const waits = await g.dossier({ in: 'awaiting-supplement' });
		assert.equal(waits.clock.verdict.national, 'on-time');
		assert.equal(waits.clock.next_supplement_is_late, true);
		const done = await g.dossier({ in: 'resolved' });
		assert.deepEqual(done.clock.verdict,
			{ national: 'on-time', by_date: 'early' });
	});

const held = (g, d, action, fields, match) => g.post(
	`/v1/dossiers/${d.code}/actions`, { action, ...fields },
	{ as: 'ptdung', match: match ?? `v${d.version}` });

test('a hold needs a code that the procedure knows for it, and a reason',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		for (const [action, fields, code, pointer] of [
			['consult', { hold: 'other-agency' }, 'missing-field', '/reason'],
			['consult', { reason: 'Hỏi' }, 'missing-field', '/hold'],
			['consult', { reason: 'Hỏi', hold: 'none' }, 'bad-field', '/hold'],
			['suspend', { reason: 'Hỏi', hold: 'other-agency' }, 'bad-field',
				'/hold']]) {
			const res = await held(g, d, action, fields);
			assert.equal(res.status, 400, res.text);
			assert.equal(res.json.code, code);
			assert.equal(res.json.errors?.[0].pointer ?? res.json.pointer,
				pointer, res.text);
		}
		const early = await held(g, d, 'resume', {});
		assert.equal(early.json.code, 'wrong-state');
		assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.version,
			d.version);
	});

test('while another agency is asked the clock stands still, and the ledger ' +
	'says on what ground, from when and by whom', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'processing' });
	const asked = await held(g, d, 'consult',
		{ reason: 'Xác minh', hold: 'other-agency' });
	assert.equal(asked.status, 200, asked.text);
	assert.equal(asked.json.state, 'processing');
	assert.equal(asked.json.clock.state, 'paused');
	assert.equal(asked.json.clock.due_at, null);
	assert.equal(asked.json.clock.original_due_at, d.clock.original_due_at);
	assert.deepEqual(await timers(g, d.code), []);
	const open = asked.json.pauses.at(-1);
	assert.deepEqual([open.kind, open.hold, open.phase, open.began_by,
		open.ended_at], ['consultation', 'other-agency', 'work', 'principal',
		null]);
	assert.match(open.ground, /quy trình/);

	for (const [action, fields] of [
		['consult', { reason: 'Hỏi', hold: 'other-agency' }],
		['request-supplement', { reason: 'Thiếu', ground: 'điều 1' }]]) {
		const res = await held(g, asked.json, action, fields);
		assert.equal(res.json.code, 'wrong-state', action);
	}
	const again = await g.act(d.code, 'resume');
	assert.equal(again.clock.state, 'runs');
	assert.ok(again.clock.due_at >= d.clock.due_at);
	assert.equal(again.clock.original_due_at, d.clock.original_due_at);
	assert.notEqual(again.pauses.at(-1).ended_at, null);
	assert.deepEqual((await timers(g, d.code)).map(([kind]) => kind),
		['apology-due', 'near-due', 'overdue']);
	const done = await g.cli(['audit', 'verify', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout);
});

test('a second request for a supplement is allowed, and its answer warns',
	async (t) => {
		const g = await gateway(t);
		const first = await g.dossier({ in: 'awaiting-supplement' });
		assert.deepEqual(first.warnings, []);
		const res = await g.form(`/v1/dossiers/${first.code}/documents`, {
			dossier: { documents: [{ name: 'application' }] },
			application: papers().application });
		assert.equal(res.status, 201, res.text);
		const second = await g.act(first.code, 'request-supplement',
			{ reason: 'Thiếu', ground: 'điều 1' });
		assert.deepEqual(second.warnings.map((w) => w.code),
			['second-supplement']);
		assert.match(second.warnings[0].title_vi, /trễ hạn/);
		assert.equal(second.clock.verdict.national, 'late');
	});

test('a new version of the procedure moves nothing that was received before it',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		const sample = JSON.parse(readFileSync(path.join(top,
			'schemas/data/procedures-education.json'), 'utf8'));
		const [first] = sample.procedures;
		const file = path.join(g.dir, 'version2.json');
		writeFileSync(file, JSON.stringify({ tenant: sample.tenant,
			procedures: [{ ...first, version: 2, limit_amount: 90 }] }));
		await g.must('import', '-c', g.configFile, file);

		await g.act(d.code, 'consult', { reason: 'Hỏi', hold: 'other-agency' });
		const after = await g.act(d.code, 'resume');
		assert.equal(after.procedure.version, 1);
		assert.equal(after.clock.original_due_at, d.clock.original_due_at);
		assert.ok(Date.parse(after.clock.due_at) - Date.parse(d.clock.due_at) <
			86400000, 'by no more than the hold took');
		const fresh = await g.submit();
		assert.ok(fresh.expected_due_at > after.clock.due_at);
	});

const bringTo = (g, escalations) => {
	const unit = JSON.parse(readFileSync(path.join(top,
		'schemas/data/department.json'), 'utf8'));
	const file = path.join(g.dir, 'unit.json');
	unit.units[0].escalations = escalations;
	writeFileSync(file, JSON.stringify(unit));
	return g.cli(['import', '-c', g.configFile, file]);
};

test('an escalation without a role, or a fourth level, is refused',
	async (t) => {
		const g = await gateway(t);
		for (const [list, where] of [
			[[{ after_hours: 1 }], /units\/0\/escalations\/0/],
			[[{ after_hours: 0, role: 'leader' }], /escalations\/0/],
			[Array(4).fill({ after_hours: 1, role: 'leader' }),
				/escalations/]]) {
			const done = await bringTo(g, list);
			assert.notEqual(done.code, 0);
			assert.match(done.stderr, where);
		}
	});

test('what stays overdue is brought to the officers of each level, once',
	async (t) => {
		const g = await gateway(t);
		const done = await bringTo(g, [{ after_hours: 4, role: 'leader' },
			{ after_hours: 16, role: 'specialist' }]);
		assert.equal(done.code, 0, done.stderr);
		const d = await g.dossier({ in: 'processing' });
		for (const [level, officers] of [[1, ['vvem']],
			[2, ['ptdung', 'vvem']]]) {
			await due(g, d.code, `escalate-${level}`);
			await until(async () => (await events(g, d.code,
				`'escalate-${level}'`)).length === 1, {
				what: `level ${level} is brought up` });
			assert.deepEqual((await g.psql(`SELECT o.login FROM outbox x
				JOIN event e ON e.id = x.event_id
				JOIN officer o ON x.recipient = 'officer-' || o.id
				WHERE e.kind = 'escalate-${level}' ORDER BY 1`)).flat(),
			officers);
		}
		await g.act(d.code, 'consult', { reason: 'Hỏi', hold: 'other-agency' });
		assert.deepEqual((await timers(g, d.code)).filter(([, fired]) =>
			fired === 'f'), [], 'what is held is not late');
		const after = await g.act(d.code, 'resume');
		assert.equal(after.clock.state, 'runs');
		assert.deepEqual((await timers(g, d.code)).filter(([, fired]) =>
			fired === 'f').map(([kind]) => kind), ['apology-due',
			'escalate-1', 'escalate-2', 'near-due', 'overdue'], 'a new round');
	});

test('a fee that is waited for is reminded of, until it is paid', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });
	await g.psql(`UPDATE timer SET due_at = now() - interval '1 s'
		WHERE kind = 'fee-reminder' AND round = 1`);
	await until(async () => (await events(g, d.code, `'fee-reminder'`))
		.length === 1, { what: 'the reminder' });
	assert.deepEqual(await g.psql(`SELECT recipient, template FROM outbox
		WHERE template LIKE '%reminder'`),
	[['applicant', 'mail-payment-reminder']]);
	await g.pay(d.code);
	assert.deepEqual((await timers(g, d.code)).filter(([kind, fired]) =>
		kind === 'fee-reminder' && fired === 'f'), []);
});
