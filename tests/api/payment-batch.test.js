// Notices of one provider that all wait for the same row: they are worked off
// in batches, and never take all workers.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { paid } from '../setup/ipn.js';
import { transaction } from '../setup/site.js';
import { gateway, until } from './gateway.js';

const waiting = async (g) => Number((await g.operator('/metrics')).text
	.match(/^hosogate_queue_waiting (\d+)$/m)[1]);

// How many workers wait for a row.
const stuckOf = (g) => async () => Number((await g.psql(`SELECT count(*)
	FROM pg_stat_activity WHERE datname = current_database()
	  AND wait_event_type = 'Lock' AND application_name LIKE 'worker-%'`))[0][0]);

test('a provider\'s notices that wait for the database leave workers free',
	async (t) => {
	const g = await gateway(t);
	const { code } = await g.dossier({ in: 'awaiting-payment' });
	const { pay_url: url } = (await g.post(`/v1/dossiers/${code}/payments`,
		{ provider: 'vnpay' })).json;
	const tell = () => g.get(`/v1/payments/callbacks/vnpay?${
		paid(url, { vnp_TransactionNo: '14422574' })}`, { as: 'nobody' });
	const stuck = stuckOf(g);
	const other = await transaction(t, g.database);
	await other.say('SELECT id FROM payment_request FOR UPDATE');

	const told = [tell()];
	await until(async () => await stuck() === 1);
	told.push(tell());
	await until(async () => await stuck() === 2);
	told.push(...Array.from({ length: 6 }, tell));
	await until(async () => await waiting(g) === 6);

	assert.equal(await stuck(), 2);
	const [[apart]] = await g.psql(`SELECT extract(epoch FROM
		max(xact_start) - min(xact_start)) FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`);
	assert.ok(Number(apart) >= 0.2, `the second began after ${apart} s`);
	assert.equal((await g.get(`/v1/dossiers/${code}`)).json.state,
		'awaiting-payment');
	await other.commit();
	assert.deepEqual((await Promise.all(told)).map((res) => res.json.RspCode)
		.sort(), ['00', ...Array(7).fill('02')]);
	assert.equal(await waiting(g), 0);
});

test('whoever was to look after what is held back is relieved when called away',
	async (t) => {
	const g = await gateway(t, { config: { workers: 4 } });
	const busy = await g.dossier({ in: 'processing' });
	const { code } = await g.dossier({ in: 'awaiting-payment' });
	const { pay_url: url } = (await g.post(`/v1/dossiers/${code}/payments`,
		{ provider: 'vnpay' })).json;
	const tell = () => g.get(`/v1/payments/callbacks/vnpay?${paid(url)}`,
		{ as: 'nobody' });
	const stuck = stuckOf(g);
	const other = await transaction(t, g.database);
	await other.say('SELECT id FROM payment_request FOR UPDATE');
	await other.say(`SELECT 1 FROM event_chain c JOIN dossier d
		ON d.id = c.dossier_id WHERE d.code = '${busy.code}'
		FOR UPDATE OF c`);

	const all = [tell()];
	await until(async () => await stuck() === 1);
	all.push(tell());
	all.push(g.act(busy.code, 'withdraw', { as: 'portal', reason: 'Đổi ý',
		match: `v${busy.version}` }));
	await until(async () => await stuck() === 3);

	await other.commit();
	const [first, second] = await Promise.all(all);
	assert.deepEqual([first, second].map((res) => res.json.RspCode).sort(),
		['00', '02']);
});

test('what is booked is answered by a read, whoever holds the row',
	async (t) => {
	const g = await gateway(t);
	const { code } = await g.dossier({ in: 'awaiting-payment' });
	const { pay_url: url } = (await g.post(`/v1/dossiers/${code}/payments`,
		{ provider: 'vnpay' })).json;
	const tell = async (changes) => (await g.get(
		`/v1/payments/callbacks/vnpay?${paid(url, changes)}`,
		{ as: 'nobody' })).json;
	const first = { vnp_TransactionNo: '14422574' };
	assert.equal((await tell(first)).RspCode, '00');
	const slow = await tell(first);
	const other = await transaction(t, g.database);
	await other.say('SELECT id FROM payment_request FOR UPDATE');

	const answers = await Promise.all(Array.from({ length: 20 }, () =>
		tell(first)));

	assert.deepEqual(answers, Array(20).fill(slow));
	assert.equal(slow.RspCode, '02');
	await other.commit();
	assert.equal((await tell({ vnp_TransactionNo: '14422575' })).RspCode, '00');
	assert.deepEqual(await g.psql(`SELECT txn, kind FROM ledger_journal
		WHERE txn LIKE '1442%' ORDER BY id`),
	[['14422574', 'payment'], ['14422575', 'surplus']]);
});

test('one who has just rested is called first, and its connection is used',
	async (t) => {
	const g = await gateway(t, { config: { workers: 8 } });
	const d = await g.submit();
	const [[began]] = await g.psql('SELECT clock_timestamp()');

	for (let i = 0; i < 40; i++)
		await g.get(`/v1/dossiers/${d.code}`);

	// Two where an answer is on its way when the next question comes.
	const used = await g.psql(`SELECT application_name FROM pg_stat_activity
		WHERE datname = current_database() AND query_start > '${began}'
		  AND application_name LIKE 'worker-%'`);
	assert.ok(used.length <= 2, `${used}`);
});
