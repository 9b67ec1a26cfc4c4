// The rows of the callback table that are about money: who is credited, what is
// parked and what each provider is told.  A row is a test, for every provider
// of providers.js.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fresh, stage, told } from './providers.js';

const reviews = (dossier) => dossier.history
	.filter((e) => e.event === 'payment-review')
	.map((e) => [e.data.attempt, e.data.txn]);
const act = (g, id, body, as) =>
	g.post(`/v1/payments/strays/${id}/actions`, body, { as });

for (const name of told) {
	test(`${name}: money`, async (t) => {
		const s = await stage(t, name);
		const { p, g } = s;
		const row = (what, fn) => t.test(what, async () => fn(await s.order()));

		await row('row 1: a MAC that is wrong, empty, short or no hex', async (o) => {
			const events = await s.count('provider_event');
			const good = o.request({ txn: fresh() });
			const mac = /[0-9a-f]{64,128}(?="|$)/;
			const swap = (to) => ({ ...good, path: good.path.replace(mac, to),
				...good.body && { body: good.body.replace(mac, to) } });

			assert.equal(await o.tell({ txn: fresh(), secret: 'no' }), p.bad);
			for (const to of ['', '00', 'zz'.repeat(32), '0'.repeat(128)])
				assert.equal(await o.send(swap(to)), p.bad);
			assert.equal(await o.state(), 'created');
			assert.equal(await s.count('provider_event'), events);
		});

		await row('row 2: a MAC in upper case is the same MAC', async (o) => {
			const good = o.request({ txn: fresh() });
			const up = (text) => text.replace(/[0-9a-f]{64,128}(?="|$)/,
				(m) => m.toUpperCase());

			assert.equal(await o.send({ ...good, path: up(good.path),
				...good.body && { body: up(good.body) } }), p.done);
			assert.equal(await o.dossier(), 'processing');
		});

		await row('row 4: another terminal credits nothing and is parked',
			async (o) => {
			const txn = fresh();
			assert.equal(await o.tell({ txn, terminal: p.otherTerminal }),
				p.unknown);
			assert.equal(await o.dossier(), 'awaiting-payment');
			const [stray] = (await s.strays()).filter((x) =>
				x.transaction === txn);
			assert.equal(stray.terminal, String(p.otherTerminal));
			assert.equal(stray.reference, o.ref);
		});

		await row('row 5: money for no order is parked once, and two match it',
			async (o) => {
			const txn = fresh();
			const lost = { txn, ref: p.otherRef(o.ref) };
			assert.equal(await o.tell(lost), p.unknown);
			assert.equal(await o.tell({ ...lost, more: p.variant }), p.unknown);
			const mine = (await s.strays()).filter((x) => x.transaction === txn);
			assert.equal(mine.length, 1);
			const [{ id }] = mine;

			const refused = async (status, code, body, as) => {
				const res = await act(g, id, body, as);
				assert.equal(res.status, status, res.text);
				assert.equal(res.json.code, code);
			};
			await refused(403, 'forbidden', { action: 'confirm' }, 'portal');
			await refused(400, 'bad-field', { action: 'keep' }, 'vvem');
			await refused(409, 'wrong-state', { action: 'confirm' }, 'vvem');
			await refused(400, 'bad-field', { action: 'propose',
				attempt: 'P1R00' }, 'vvem');
			assert.equal((await act(g, id, { action: 'propose',
				attempt: o.ref, note: 'Theo sao kê' }, 'vvem')).status, 200);
			await refused(403, 'same-person', { action: 'confirm' }, 'vvem');
			assert.equal(await o.dossier(), 'awaiting-payment');
			await assert.rejects(g.psql(`UPDATE stray_money SET state = 3,
				closed_by = proposed_by, closed_at = now() WHERE id = ${id}`),
			/stray_four_eyes/);
			assert.equal((await act(g, id, { action: 'confirm' }, 'ptdung'))
				.status, 200);
			assert.equal(await o.dossier(), 'processing');
			await refused(409, 'wrong-state', { action: 'confirm' }, 'ptdung');
			await s.balances();
		});

		await row('row 5: what is none of ours is dismissed by two', async (o) => {
			const txn = fresh();
			await o.tell({ txn, ref: p.otherRef(o.ref) });
			const { id } = (await s.strays()).find((x) => x.transaction === txn);
			await act(g, id, { action: 'propose' }, 'vvem');
			await act(g, id, { action: 'reopen' }, 'vvem');
			await act(g, id, { action: 'propose' }, 'vvem');
			assert.equal((await act(g, id, { action: 'confirm' }, 'ptdung'))
				.status, 200);
			assert.ok(!(await s.strays()).some((x) => x.id === id));
			assert.equal(await o.state(), 'created');
		});

		await row('row 6: another amount stands in suspense and moves nothing',
			async (o) => {
			for (const amount of [o.amount - 1000, o.amount + 1000])
				assert.equal(await o.tell({ txn: fresh(), amount }), p.other);
			assert.equal(await o.state(), 'review');
			assert.equal(await o.dossier(), 'awaiting-payment');
			assert.ok((await s.balances()).suspense < 0);
		});

		await row('row 9: the first success pays, is booked and told', async (o) => {
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			const d = await o.shown();
			assert.equal(d.state, 'processing');
			assert.equal(d.history.filter((e) => e.event === 'paid').length, 1);
			await s.balances();
		});

		if (p.says.includes('failed'))
			await row('row 10: a failure is taken in; the fee stays owed',
				async (o) => {
				assert.equal(await o.tell({ outcome: 'failed', txn: '0' }),
					p.done);
				assert.equal(await o.state(), 'failed');
				assert.equal((await o.shown()).payments[0].state, 'owed');
				await s.start(o.code);
			});

		await row('row 11: an exact repetition is one effect', async (o) => {
			const said = o.request({ txn: fresh() });
			assert.equal(await o.send(said), p.done);
			const events = await s.count('provider_event');
			assert.equal(await o.send(said), p.again);
			assert.equal(await s.count('provider_event'), events);
		});

		await row('row 12: two at once are one effect', async (o) => {
			const said = o.request({ txn: fresh() });
			const all = await Promise.all([o.send(said), o.send(said)]);
			assert.deepEqual(all.sort(), [p.done, p.again].sort());
			await s.balances();
		});

		if (p.says.includes('failed'))
			await row('row 14: success after FAILED here (late) is credited',
				async (o) => {
				await o.tell({ outcome: 'failed', txn: '0' });
				assert.equal(await o.tell({ txn: fresh() }), p.done);
				assert.equal(await o.state(), 'paid-late');
				assert.equal(await o.dossier(), 'processing');
				await s.balances();
			});

		await row('row 14: success after EXPIRED here (late) is credited',
			async (o) => {
			await g.psql(`UPDATE payment_attempt SET state = 5, ask_at = NULL
				WHERE ref = '${o.ref}'`);
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			assert.equal(await o.state(), 'paid-late');
			await s.balances();
		});

		await row('row 14: late money for a fee that is paid is surplus',
			async (o) => {
			await g.psql(`UPDATE payment_attempt SET state = 5, ask_at = NULL
				WHERE ref = '${o.ref}'`);
			const second = await s.start(o.code);
			await second.tell({ txn: fresh() });
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			assert.equal(await o.state(), 'surplus');
			assert.equal((await o.shown()).refunds[0].state, 'requested');
			await s.balances();
		});

		if (p.says.includes('failed'))
			await row('row 15: a failure after PAID takes nothing away and asks',
				async (o) => {
				await o.tell({ txn: fresh() });
				assert.equal(await o.tell({ outcome: 'failed', txn: '0' }),
					p.again);
				assert.equal(await o.state(), 'paid');
				assert.equal(await s.count(`provider_event WHERE ref =
					'${o.ref}' AND outcome = 'failed'`), 1);
				assert.equal(await s.count(`payment_attempt WHERE ref =
					'${o.ref}' AND asks > 0 OR ref = '${o.ref}'
					AND ask_at IS NOT NULL`), 1);
			});

		await row('row 16: a second attempt that pays too is surplus', async (o) => {
			const second = await s.start(o.code);
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			assert.equal(await second.tell({ txn: fresh() }), p.done);
			const d = await o.shown();
			assert.equal(await second.state(), 'surplus');
			assert.equal(d.refunds.length, 1);
			assert.equal(d.receipts.length, 1);
			await s.balances();
		});

		await row('row 17: one transaction on two orders credits the first, ' +
			'and a person looks at both', async (o) => {
			const txn = fresh();
			const other = await s.order();
			assert.equal(await o.tell({ txn }), p.done);
			for (let i = 0; i < 3; i++)
				assert.equal(await other.tell({ txn, more: i > 1 &&
					p.variant }), p.clash);
			assert.equal(await other.tell({ txn, amount: o.amount + 1 }),
				p.other);
			assert.equal(await other.state(), 'review');
			assert.equal(await other.dossier(), 'awaiting-payment');
			assert.equal(await o.state(), 'paid');
			for (const one of [o, other])
				assert.deepEqual(reviews(await one.shown()),
					[[one.ref, txn]]);
			await s.balances();
		});

		await row('row 17: on two orders that are paid, both are looked at',
			async (o) => {
			const txn = fresh();
			const other = await s.order();
			await o.tell({ txn });
			await other.tell({ txn: fresh() });
			for (let i = 0; i < 2; i++)
				assert.equal(await other.tell({ txn }), p.clash);
			for (const one of [o, other]) {
				assert.equal(await one.state(), 'paid');
				assert.deepEqual(reviews(await one.shown()),
					[[one.ref, txn]]);
			}
			await s.balances();
		});

		await row('row 18: two transactions on one order: the second is surplus',
			async (o) => {
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			assert.equal(await o.state(), 'paid');
			assert.equal((await o.shown()).refunds.length, 1);
			await s.balances();
		});

		if (p.says.includes('pending'))
			await row('row 19: what is pending has not failed', async (o) => {
				assert.equal(await o.tell({ outcome: 'pending', txn: '0' }),
					p.done);
				assert.equal(await o.state(), 'pending');
			});
		if (p.says.includes('doubt'))
			await row('row 19: what is suspected waits for a person', async (o) => {
				assert.equal(await o.tell({ outcome: 'doubt', txn: fresh() }),
					p.done);
				assert.equal(await o.state(), 'review');
			});

		await row('row 30: days later it is heard like any other', async (o) => {
			await g.psql(`UPDATE payment_attempt SET created_at = created_at
				- interval '5 days', expires_at = expires_at
				- interval '5 days' WHERE ref = '${o.ref}'`);
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			assert.equal(await o.dossier(), 'processing');
		});

		await row('row 48: an old address that is paid next day counts for its own',
			async (o) => {
			const again = await s.start(o.code);
			assert.notEqual(again.ref, o.ref);
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			assert.equal(await o.state(), 'paid');
			assert.equal(await again.state(), 'superseded');
		});

		await row('row 49: withdrawn in between, the money is a refund case',
			async (o) => {
			await g.act(o.code, 'withdraw', { as: 'portal', reason: 'x' });
			assert.equal(await o.tell({ txn: fresh() }), p.done);
			const d = await o.shown();
			assert.equal(d.state, 'withdrawn');
			assert.equal(d.payments[0].state, 'superseded');
			assert.equal(d.refunds[0].state, 'requested');
			await s.balances();
		});

		await row('row 61: the tenant is the reference\'s, whatever else is said',
			async (o) => {
			const txn = fresh();
			assert.equal(await o.tell({ txn, ref: o.ref.replace('P1R', 'P2R') }),
				p.unknown);
			assert.equal(await o.dossier(), 'awaiting-payment');
			assert.ok((await s.strays()).some((x) => x.transaction === txn));
		});
	});
}
