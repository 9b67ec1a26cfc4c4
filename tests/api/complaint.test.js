// Complaints (khiếu nại) and denunciations (tố cáo), as the shipped data has
// them: limits from acceptance (thụ lý), extensions by decision, suspension.
// The laws' numbers stand here again, so that data which differs is seen.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { gateway, submission } from './gateway.js';

const day = 86400e3;
const why = { reason: 'Phức tạp', ground: 'Quyết định gia hạn số 1' };

// The day in Vietnam, so many days from now.
const inDays = (n) => new Date(Date.now() + 7 * 3600e3 + n * day)
	.toISOString().slice(0, 10);

// Every second is worked, so that a limit of calendar days ends to the second,
// and only the day off that a test names is rolled over.
async function sleepless(t, off = []) {
	const g = await gateway(t);
	const file = path.join(g.dir, 'calendar.json');
	writeFileSync(file, JSON.stringify({ tenant: { code: 'sgddt-hcm',
		name: 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh' },
	calendars: [{ code: 'hcm', name: 'Mọi lúc', first_day: '2025-01-01',
		last_day: '2099-12-31', hours: [{ valid_from: '2025-01-01',
			weekdays: [1, 2, 3, 4, 5, 6, 7], spans: ['00:00-24:00'] }],
		days: off.map((n) => ({ day: inDays(n), kind: 'off', name: 'Nghỉ',
			basis: 'thử nghiệm', status: 'confirmed' })) }] }));
	await g.must('import', '-c', g.configFile, file);
	return g;
}

const form = (procedure, more) => ({ dossier: { procedure,
	documents: [{ name: 'application' }], ...more }, transcript: null,
'transcript-signature': null, declaration: null });
const submit = (g, procedure, more) => g.submit(form(procedure, more));
const accepted = async (g, procedure) =>
	g.act((await submit(g, procedure)).code, 'accept');
const daysFrom = (d, at) => (Date.parse(at) - Date.parse(d.clock.accepted_at)) /
	day;

test('a limit is extended by decision alone, in the order of the law, and held ' +
	'on its grounds alone', async (t) => {
	const g = await sleepless(t);
	const d = await accepted(g, 'TC-01');
	for (const [body, pointer] of [
		[{ action: 'extend', ...why }, '/extension'],
		[{ action: 'extend', reason: 'x', extension: 'complex' }, '/ground'],
		[{ action: 'extend', ...why, extension: 'remote' }, '/extension'],
		[{ action: 'extend', ...why, extension: 'very-complex' },
			'/extension'],
		[{ action: 'suspend', reason: 'x', hold: 'other-agency' }, '/hold'],
		[{ action: 'suspend', reason: 'x', hold: 'busy' }, '/hold']]) {
		const res = await g.post(`/v1/dossiers/${d.code}/actions`, body,
			{ as: 'ptdung', match: `v${d.version}` });
		assert.deepEqual([res.status, res.json.errors?.[0].pointer],
			[400, pointer], res.text);
	}
});

// Law on Complaints 2011, art. 27, 28 and 37; Law on Denunciations 2018,
// art. 30: days from receipt to acceptance, from acceptance to the decision,
// and to what a decision extends that.
for (const [code, intake, limit, ...extensions] of [
	['KN-01', 10, 30, ['complex', 45], ['remote-complex', 60]],
	['KN-01', 10, 30, ['remote', 45]],
	['KN-02', 10, 45, ['complex', 60], ['remote-complex', 70]],
	['KN-02', 10, 45, ['remote', 60]],
	['TC-01', 10, 30, ['complex', 60], ['very-complex', 90]]]) {
	const said = extensions.map(([name, n]) => `${name} ${n}`).join(', ');
	test(`${code}: ${limit} days from acceptance, ${said}`, async (t) => {
		const g = await sleepless(t);
		const received = await submit(g, code, code === 'KN-02' && {
			contests: { known_on: inDays(0) } });
		assert.equal(Date.parse(received.intake_due_at) -
			Date.parse(received.received_at), intake * day);
		let d = await g.act(received.code, 'accept');
		assert.equal(daysFrom(d, d.clock.due_at), limit);
		for (const [extension, n] of extensions) {
			d = await g.act(d.code, 'extend', { ...why, extension });
			assert.equal(daysFrom(d, d.clock.due_at), n, extension);
			assert.equal(daysFrom(d, d.clock.original_due_at), limit);
		}
		assert.deepEqual(d.extensions.map((x) => [x.code, x.ground]),
			extensions.map(([extension]) => [extension, why.ground]));
		const mails = await g.psql(`SELECT count(*) FROM outbox
			WHERE template = 'mail-extended' AND recipient = 'applicant'`);
		assert.equal(mails[0][0], String(extensions.length), 'each is told');
	});
}

test('a suspension gives back what it took, and its ground is that of the law',
	async (t) => {
		const g = await sleepless(t);
		const d = await g.act((await accepted(g, 'KN-01')).code, 'assign',
			{ officer: 'ptdung' });
		const held = await g.act(d.code, 'suspend',
			{ reason: 'Chờ bản án', hold: 'outcome-elsewhere' });
		assert.equal(held.clock.due_at, null);
		assert.match(held.pauses[0].ground, /Luật 136\/2025\/QH15/);
		const resumed = await g.act(d.code, 'resume');
		const [pause] = resumed.pauses;
		const took = Date.parse(pause.ended_at) - Date.parse(pause.began_at);
		const moved = Date.parse(resumed.clock.due_at) -
			Date.parse(d.clock.due_at);
		assert.ok(Math.abs(moved - took) < 1000, `${moved} for ${took} ms`);
		const extended = await g.act(d.code, 'extend',
			{ ...why, extension: 'complex' });
		assert.ok(daysFrom(d, extended.clock.due_at) >= 45,
			'the pause is added to the longer limit too');
	});

test('a limit that ends on a day off ends on the next working day', async (t) => {
	const g = await sleepless(t, [30, 31]);
	const d = await accepted(g, 'KN-01');
	assert.equal(daysFrom(d, d.clock.due_at), 32);
});

test('every limit, extension and ground of the shipped data names its law',
	async (t) => {
		const g = await gateway(t, { start: false });
		const named = await g.psql(`
			SELECT p.code, 'limit', p.decision FROM procedure p
			 WHERE p.kind IN ('complaint', 'denunciation')
			UNION ALL
			SELECT p.code, 'filing', f.basis FROM procedure_filing f
			  JOIN procedure p ON p.id = f.procedure_id
			UNION ALL
			SELECT p.code, x.code, x.basis FROM procedure_extension x
			  JOIN procedure p ON p.id = x.procedure_id
			 WHERE p.kind IN ('complaint', 'denunciation')
			UNION ALL
			SELECT p.code, h.code, h.basis FROM procedure_hold h
			  JOIN procedure p ON p.id = h.procedure_id
			 WHERE p.kind IN ('complaint', 'denunciation')`);
		assert.equal(named.length, 3 + 1 + 8 + 9);
		for (const [code, what, basis] of named)
			assert.match(basis, /Luật [^,;]*(20\d\d|136\/2025)/,
				`${code} ${what}`);
		const unsure = named.find(([code, what]) => code === 'TC-01' &&
			what === 'limit');
		assert.match(unsure[2], /thụ lý 10 ngày chưa có nguồn/);
	});

// Law on Complaints 2011, art. 33: thirty days, or forty-five where the ways
// are long.
for (const [said, since, remote, outcome, last] of [
	['thirty days ago', -30, false, 'in-time', 0],
	['thirty-one days ago', -31, false, 'late', -1],
	['forty-five days ago, far away', -45, true, 'in-time', 0],
	['forty-six days ago, far away', -46, true, 'late', -1]])
	test(`a second complaint about a decision known ${said} is ${outcome}`,
		async (t) => {
			const g = await sleepless(t);
			const d = await submit(g, 'KN-02',
				{ contests: { known_on: inDays(since), remote } });
			assert.equal(d.filing, outcome);
			assert.deepEqual((await g.get(`/v1/dossiers/${d.code}`)).json
				.filing, { outcome, known_on: inDays(since), remote,
				last_day: inDays(last),
				basis: 'Luật Khiếu nại 2011, điều 33' });
			const accept = (body) => g.post(`/v1/dossiers/${d.code}/actions`,
				{ action: 'accept', ...body }, { as: 'ptdung', match: 'v1' });
			const plain = await accept({});
			if (outcome === 'in-time') {
				assert.equal(plain.status, 200, plain.text);
				return;
			}
			assert.deepEqual([plain.status, plain.json.code,
				plain.json.errors?.[0].pointer],
			[400, 'missing-field', '/reason'], plain.text);
			const taken = await accept({ reason: 'Bất khả kháng: lũ lụt' });
			assert.equal(taken.status, 200, taken.text);
			assert.match(JSON.stringify(taken.json.history), /lũ lụt/);
		});

test('a window whose last day is off ends on the next working day', async (t) => {
	const g = await sleepless(t, [-1]);
	const d = await submit(g, 'KN-02', { contests: { known_on: inDays(-31) } });
	assert.equal(d.filing, 'in-time');
});

test('a second complaint that says nothing of the first is accepted with a ' +
	'reason alone, and nobody else is asked', async (t) => {
	const g = await sleepless(t);
	const d = await submit(g, 'KN-02');
	assert.equal(d.filing, 'unknown');
	const res = await g.post(`/v1/dossiers/${d.code}/actions`,
		{ action: 'accept' }, { as: 'ptdung', match: 'v1' });
	assert.deepEqual([res.status, res.json.errors[0].pointer],
		[400, '/reason']);
	assert.equal((await g.act(d.code, 'accept', { reason: 'x' })).state,
		'accepted');
	const first = await accepted(g, 'KN-01');
	assert.equal(first.filing, null);

	for (const [procedure, contests, pointer] of [
		['KN-02', { known_on: inDays(1) }, '/contests/known_on'],
		['KN-02', { known_on: '2026-02-30' }, '/contests/known_on'],
		['KN-02', {}, '/contests/known_on'],
		['KN-01', { known_on: inDays(-1) }, '/contests']]) {
		const refused = await g.form('/v1/dossiers',
			submission(form(procedure, { contests })));
		assert.deepEqual([refused.status,
			refused.json.errors?.[0].pointer], [400, pointer],
		refused.text);
	}
});
