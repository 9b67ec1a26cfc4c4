// Two bugs that comparable systems were seen to have, with real figures and
// real units; the others stand in tests/unit/test_clock_peers.c.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { gateway } from './gateway.js';

const tenant = { code: 'sgddt-hcm', name: 'Sở Giáo dục và Đào tạo' };

// (b) AND binds before OR: "the period before" takes in what it should not.
test('b: the period before holds what was worked on in it, and nothing else',
	async (t) => {
		const g = await gateway(t);
		const codes = {};
		for (const [name, accepted, ended] of [
			['before', '2026-08-03', '2026-08-05'],
			['in', '2026-09-03', '2026-09-05'],
			['across', '2026-08-25', '2026-09-01'],
			['after', '2026-10-05', '2026-10-06'],
			['open', '2026-09-28', null]]) {
			const d = await g.dossier({ in: 'processing' });
			codes[d.code] = name;
			const end = ended ? `'${ended} 10:00+07'` : 'NULL';
			await g.psql(`UPDATE dossier SET state = ${ended ? 9 : 4},
				accepted_at = '${accepted} 10:00+07', ended_at = ${end},
				due_at = '2026-12-30 10:00+07' WHERE code = '${d.code}'`);
		}
		const counted = async (period) => {
			const res = await g.get(`/v1/stats/on-time?period=${period}`,
				{ as: 'nobody' });
			return res.json.tenants[0].fields.reduce((sum, f) =>
				sum + f.denominator, 0);
		};
		assert.equal(await counted('2026-08'), 2, 'before, across');
		assert.equal(await counted('2026-09'), 3, 'in, across, open');
		assert.equal(await counted('2026-10'), 2, 'after, open');
		assert.equal(await counted('2026-07'), 0);
	});

// (e) Hours kept in one static field: the last agency's hold for all.
test('e: units with calendars of their own are each counted by theirs',
	async (t) => {
		const g = await gateway(t);
		const file = path.join(g.dir, 'units.json');
		writeFileSync(file, JSON.stringify({ tenant,
			calendars: [{ code: 'sundays', name: 'Chỉ Chủ nhật',
				first_day: '2020-01-01', last_day: '2099-12-31', days: [],
				hours: [{ valid_from: '2020-01-01', weekdays: [7],
					spans: ['08:00-12:00'] }] }],
			units: [{ code: 'H29.99', name: 'Đơn vị khác', calendar: 'sundays',
				mailbox: 'khac@tphcm.gov.vn',
				mail_domains: ['tphcm.gov.vn'] }] }));
		await g.must('import', '-c', g.configFile, file);

		const due = [];
		for (const unit of ['H29.20', 'H29.99', 'H29.20', 'H29.99'])
			due.push((await g.submit({ dossier: { unit } }))
				.expected_due_at);
		const weekday = (text) =>
			new Date(Date.parse(text) + 7 * 3600000).getUTCDay();
		for (const one of [due[1], due[3]])
			assert.equal(weekday(one), 0, one);
		for (const one of [due[0], due[2]])
			assert.notEqual(weekday(one), 0, one);
	});
