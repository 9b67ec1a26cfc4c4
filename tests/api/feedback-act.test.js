// The life of feedback (phản ánh, kiến nghị): each step with its own clock,
// from receipt to the published answer.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { gateway } from './gateway.js';

const send = async (g, body = {}) => {
	const res = await g.post('/v1/feedback', { kind: 'feedback',
		text: 'Chờ lâu.', contact: 'an@example.com', ...body });
	assert.equal(res.status, 201, res.text);
	return { ...res.json, version: 1 };
};
const act = (g, f, body, { as = 'ptdung', match } = {}) => g.post(
	`/v1/feedback/${f.code}/actions`, body,
	{ as, match: match ?? `v${f.version}` });
const must = async (g, f, body) => {
	const res = await act(g, f, body);
	assert.equal(res.status, 200, res.text);
	return res.json;
};
const list = (g, query = '', as = 'nobody') =>
	g.get(`/v1/feedback${query}`, { as });

test('what is no step from where it is, not said in full, stale or not one\'s ' +
	'own to do is refused and changes nothing', async (t) => {
	const g = await gateway(t);
	const f = await send(g);
	for (const [body, options, status, code] of [
		[{ action: 'answer', text: 'x' }, {}, 409,
			'feedback-wrong-state'],
		[{ action: 'publish' }, {}, 409,
			'feedback-wrong-state'],
		[{ action: 'return' }, {}, 400, 'missing-field'],
		[{ action: 'ask-more' }, {}, 400, 'missing-field'],
		[{ action: 'transfer' }, {}, 400, 'missing-field'],
		[{ action: 'transfer', unit: 'H29.99' }, {}, 400, 'bad-field'],
		[{ action: 'delete' }, {}, 400, 'bad-field'],
		[{ action: 'accept', text: 'x'.repeat(10001) }, {}, 400, 'bad-field'],
		[{ action: 'accept' }, { match: 'v2' }, 412, 'feedback-stale'],
		[{ action: 'accept' }, { as: 'portal' }, 403, 'forbidden']]) {
		const res = await act(g, f, body, options);
		assert.deepEqual([res.status, res.json.code], [status, code],
			JSON.stringify(body));
		assert.doesNotMatch(res.text, /hồ sơ|dossier/i);
	}
	const unmatched = await g.post(`/v1/feedback/${f.code}/actions`,
		{ action: 'accept' }, { as: 'ptdung' });
	assert.equal(unmatched.status, 428);
	const unasked = await g.post(`/v1/feedback/${f.code}/additions`,
		{ text: 'x' });
	assert.equal(unasked.status, 409);
	const lost = await act(g, { code: 'PAKN.20200101.0001', version: 1 },
		{ action: 'accept' });
	assert.equal(lost.status, 404);
	assert.deepEqual(await g.psql('SELECT count(*) FROM feedback_step'),
		[['0']]);
});

test('it is taken up, asked about, answered and published, and then anyone ' +
	'reads the answer and nobody who asked', async (t) => {
	const g = await gateway(t);
	let f = await send(g);
	assert.ok(f.return_due_at < f.answer_due_at);
	f = await must(g, f, { action: 'accept' });
	f = await must(g, f, { action: 'ask-more', text: 'Ngày nào?' });
	assert.equal(f.state, 'awaiting-more');
	const added = await g.post(`/v1/feedback/${f.code}/additions`,
		{ text: 'Hôm qua.' });
	assert.equal(added.json.state, 'processing', added.text);
	assert.equal(f.publish_due_at, null);
	assert.deepEqual((await list(g)).json.items, [], 'nothing is public yet');

	f = await must(g, added.json, { action: 'answer', text: 'Xin lỗi.' });
	assert.notEqual(f.publish_due_at, null);
	f = await must(g, f, { action: 'publish' });
	assert.deepEqual(f.steps.map((s) => [s.action, s.late]), ['accept',
		'ask-more', 'add', 'answer', 'publish'].map((a) => [a, false]));

	const res = await list(g);
	assert.deepEqual(res.json.items.map((i) => [i.code, i.text, i.answer]),
		[[f.code, 'Chờ lâu.', 'Xin lỗi.']]);
	assert.doesNotMatch(res.text, /an@example/);
	const score = await g.psql(`SELECT handled_at IS NOT NULL
		AND answered_at IS NOT NULL AND published_at IS NOT NULL
		FROM feedback`);
	assert.deepEqual(score, [['t']]);
	await assert.rejects(g.psql(`UPDATE feedback_step SET late = false`),
		/append-only/);
	const done = await g.cli(['audit', 'verify', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout);
});

test('a step after its time is taken and noted as late', async (t) => {
	const g = await gateway(t);
	const f = await send(g);
	await g.psql(`UPDATE feedback SET
		return_due_at = now() - interval '1 s'`);
	const moved = await must(g, f, { action: 'return', text: 'Không đúng.' });
	assert.deepEqual([moved.state, moved.steps[0].late], ['returned', true]);
	assert.deepEqual((await list(g, '/queue', 'ptdung')).json.items, []);
});

test('a transfer begins the times anew, by the calendar of the other unit',
	async (t) => {
	const g = await gateway(t);
	const file = path.join(g.dir, 'units.json');
	writeFileSync(file, JSON.stringify({ tenant: { code: 'sgddt-hcm',
		name: 'Sở' }, calendars: [{ code: 'sundays', name: 'Chủ nhật',
		first_day: '2020-01-01', last_day: '2099-12-31', days: [],
		hours: [{ valid_from: '2020-01-01', weekdays: [7],
			spans: ['08:00-16:00'] }] }],
	units: [{ code: 'H29.99', name: 'Đơn vị khác', calendar: 'sundays',
		mailbox: 'khac@tphcm.gov.vn', mail_domains: ['tphcm.gov.vn'] }] }));
	await g.must('import', '-c', g.configFile, file);
	const f = await send(g);
	const moved = await must(g, f, { action: 'transfer', unit: 'H29.99' });
	assert.equal(moved.state, 'received');
	assert.ok(Date.parse(moved.answer_due_at) - Date.parse(f.answer_due_at) >
		60 * 86400000, 'fifteen Sundays');
	const queue = (query) => list(g, `/queue?${query}`, 'ptdung')
		.then((res) => res.json.items.map((i) => i.code));
	assert.deepEqual(await queue('unit=H29.99'), [f.code]);
	assert.deepEqual(await queue('unit=H29.20'), []);
	assert.deepEqual(await queue('state=processing'), []);
	assert.equal((await list(g, '/queue?state=none', 'ptdung')).status, 400);
});

test('queue and answers come page by page', async (t) => {
	const g = await gateway(t);
	const codes = [];
	for (let i = 0; i < 3; i++) {
		let f = await send(g, { text: `Việc ${i}` });
		codes.push(f.code);
		f = await must(g, f, { action: 'accept' });
	}
	const first = (await list(g, '/queue?limit=2', 'ptdung')).json;
	const rest = (await list(g, `/queue?limit=2&after=${first.next}`,
		'ptdung')).json;
	assert.deepEqual([...first.items, ...rest.items].map((i) => i.code),
		codes);
	assert.equal(rest.next, null);
	for (const code of codes) {
		const f = await must(g, { code, version: 2 }, { action: 'answer',
			text: 'Đã rõ.' });
		await must(g, f, { action: 'publish' });
	}
	const one = (await list(g, '?limit=2')).json;
	const two = (await list(g, `?limit=2&after=${one.next}`)).json;
	assert.deepEqual([...one.items, ...two.items].map((i) => i.code),
		[...codes].reverse());
});
