// Feedback (phản ánh, kiến nghị) that waits: who is told ahead, when a step is
// overdue, and to whom it is brought then; each once.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Site, top } from '../setup/site.js';
import { gateway } from './gateway.js';
import { deliveries, peers, until } from './peers.js';

const mailbox = 'sgddt@tphcm.gov.vn';

const send = async (g) => {
	const res = await g.post('/v1/feedback', { kind: 'feedback',
		text: 'Chờ lâu.' });
	assert.equal(res.status, 201, res.text);
	return { ...res.json, version: 1 };
};
const act = async (g, f, body) => {
	const res = await g.post(`/v1/feedback/${f.code}/actions`, body,
		{ as: 'ptdung', match: `v${f.version}` });
	assert.equal(res.status, 200, res.text);
	return res.json;
};
const timers = (g, f, fired = false) => g.psql(`SELECT kind, round FROM timer
	WHERE feedback = '${f.code}' AND (fired_at IS NOT NULL) = ${fired}
	ORDER BY kind, round`);
const make = (g, kind) => g.psql(`UPDATE timer
	SET due_at = now() - interval '1 s' WHERE fired_at IS NULL
	AND feedback IS NOT NULL AND kind = '${kind}'`);
const told = (g, kind) => g.psql(`SELECT data::jsonb->>'code' FROM event
	WHERE kind = 'feedback-${kind}'`);
const fire = async (g, kind) => {
	await make(g, kind);
	await until(async () => (await told(g, kind)).length > 0,
		{ what: `${kind} is told` });
};

async function escalate(g, escalations) {
	const unit = JSON.parse(readFileSync(path.join(top,
		'schemas/data/department.json'), 'utf8'));
	const file = path.join(g.dir, 'unit.json');
	unit.units[0].escalations = escalations;
	writeFileSync(file, JSON.stringify(unit));
	await g.must('import', '-c', g.configFile, file);
}

test('a timer is of a dossier or of feedback, and of each kind and round once',
	async (t) => {
		const g = await gateway(t);
		const f = await send(g);
		const add = (dossier, code, round) => g.psql(`INSERT INTO timer
			(tenant_id, dossier_id, feedback, kind, round, due_at)
			VALUES (1, ${dossier}, ${code}, 'overdue', ${round}, now())`);
		await assert.rejects(add('NULL', 'NULL', 9), /violates check/);
		await assert.rejects(add('NULL', `'${f.code}'`, 1), /timer_feedback/);
	});

test('the unit gets one mail when a step is nearly due and one when it is ' +
	'overdue, though two gateways look', async (t) => {
	const { g, mail } = await peers(t);
	const other = new Site(`${g.database}b`, g.database);
	await other.configure();
	await other.start();
	t.after(async () => {
		await other.stop();
		other.close();
	});
	const f = await send(g);
	assert.deepEqual(await timers(g, f), [['near-due', '1'],
		['overdue', '1']]);
	for (const [i, kind] of ['near-due', 'overdue'].entries()) {
		await fire(g, kind);
		await until(() => mail.mails.length === i + 1,
			{ what: `${kind} is mailed` });
		assert.equal(mail.mails[i].to, mailbox);
	}
	assert.deepEqual([await told(g, 'near-due'), await told(g, 'overdue')],
		[[[f.code]], [[f.code]]]);
	await until(async () => (await deliveries(g, `status = 'sent'`))
		.length === 2);
	const shown = await g.cli(['queue', 'show', '-c', g.configFile,
		(await g.psql('SELECT min(outbox_id) FROM outbox_delivery'))[0][0]]);
	assert.match(shown.stdout, new RegExp(f.code));
	const audit = await g.cli(['audit', 'verify', '-c', g.configFile]);
	assert.equal(audit.code, 0, audit.stdout);
});

test('what stays overdue is brought to the officers of each level', async (t) => {
	const g = await gateway(t);
	await escalate(g, [{ after_hours: 4, role: 'leader' },
		{ after_hours: 16, role: 'specialist' }]);
	await send(g);
	for (const [level, officers] of [[1, ['vvem']], [2, ['ptdung', 'vvem']]]) {
		await fire(g, `escalate-${level}`);
		assert.deepEqual((await g.psql(`SELECT o.login FROM outbox x
			JOIN officer o ON x.recipient = 'officer-' || o.id
			JOIN event e ON e.id = x.event_id
			WHERE e.kind = 'feedback-escalate-${level}'
			ORDER BY 1`)).flat(), officers);
	}
});

test('a step that is taken takes its reminders along, and the end takes all',
	async (t) => {
		const g = await gateway(t);
		let f = await send(g);
		await fire(g, 'near-due');
		f = await act(g, f, { action: 'accept' });
		assert.deepEqual(await timers(g, f), [['near-due', '2'],
			['overdue', '1']]);
		const [[due]] = await g.psql(`SELECT t.due_at = f.answer_due_at
			FROM timer t JOIN feedback f ON f.code = t.feedback
			WHERE t.kind = 'overdue'`);
		assert.equal(due, 't', 'the answer is what is waited for now');
		f = await act(g, f, { action: 'answer', text: 'Đã rõ.' });
		assert.equal((await timers(g, f)).length, 2, 'it has to be published');
		f = await act(g, f, { action: 'publish' });
		assert.deepEqual(await timers(g, f), []);
		assert.deepEqual(await timers(g, f, true), [['near-due', '1']]);
	});

test('a reminder of a step that was taken meanwhile is not sent', async (t) => {
	const { g, mail } = await peers(t);
	const done = await g.cli(['queue', 'pause', '-c', g.configFile, 'mail']);
	assert.equal(done.code, 0, done.stderr);
	const f = await send(g);
	await fire(g, 'overdue');
	await act(g, f, { action: 'accept' });
	await g.must('queue', 'resume', '-c', g.configFile, 'mail');
	await until(async () => (await deliveries(g, `status = 'moot'`))
		.length === 1, { what: 'it is moot' });
	assert.deepEqual(mail.mails, []);
});
