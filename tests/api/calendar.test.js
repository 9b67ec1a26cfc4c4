// Calendars that share a base, and closures of part of a day, as a running
// gateway counts by them; the arithmetic is held to a slow reference in
// tests/unit/test_calendar.c, and what is refused stands in import.test.js.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { gateway } from './gateway.js';

const tenant = { code: 'sgddt-hcm',
	name: 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh' };
const calendar = (code, weekdays, more) => ({ code, name: code,
	first_day: '2025-01-01', last_day: '2099-12-31', days: [],
	hours: [{ valid_from: '2025-01-01', weekdays, spans: ['00:00-24:00'] }],
	...more });
const everyDay = (more) => calendar('national', [1, 2, 3, 4, 5, 6, 7], more);

// The sample unit's own, without hours.
const unit = (more) => calendar('hcm', [], { hours: [],
	bases: [{ valid_from: '2025-01-01', calendar: 'national' }], ...more });

// The day in Vietnam, so many days from now.
const inDays = (n) => new Date(Date.now() + (7 + 24 * n) * 3600e3)
	.toISOString().slice(0, 10);
const off = (n, more) => ({ day: inDays(n), kind: 'off', name: 'Nghỉ',
	basis: 'thử nghiệm', status: 'confirmed', ...more });

async function bring(g, ...calendars) {
	const file = path.join(g.dir, 'calendars.json');
	writeFileSync(file, JSON.stringify({ tenant, calendars }));
	await g.must('import', '-c', g.configFile, file);
}

// Eight working hours from now, on a Vietnamese clock.
const dueAt = async (g) => new Date(Date.parse((await g.submit())
	.intake_due_at) + 7 * 3600e3).toISOString().slice(0, 16);

test('with a base nothing is due after the last day of either', async (t) => {
	const g = await gateway(t);
	await bring(g, everyDay({ last_day: inDays(0), days: [off(0)] }), unit());
	await assert.rejects(g.submit(), /error:config/);
});

test('a base that is imported again is counted by at once, and closures and ' +
	'make-up days of a unit come on top', async (t) => {
	const g = await gateway(t);
	await bring(g, everyDay(), unit());
	const d = await g.submit();
	assert.equal(Date.parse(d.intake_due_at) - Date.parse(d.received_at),
		8 * 3600e3);

	await bring(g, everyDay({ days: [off(0), off(1)] }));
	assert.equal(await dueAt(g), `${inDays(2)}T08:00`);

	await bring(g, unit({ days: [
		off(1, { kind: 'make-up', spans: ['09:00-10:00'] }),
		off(2, { spans: ['06:00-12:30'] })] }));
	assert.equal(await dueAt(g), `${inDays(2)}T13:30`);
});

test('another base holds from its day on', async (t) => {
	const g = await gateway(t);
	await bring(g, everyDay({ days: [off(0)] }), calendar('sundays', [7]),
		unit({ bases: [...unit().bases,
			{ valid_from: inDays(1), calendar: 'sundays' }] }));
	const due = await dueAt(g);
	assert.equal(new Date(`${due}Z`).getUTCDay(), 0, due);
	assert.match(due, /T08:00$/);
});
