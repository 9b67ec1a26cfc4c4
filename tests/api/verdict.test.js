// The two verdicts are stated of one dossier by sla_verdict.c and of a set by
// on_time_cases; here they are asked about the same dossiers.  The seed is
// printed; SEED=n runs it again.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway } from './gateway.js';

const count = 120;

// mulberry32
function random(seed) {
	let a = seed >>> 0;
	return (n) => {
		a = a + 0x6d2b79f5 | 0;
		let t = Math.imul(a ^ a >>> 15, 1 | a);
		t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
		return ((t ^ t >>> 14) >>> 0) % n;
	};
}

// Never so near to now that it passes while they are asked.
const at = (hours) => `now() + interval '${hours} hours 30 min'`;

// In work, at an end, or standing still with something left or nothing.
function dossier(below, i) {
	const kind = ['open', 'ended', 'paused'][below(3)];
	const due = below(240) - 120;
	return {
		code: `V-${i}`,
		state: { open: 4, ended: 9, paused: 5 }[kind],
		supplements: below(3),
		due: kind === 'paused' ? 'NULL' : at(due),
		// Often the same day, now and then the very instant.
		ended: kind === 'ended' ? at(Math.min(due + below(30) - 15, -1))
			: 'NULL',
		left: kind === 'paused' ? below(2) * 3600 : null,
	};
}

const row = (d) => `(tenant_id, '${d.code}', unit_id, procedure_id, ${d.state},
	'online', applicant, now() - interval '90 days',
	now(), now(), now() - interval '89 days', ${d.due}, ${at(0)},
	${d.ended}, ${d.supplements})`;

async function fill(g, below) {
	const model = await g.dossier({ in: 'processing' });
	const made = Array.from({ length: count }, (_, i) => dossier(below, i));
	for (const d of made) {
		await g.psql(`INSERT INTO dossier (tenant_id, code, unit_id,
				procedure_id, state, channel, applicant, received_at,
				moved_at, intake_due_at, accepted_at, due_at,
				original_due_at, ended_at, supplements)
			SELECT ${row(d).slice(1, -1)}
			FROM dossier WHERE code = '${model.code}'`);
		if (d.left !== null)
			await g.psql(`INSERT INTO pause (tenant_id, dossier_id, seq,
					kind, phase, ground, began_at, began_by, left_us)
				SELECT tenant_id, id, 1, 'supplement', 'work', 'x',
					now() - interval '1 day', 1, ${d.left}
				FROM dossier WHERE code = '${d.code}'`);
	}
	return made;
}

test('the verdicts of one dossier and those of the set agree', async (t) => {
	const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
	t.diagnostic(`SEED=${seed}`);
	const g = await gateway(t);
	const made = await fill(g, random(seed));
	for (const state of ['awaiting-supplement', 'resolved'])
		made.push(await g.dossier({ in: state }));
	const left = await g.dossier({ in: 'awaiting-supplement' });
	made.push(await g.act(left.code, 'withdraw', { as: 'portal',
		reason: 'x' }));
	const cases = new Map((await g.psql(`SELECT subject, nationally,
			coalesce(by_date::text, '')
		FROM on_time_cases(1, now() - interval '1 year',
			now() + interval '1 year', '')`))
		.map(([code, ...verdicts]) => [code, verdicts]));

	const seen = new Set();
	for (const d of made) {
		const { verdict } = (await g.get(`/v1/dossiers/${d.code}`,
			{ as: 'ptdung' })).json.clock;
		const [national, byDate] = cases.get(d.code);
		assert.equal(verdict.national, national === 't' ? 'on-time' : 'late',
			JSON.stringify(d));
		assert.equal({ true: 'kept', false: 'late', '': 'open' }[byDate],
			{ early: 'kept', 'on-time': 'kept', late: 'late' }[
				verdict.by_date] ?? 'open', JSON.stringify(d));
		seen.add(`${verdict.national} ${verdict.by_date}`);
	}
	assert.ok(seen.size >= 6, `of all kinds: ${[...seen]}`);
});
