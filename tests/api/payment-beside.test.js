// What else happens to a dossier while a payment for it is heard.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { paid } from '../setup/ipn.js';
import { transaction } from '../setup/site.js';
import { gateway, locks, until } from './gateway.js';

// A dossier whose notice is on its way while somebody else holds a row that the
// notice needs.
async function heard(t, row) {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-payment' });
	const { pay_url: url } = (await g.post(`/v1/dossiers/${d.code}/payments`,
		{ provider: 'vnpay' })).json;
	const [[id]] = await g.psql(`SELECT id FROM dossier
		WHERE code = '${d.code}'`);
	const other = await transaction(t, g.database);
	await other.say(row.lock(id));
	const notice = g.get(`/v1/payments/callbacks/vnpay?${paid(url)}`,
		{ as: 'nobody' });
	await until(async () => (await g.psql(`SELECT 1
		FROM ${locks(row.table)} WHERE locktype = 'tuple'`)).length === 1,
	{ what: 'the notice waits' });
	return { g, d, id, other, notice };
}

test('what is written about a dossier does not wait for its notice',
	async (t) => {
	const { g, d, id, other, notice } = await heard(t, { table: 'event_chain',
		lock: (n) => `SELECT FROM event_chain WHERE dossier_id = ${n}
			FOR UPDATE` });

	// A circle would be found at once, and end this one.
	await other.say(`SET LOCAL deadlock_timeout = '10ms'`);
	await other.say(`INSERT INTO timer (tenant_id, dossier_id, kind, round,
			due_at)
		SELECT tenant_id, id, 'overdue', 9, now() + interval '1 year'
		  FROM dossier WHERE id = ${id}`);
	await other.commit();

	assert.equal((await notice).json.RspCode, '00');
	assert.equal((await g.get(`/v1/dossiers/${d.code}`)).json.state,
		'processing');
});

test('a notice that waited goes by what it finds then', async (t) => {
	const { g, d, id, other, notice } = await heard(t, { table: 'dossier',
		lock: (n) => `UPDATE dossier SET version = version + 1
			WHERE id = ${n}` });

	await other.say(`UPDATE pause SET ended_at = now(), working_sec = 0
		WHERE dossier_id = ${id} AND ended_at IS NULL`);
	await other.say(`INSERT INTO pause SELECT tenant_id, dossier_id, seq + 1,
			kind, phase, ground, now(), began_by, NULL, NULL,
			left_us + 28800000000, NULL, hold
		  FROM pause WHERE dossier_id = ${id}`);
	await other.commit();

	assert.equal((await notice).json.RspCode, '00');
	const { clock } = (await g.get(`/v1/dossiers/${d.code}`)).json;
	assert.ok(Date.parse(clock.due_at) - Date.parse(clock.original_due_at) >=
		86400000, JSON.stringify(clock));
});
