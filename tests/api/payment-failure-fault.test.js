// The rows of the callback table that are about what fails on our side: the
// database, the process, the clock, the key.  For every provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clockOff, wire } from '../faults/harm.js';
import { pki, psql } from '../setup/site.js';
import { locks, until } from './gateway.js';
import { fresh, heard, stage } from './providers.js';

for (const name of heard) {
	test(`${name}: faults`, async (t) => {
		const s = await stage(t, name);
		const { p, g } = s;
		const row = (what, fn) => t.test(what, async () => fn(await s.order()));
		const cut = () => psql('postgres', `SELECT pg_terminate_backend(pid)
			FROM pg_stat_activity WHERE datname = '${g.database}'`);
		const shut = async (sql, undo, fn) => {
			await psql('postgres', `ALTER DATABASE ${g.database} ${sql}`);
			await cut();
			await fn();
			await psql('postgres', `ALTER DATABASE ${g.database} ${undo}`);
			await cut();
		};
		const repeated = async (o, said) => {
			await until(async () =>
				[p.done, p.again].includes(await o.send(said)));
			assert.equal(await o.dossier(), 'processing');
			await s.balances();
		};

		await row('row 23: no database: called again; row 24: then it counts once',
			async (o) => {
			const said = o.request({ txn: fresh() });
			await shut('ALLOW_CONNECTIONS false', 'ALLOW_CONNECTIONS true',
				async () => {
				assert.equal(await o.send(said), p.trouble);
				assert.equal((await g.operator('/readyz')).status, 503);
			});
			await repeated(o, said);
		});

		await row('row 28: a read-only server is no storage', async (o) => {
			const said = o.request({ txn: fresh() });
			await shut('SET default_transaction_read_only = on',
				'RESET default_transaction_read_only', async () => {
				assert.equal(await o.send(said), p.trouble);
			});
			await repeated(o, said);
		});

		await row('row 27: a commit whose outcome nobody knows', async (o) => {
			const said = o.request({ txn: fresh() });
			await g.psql(`CREATE FUNCTION cut() RETURNS trigger LANGUAGE
				plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(
				pg_backend_pid()); RETURN NULL; END $$;
				CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON ledger_journal
				DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
				EXECUTE FUNCTION cut()`);
			assert.equal(await o.send(said), p.trouble);
			await g.psql('DROP FUNCTION cut CASCADE');
			await repeated(o, said);
		});

		await row('row 25: killed before the commit, it has heard nothing',
			async (o) => {
			const said = o.request({ txn: fresh() });
			const hold = assert.rejects(g.psql(`BEGIN; SELECT 1 FROM
				payment_request FOR UPDATE; SELECT pg_sleep(600)`));
			await until(async () => (await s.count(`${locks('payment_request')}
				WHERE mode = 'RowShareLock'`)) > 0);
			const lost = assert.rejects(o.send(said));
			await until(async () => (await s.count(
				`pg_stat_activity WHERE datname =
				current_database() AND wait_event_type = 'Lock'`)) > 0);
			await g.kill();
			await lost;
			await cut();
			await hold;
			await g.start();
			assert.equal(await o.state(), 'created');
			await repeated(o, said);
		});

		await row('row 26: killed after the commit, it knows what it heard',
			async (o) => {
			const said = o.request({ txn: fresh() });
			assert.equal(await o.send(said), p.done);
			await g.kill();
			await g.start();
			assert.equal(await o.send(said), p.again);
			await s.balances();
		});

		await t.test('row 62: what is answered while it stops is on disk',
			async () => {
			const all = [];
			for (let i = 0; i < 6; i++)
				all.push(await s.order());
			const told = all.map(async (o) => {
				try {
					return await o.tell({ txn: fresh() });
				} catch {
					return 'none';
				}
			});
			assert.equal(await g.stop(), 0);
			const answers = await Promise.all(told);
			await g.start();
			for (const [i, o] of all.entries())
				if (answers[i] === p.done)
					assert.equal(await o.dossier(), 'processing');
			await s.balances();
		});
	});

	test(`${name}: row 57: a receipt that cannot be signed undoes nothing`,
		async (t) => {
		const s = await stage(t, name, {
			receipt_key_file: pki('people/stranger.p12') });
		const o = await s.order();
		assert.equal(await o.tell({ txn: fresh() }), s.p.done);
		await until(async () =>
			await s.count('receipt_work WHERE failures > 0') === 1);
		const { state, payments, receipts } = await o.shown();
		assert.equal(state, 'processing');
		assert.equal(payments[0].state, 'paid');
		assert.deepEqual(receipts.map((r) => [r.number, r.state, r.sha256]),
			[[1, 'pending', null]]);
		await s.balances();
	});

	test(`${name}: row 27: committed and the answer lost, it reads again`,
		async (t) => {
		const s = await stage(t, name);
		const o = await s.order();
		const w = await wire(t, s.g.sockets);
		s.g.options.config.database = s.g.conninfo('hosogate_gateway')
			.replace(/host=\S+/, `host=${s.g.sockets}`);
		s.g.options.port = s.g.port;
		await s.g.stop();
		await s.g.configure();
		await s.g.start();

		const said = o.request({ txn: fresh() });
		w.cut('payment_hear');
		assert.equal(await o.send(said), s.p.again);
		assert.equal(w.cuts, 1);
		assert.equal(await o.dossier(), 'processing');
		assert.equal(await o.send(said), s.p.again);
		assert.equal(await s.count('ledger_journal WHERE kind = \'payment\''),
			1);
		await s.balances();
	});

	for (const shift of ['+5', '-5'])
		test(`${name}: row 32: with a clock ${shift} s off no payment starts`,
			async (t) => {
			const s = await stage(t, name);
			const o = await s.order();
			const { code } = await s.g.dossier({ in: 'awaiting-payment' });
			await s.g.stop();
			Object.assign(s.g.options, { port: s.g.port,
				env: clockOff(shift) });
			await s.g.configure();
			await assert.rejects(s.g.start({ within: 1 }), /is ready/);
			const ready = await until(() =>
				s.g.operator('/readyz').catch(() => null));
			assert.equal(ready.status, 503);
			assert.match(ready.text, /clocks differ by -?[45]\d\d\d ms/);

			const res = await s.g.post(`/v1/dossiers/${code}/payments`,
				{ provider: name });
			assert.equal(res.status, 503, res.text);
			assert.equal(await s.count('payment_attempt'), 1);
			assert.equal(await o.tell({ txn: fresh() }), s.p.done,
				'money that is told of is heard all the same');
			const doctor = await s.g.cli(['doctor', '-c', s.g.configFile]);
			assert.match(doctor.stdout, /clocks differ/);
		});
}
