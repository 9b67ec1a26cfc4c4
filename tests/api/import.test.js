// hosogate import.  Refusals first: each names the place in the file, and
// nothing of the file is there afterwards.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { top } from '../setup/site.js';
import { gateway, pki } from './gateway.js';

const tenant = { code: 'sgddt-hcm',
	name: 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh' };
const calendar = {
	code: 'other', name: 'Khác', first_day: '2025-01-01',
	last_day: '2027-12-31',
	hours: [{ valid_from: '2025-01-01', weekdays: [1, 2, 3, 4, 5],
		spans: ['07:30-11:30', '13:00-17:00'] }],
	days: [{ day: '2026-01-01', kind: 'off', name: 'Tết Dương lịch',
		basis: 'điều 112', status: 'confirmed' }],
};
const sharing = (base) => ({ ...calendar, code: 'sharing', hours: [],
	days: [], bases: [{ valid_from: '2025-01-01', calendar: base }] });
const unit = { code: 'H29.99', name: 'Phòng', calendar: 'other',
	mailbox: 'phong@tphcm.gov.vn', mail_domains: ['tphcm.gov.vn'] };
const officer = { login: 'moi', name: 'Người Mới', unit: 'H29.20',
	email: 'moi@tphcm.gov.vn', rights: ['dossier-read'],
	password_file: 'new-password' };
const client = { code: 'peer', name: 'Peer', rights: ['dossier-read'],
	key_sha256: '0'.repeat(64) };
const procedure = {
	code: '9.000001', version: 1, name: 'Thủ tục', field_code: 'G01',
	field_name: 'Lĩnh vực', kind: 'tthc', limit_amount: 3,
	limit_unit: 'working-day', service_level: 'full', fee_due: 'none',
	decision: 'QĐ 1', valid_from: '2025-01-01',
	documents: [{ code: 'application', title: 'Đơn', required: true,
		signer: 'applicant', role: 'component', formats: ['pades'],
		bytes_max: 1000000 }],
};

async function bring(g, content) {
	const file = path.join(g.dir, 'file.json');
	writeFileSync(path.join(g.dir, 'new-password'), 'another-password\n');
	writeFileSync(path.join(g.dir, 'short'), 'short\n');
	writeFileSync(file, typeof content === 'string' ? content :
		JSON.stringify({ tenant, ...content }));
	return g.cli(['import', '-c', g.configFile, file]);
}

async function must(g, content) {
	const done = await bring(g, content);
	assert.equal(done.code, 0, done.stderr);
	return done;
}

const steps = (...limits) => ({ ...procedure, steps: limits.map(
	([limit_amount, limit_unit], i) => ({ code: `s${i}`, title: 'Bước',
		role: 'clerk', limit_amount, limit_unit })) });

const everything = (g) => g.psql(`SELECT (SELECT count(*) FROM tenant),
	(SELECT sum(version) FROM calendar), (SELECT count(*) FROM unit),
	(SELECT count(*) FROM principal), (SELECT count(*) FROM officer),
	(SELECT count(*) FROM client_key), (SELECT count(*) FROM procedure),
	(SELECT count(*) FROM procedure_document)`);

const bad = [
	['{"tenant":', /JSON/],
	['{"tenant":{"code":"a","code":"b","name":"n"}}', /JSON/],
	['[]', /not an object/],
	['{}', /\/tenant/],
	[{ people: [] }, /\/people/],
	[{ tenant: { code: '', name: 'n' } }, /\/tenant\/code/],
	[{ calendars: [{ ...calendar, last_day: '2027-02-30' }] },
		/\/calendars\/0/],
	[{ calendars: [{ ...calendar, last_day: '2024-01-01' }] },
		/last_day before first_day/],
	[{ calendars: [{ ...calendar, hours: [{ ...calendar.hours[0],
		spans: ['07:30-25:00'] }] }] }, /\/calendars\/0\/hours\/0/],
	[{ calendars: [{ ...calendar, hours: [{ ...calendar.hours[0],
		spans: ['07:30-11:30', '11:00-17:00'] }] }] }, /before the last one/],
	[{ calendars: [{ ...calendar, hours: [{ ...calendar.hours[0],
		weekdays: [0] }] }] }, /\/calendars\/0\/hours\/0/],
	[{ calendars: [{ ...calendar, days: [{ ...calendar.days[0],
		status: 'perhaps' }] }] }, /\/calendars\/0\/days\/0\/status/],
	[{ calendars: [{ ...calendar, days: [calendar.days[0],
		calendar.days[0]] }] }, /calendar_day_pkey/],
	[{ calendars: [{ ...calendar, hours: [] }] }, /neither hours nor bases/],
	[{ calendars: [sharing('none')] }, /\/bases\/0\n.*no other calendar none/],
	[{ calendars: [sharing('sharing')] }, /no other calendar sharing/],
	[{ calendars: [calendar, sharing('other'),
		{ ...sharing('sharing'), code: 'third' }] }, /base of its own/],
	[{ calendars: [calendar, sharing('other'), { ...calendar,
		bases: sharing('hcm').bases }] }, /base of its own/],
	[{ calendars: [{ ...calendar, days: [{ ...calendar.days[0],
		spans: ['13:00-12:00'] }] }] }, /\/calendars\/0\/days\/0\n.*span 0/],
	[{ calendars: [{ ...calendar, days: [{ ...calendar.days[0],
		spans: ['08:00-12:00', '11:00-13:00'] }] }] }, /before the last/],
	[{ calendars: [{ ...calendar, days: [{ ...calendar.days[0],
		kind: 'make-up', like_weekday: 2, spans: ['08:00-12:00'] }] }] },
		/like another weekday's, and spans/],
	[{ calendars: [calendar], units: [{ ...unit, calendar: 'none' }] },
		/no calendar none/],
	[{ calendars: [calendar], units: [{ ...unit, code: 'H29/99' }] },
		/\/units\/0/],
	[{ officers: [{ ...officer, password_file: undefined }] },
		/needs a password_file/],
	[{ officers: [{ ...officer, password_file: 'short' }] }, /under 8/],
	[{ officers: [{ ...officer, password_file: 'absent' }] }, /absent/],
	[{ officers: [{ ...officer, unit: 'H29.77' }] }, /no unit H29\.77/],
	[{ officers: [{ ...officer, rights: ['anyone'] }] }, /no right: anyone/],
	[{ officers: [{ ...officer, rights: ['all'] }] }, /no right: all/],
	[{ officers: [{ ...officer, email: 'moi' }] }, /no mail address/],
	[{ units: [{ ...unit, calendar: 'hcm', certificates: ['new-password'] }] },
		/no certificate/],
	[{ officers: [{ ...officer, certificates: ['new-password'] }] },
		/no certificate/],
	[{ tenant: { code: 'b', name: 'B' }, calendars: [calendar],
		units: [unit], officers: [{ ...officer, login: 'ptdung',
			unit: unit.code }] }, /another tenant/],
	[{ clients: [{ ...client, key_file: 'short' }] }, /under 20/],
	[{ clients: [{ ...client, key_sha256: 'g'.repeat(64) }] }, /64 hex/],
	[{ clients: [{ ...client, callback_url: 'http://a.example/' }] },
		/https/],
	[{ procedures: [{ ...procedure, limit_unit: 'week' }] },
		/\/procedures\/0\/limit_unit/],
	[{ procedures: [{ ...procedure, fee_due: 'work' }] }, /no fees/],
	[{ procedures: [{ ...procedure, cutoff: '15h00' }] }, /cutoff/],
	[{ procedures: [{ ...procedure, extensions: [{ code: 'complex',
		title: 'Phức tạp', limit_amount: 45, limit_unit: 'same-day',
		basis: 'điều 28' }] }] }, /\/procedures\/0\/extensions\/0/],
	[{ procedures: [{ ...procedure, extensions: [{ code: 'complex',
		title: 'Phức tạp', limit_amount: 45, limit_unit: 'day',
		basis: 'điều 28', follows: 'complex' }] }] },
		/follows complex, which is not above it/],
	[{ procedures: [steps([2, 'working-day'], [9, 'working-hour'])] },
		/\/procedures\/0\/steps\n.*25 working hours, its limit is 24/],
	[{ procedures: [{ ...steps([15, 'day'], [1, 'month']),
		limit_amount: 42, limit_unit: 'day' }] }, /43 days, .* 42/],
	[{ procedures: [{ ...procedure, valid_to: '2024-01-01' }] }, /valid_to/],
	[{ procedures: [procedure, { ...procedure, code: '9.2',
		documents: [{ ...procedure.documents[0], formats: ['docx'] }] }] },
		/\/procedures\/1\/documents\/0/],
	[{ procedures: [{ ...procedure, documents: [{
		...procedure.documents[0], formats: ['none'] }] }] },
		/without a signature/],
];

test('a file that is wrong anywhere is refused and changes nothing',
	async (t) => {
		const g = await gateway(t, { start: false });
		const before = await everything(g);
		for (const [content, why] of bad) {
			const done = await bring(g, content);
			assert.equal(done.code, 1, JSON.stringify(content));
			assert.match(done.stderr, why, done.stderr);
			assert.deepEqual(await everything(g), before);
		}
	});

test('steps that fill the limit, or are of another kind of time, are taken',
	async (t) => {
		const g = await gateway(t, { start: false });
		for (const [version, p] of [steps([2, 'working-day'],
			[8, 'working-hour']), steps([30, 'day']),
		{ ...steps([15, 'working-day'], [5, 'working-day']),
			kind: 'feedback' }].entries())
			await must(g, { procedures: [{ ...p, version: version + 1 }] });
	});

test('commands with too many or too few words say how they are used',
	async (t) => {
		const g = await gateway(t, { start: false });
		for (const args of [['import'], ['import', '-z'], ['migrate', 'x'],
			['audit'], ['audit', 'verify', 'x'], ['audit', 'export'],
			['audit', 'export', 'a', 'b', 'c']]) {
			const done = await g.cli(args);
			assert.equal(done.code, 64, args.join(' '));
			assert.match(done.stderr, /usage: hosogate /);
		}
	});

test('a procedure in use stays as it is; a change is a new version',
	async (t) => {
		const g = await gateway(t);
		await must(g, { procedures: [procedure] });
		await must(g, { procedures: [{ ...procedure, limit_amount: 4 }] });
		const d = await g.submit();
		const [[code, version]] = await g.psql(
			`SELECT p.code, p.version FROM dossier d JOIN procedure p
			 ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
			 WHERE d.code = '${d.code}'`);
		const changed = { ...procedure, code, version: Number(version) };

		const done = await bring(g, { procedures: [changed] });
		assert.equal(done.code, 1);
		assert.match(done.stderr, /needs a new version/);

		await must(g, { procedures: [{ ...changed,
			version: changed.version + 1 }] });
		const [[kept]] = await g.psql(
			`SELECT p.version FROM dossier d JOIN procedure p
			 ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
			 WHERE d.code = '${d.code}'`);
		assert.equal(kept, version);
	});

test('importing a file again changes nothing and ends no session',
	async (t) => {
		const g = await gateway(t);
		const content = { calendars: [calendar], units: [unit],
			officers: [officer], clients: [client],
			procedures: [procedure] };
		await must(g, content);
		await g.login('moi', 'another-password');
		const rows = () => g.psql(`SELECT o.*, p.* FROM officer o
			JOIN principal p USING (tenant_id, id) ORDER BY o.id`);
		const before = [await rows(), await g.psql(
			'SELECT * FROM procedure ORDER BY id')];
		await must(g, content);
		assert.deepEqual([await rows(), await g.psql(
			'SELECT * FROM procedure ORDER BY id')], before);
		assert.equal((await g.get('/v1/dossiers', { as: 'ptdung' })).status,
			200);
		const [[sessions]] = await g.psql('SELECT count(*) FROM session');
		assert.equal(sessions, '2');
	});

test('a new password and the end of a job log an officer out', async (t) => {
	const g = await gateway(t, { start: false });
	await must(g, { officers: [officer] });
	const session = () => g.psql(`INSERT INTO session SELECT
		sha256(random()::text::bytea), tenant_id, id, now(), now(),
		now() + interval '1 h' FROM officer WHERE login = 'moi'`);
	const sessions = async () => (await g.psql(
		'SELECT count(*) FROM session'))[0][0];

	await session();
	writeFileSync(path.join(g.dir, 'newer'), 'yet-another-password\n');
	await must(g, { officers: [{ ...officer, password_file: 'newer' }] });
	assert.equal(await sessions(), '0');
	await session();
	await must(g, { officers: [{ ...officer, password_file: undefined,
		active: false }] });
	assert.equal(await sessions(), '0');
});

test('of a client\'s keys the newest two are live', async (t) => {
	const g = await gateway(t, { start: false });
	for (const digit of ['1', '2', '3'])
		await must(g, { clients: [{ ...client,
			key_sha256: digit.repeat(64) }] });
	const live = await g.psql(`SELECT encode(sha256, 'hex') FROM client_key
		JOIN client ON client.id = client_id WHERE code = 'peer'
		AND not_after IS NULL ORDER BY 1`);
	assert.deepEqual(live, [['2'.repeat(64)], ['3'.repeat(64)]]);
});

test('a certificate is known by its DER, from PEM or from hex', async (t) => {
	const g = await gateway(t, { start: false });
	await must(g, { officers: [{ ...officer,
		certificates: [pki('people/officer.crt')] }] });
	const [[hex]] = await g.psql(`SELECT encode(c.sha256, 'hex')
		FROM officer_certificate c JOIN officer o ON o.id = c.officer_id
		WHERE o.login = 'moi'`);
	const [[shipped]] = await g.psql(`SELECT encode(c.sha256, 'hex')
		FROM officer_certificate c JOIN officer o ON o.id = c.officer_id
		WHERE o.login = 'ptdung'`);
	assert.equal(hex, shipped);
	await must(g, { officers: [{ ...officer, certificates: [] }] });
	const rows = await g.psql(`SELECT 1 FROM officer_certificate c
		JOIN officer o ON o.id = c.officer_id WHERE o.login = 'moi'`);
	assert.deepEqual(rows, []);
});

test('mail outside the unit\'s domains is accepted with a warning',
	async (t) => {
		const g = await gateway(t, { start: false });
		const done = await must(g, { officers: [{ ...officer,
			email: 'moi@gmail.com' }] });
		assert.match(done.stderr, /moi@gmail\.com is not an official/);
	});

test('a running gateway counts by the calendar that was just imported',
	async (t) => {
		const g = await gateway(t);
		const first = await g.submit();
		const week = { ...calendar, code: 'hcm', days: [],
			hours: [{ valid_from: '2025-01-01',
				weekdays: [1, 2, 3, 4, 5, 6, 7], spans: ['00:00-24:00'] }] };
		await must(g, { calendars: [week] });
		const second = await g.submit();
		const hours = (d) => (Date.parse(d.intake_due_at) -
			Date.parse(d.received_at)) / 3600e3;
		assert.ok(hours(first) >= 8);
		assert.equal(hours(second), 8);
	});

test('the shipped calendar knows the days of the Labour Code in each year',
	() => {
		const { calendars: [{ first_day, last_day, days }] } = JSON.parse(
			readFileSync(path.join(top, 'schemas/data/calendar-vn.json')));
		const status = Object.fromEntries(days.map((d) => [d.day, d.status]));
		const weekday = (day) => new Date(`${day}T00:00:00Z`).getUTCDay();

		assert.equal(first_day, '2023-01-01');
		assert.equal(last_day, '2030-12-31');
		for (let year = 2023; year <= 2030; year++) {
			for (const day of ['01-01', '04-30', '05-01', '09-02'])
				assert.equal(status[`${year}-${day}`], 'confirmed', day);
			if (year >= 2026) // no law has been found
				assert.equal(status[`${year}-11-24`], 'unsure');
		}
		for (const d of days.filter(({ kind }) => kind === 'make-up')) {
			assert.ok([0, 6].includes(weekday(d.day)), d.day);
			assert.ok(d.like_weekday >= 1 && d.like_weekday <= 5);
		}
		assert.deepEqual(days.map((d) => d.day),
			days.map((d) => d.day).sort());
	});
