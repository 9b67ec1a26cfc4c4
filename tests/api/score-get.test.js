// GET /v1/stats/on-time and GET /v1/scores/{set}: figures with what is behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway } from './gateway.js';

// What the formulas see, set by hand: a dossier accepted long ago, which ended in
// this period, save in the first seconds of a year.
const accepted = async (g, { due, ended, supplements = 0 }) => {
	const { code } = await g.submit();
	await g.psql(`UPDATE dossier SET accepted_at = now() - interval '9 days',
		state = ${ended ? 9 : 4}, due_at = now() + interval '${due}',
		supplements = ${supplements},
		ended_at = ${ended ? `now() + interval '${ended}'` : 'NULL'}
		WHERE code = '${code}'`);
	return code;
};
const year = new Date(Date.now() + 7 * 3600e3).getUTCFullYear();
const figure = async (g, criterion) => (await g.get(
	`/v1/scores/plan-2023?period=${year}&cases=1`, { as: 'ptdung' }))
	.json.criteria.find((c) => c.code === criterion);

test('a set or a period that is none is refused', async (t) => {
	const g = await gateway(t);
	const get = (where) => g.get(where, { as: 'ptdung' });

	assert.equal((await get('/v1/scores/none')).status, 404);
	assert.equal((await get('/v1/scores/plan-2023?period=then')).status, 400);
	assert.equal((await get('/v1/stats/on-time?period=2026-13')).status, 400);
	assert.equal((await g.get('/v1/scores/plan-2023')).status, 403);
});

test('nothing to measure has no rate', async (t) => {
	const g = await gateway(t);
	const [group] = (await figure(g, '1')).groups;

	assert.equal((await figure(g, '1')).title,
		'Hồ sơ TTHC giải quyết đúng hạn, từng lĩnh vực');
	assert.equal(group.denominator, 0);
	assert.equal(group.rate, null);
	assert.equal(group.met, null);
});

test('what has no target is counted and not judged', async (t) => {
	const g = await gateway(t);

	const { stdout } = await g.cli(['score', '-c', g.configFile,
		'--set', 'plan-2023', '--period', String(year)]);

	const after = (title) => stdout.split(`\n${title}`)[1].split('\n')[3];
	assert.match(after('9. '), /\(≥ 80\.00%\)/);
	assert.match(after('9b. '), /0 \/ 0 +-$/);
});

test('late is late, by the moment and by a second supplement', async (t) => {
	const g = await gateway(t);
	const good = [await accepted(g, { due: '1 day' }),
		await accepted(g, { due: '-1 s', ended: '-2 s' })];
	const late = [await accepted(g, { due: '-1 s' }),
		await accepted(g, { due: '-2 s', ended: '-1 s' }),
		await accepted(g, { due: '1 day', supplements: 2 })];

	const [group] = (await figure(g, '1')).groups;
	assert.equal(group.numerator, 2);
	assert.equal(group.denominator, 5);
	assert.equal(group.rate, '40.00');
	assert.equal(group.met, false);
	const sorted = (want) => group.cases.filter((c) => c.good === want)
		.map((c) => c.subject).sort();
	assert.deepEqual(sorted(true), good.sort());
	assert.deepEqual(sorted(false), late.sort());
});

test('the published rate is the same figure, for anyone', async (t) => {
	const g = await gateway(t);
	await accepted(g, { due: '1 day' });
	const res = await g.get('/v1/stats/on-time', { as: 'nobody' });

	assert.equal(res.status, 200);
	assert.ok(Date.parse(res.json.as_of));
	assert.deepEqual(res.json.tenants[0].fields.map((f) => [f.numerator,
		f.denominator, f.rate]), [[1, 1, '100.00']]);
});

test('an address outside the official domains counts against the target',
	async (t) => {
		const g = await gateway(t);
		await g.psql(`UPDATE officer SET email = 'vvem@gmail.com'
			WHERE login = 'vvem'`);
		const { groups: [group] } = await figure(g, '8');

		assert.equal(group.rate, '50.00');
		assert.deepEqual(group.cases, [{ subject: 'ptdung', good: true },
			{ subject: 'vvem', good: false }]);
	});

test('the rate is published by both rules, by field and by unit, and each ' +
	'period keeps what stood at its end', async (t) => {
	const g = await gateway(t);
	for (const [accepted, due, ended] of [
		['2026-08-03', '2026-08-10 09:00', '2026-08-10 16:00'],
		['2026-08-03', '2026-08-10 09:00', '2026-08-07 16:00'],
		['2026-08-25', '2026-09-05 09:00', '2026-09-20 09:00'],
		['2026-08-25', '2026-09-05 09:00', null]]) {
		const d = await g.dossier({ in: 'processing' });
		await g.psql(`UPDATE dossier SET accepted_at = '${accepted} 10:00+07',
			due_at = '${due}+07', ended_at = ${ended ? `'${ended}+07'` : 'NULL'}
			WHERE code = '${d.code}'`);
	}
	const figures = async (period) => {
		const res = await g.get(`/v1/stats/on-time?period=${period}`,
			{ as: 'nobody' });
		const [one] = res.json.tenants;
		return ['fields', 'fields_by_date', 'units', 'units_by_date']
			.map((list) => one[list].map((f) =>
				`${f.numerator}/${f.denominator}`).join());
	};
	assert.deepEqual(await figures('2026-08'), ['3/4', '2/2', '3/4', '2/2'],
		'an hour late nationally is on the day by date');
	assert.deepEqual(await figures('2026-09'), ['0/2', '0/2', '0/2', '0/2']);
	assert.deepEqual(await figures('2020'), Array(4).fill('0/0'));
});
