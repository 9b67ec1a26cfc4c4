// Money given back: two officers, three providers, and what happens when a
// provider says nothing.  Refusals first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, until } from './gateway.js';
import { providers, scene } from './providers.js';

const where = (code) => `/v1/dossiers/${code}/refunds`;
const ask = (g, code, body, as = 'ptdung') => g.post(where(code),
	{ reason: 'Hồ sơ rút trước khi giải quyết', ...body }, { as });
const decide = (g, code, ref, action, as = 'vvem', more = {}) =>
	g.post(`${where(code)}/${ref}/actions`, { action, ...more }, { as });
const refund = async (g, code, i = 0) =>
	(await g.get(`/v1/dossiers/${code}`)).json.refunds[i];

async function settled(t, config = {}) {
	const g = await gateway(t, { config: { tick_ms: 20, ...config } });
	const { code } = await g.dossier({ in: 'awaiting-payment' });
	const a = await g.pay(code);
	return { g, code, attempt: a.attempt, amount: a.amount };
}

// A dossier that was paid at a provider.
async function bought(t, name, config) {
	const s = await scene(t, name, config);
	const { json } = await s.start();
	assert.deepEqual((await s.p.pay(s.fake, json.pay_url, 'success'))
		.map(s.p.said), [s.p.done]);
	return { ...s, attempt: json.attempt, amount: json.amount };
}

async function approved(s, amount = s.amount) {
	const asked = await ask(s.g, s.code, { attempt: s.attempt, amount });
	assert.equal(asked.status, 201, asked.text);
	const res = await decide(s.g, s.code, asked.json.refund, 'approve');
	assert.equal(res.status, 200, res.text);
	assert.equal(res.json.state, 'approved');
	return asked.json.refund;
}

const ends = (s, state, i = 0) => until(async () =>
	(await refund(s.g, s.code, i)).state === state, { what: state });

test('who may not, what is not there and more than was paid', async (t) => {
	const { g, code, attempt, amount } = await settled(t);
	const good = { attempt, amount };
	const refused = async (body, status, name, pointer, as) => {
		const res = await ask(g, code, body, as);
		assert.equal(res.status, status, res.text);
		assert.equal(res.json.code, name);
		if (pointer)
			assert.equal(res.json.errors[0].pointer, pointer);
	};

	await refused(good, 401, 'unauthenticated', null, 'nobody');
	await refused(good, 403, 'forbidden', null, 'portal');
	await refused({ amount }, 400, 'missing-field', '/attempt');
	await refused({ ...good, amount: 0 }, 400, 'bad-field', '/amount');
	await refused({ ...good, amount: '5' }, 400, 'bad-field', '/amount');
	await refused({ ...good, reason: '' }, 400, 'bad-field', '/reason');
	await refused({ ...good, attempt: 'P1R00' }, 400, 'bad-field', '/attempt');
	await refused({ ...good, transaction: '9' }, 400, 'bad-field', '/attempt');
	await refused({ ...good, amount: amount + 1 }, 422, 'refund-too-much',
		'/amount');
	assert.equal((await ask(g, 'H29.20-000101-0001', good)).status, 404);
	assert.deepEqual(await g.psql('SELECT count(*) FROM refund'), [['0']]);
});

test('nothing of an attempt that brought nothing can be given back',
	async (t) => {
	const g = await gateway(t);
	const { code } = await g.dossier({ in: 'awaiting-payment' });
	const { json } = await g.post(`/v1/dossiers/${code}/payments`,
		{ provider: 'vnpay' });

	assert.equal((await ask(g, code, { attempt: json.attempt, amount: 1 }))
		.json.errors[0].pointer, '/attempt');
});

test('who asks neither approves nor rejects, not even in SQL', async (t) => {
	const { g, code, attempt, amount } = await settled(t);
	const { json } = await ask(g, code, { attempt, amount });

	for (const action of ['approve', 'reject']) {
		const res = await decide(g, code, json.refund, action, 'ptdung',
			{ reason: 'x' });
		assert.equal(res.status, 403, res.text);
		assert.equal(res.json.code, 'same-person');
	}
	await assert.rejects(g.psql(`UPDATE refund SET state = 2,
		decided_by = requested_by, decided_at = now()`), /refund_four_eyes/);
	await assert.rejects(g.psql(`UPDATE refund SET state = 2, decided_by = 0,
		decided_at = now()`), /is not what is booked/);
	await assert.rejects(g.psql('DELETE FROM refund'), /never deleted/);
	assert.equal((await refund(g, code)).state, 'requested');
});

test('an action that is no edge, unknown or without its ground', async (t) => {
	const { g, code, attempt, amount } = await settled(t);
	const { json: { refund: ref } } = await ask(g, code, { attempt, amount });
	const refused = async (action, status, more = {}) => {
		const res = await decide(g, code, ref, action, 'vvem', more);
		assert.equal(res.status, status, res.text);
	};

	await refused('pay', 400);
	await refused('reject', 400);
	await refused('confirm', 400);
	await refused('confirm', 409, { evidence: 'UNC 12' });
	await refused('give-up', 409, { reason: 'x' });
	assert.equal((await decide(g, code, 'R0', 'approve')).status, 404);
	await refused('reject', 200, { reason: 'Không đủ căn cứ' });
	await refused('approve', 409);
	assert.equal((await refund(g, code)).state, 'rejected');
});

test('row 53: two officers at once never give back more than was paid',
	async (t) => {
	const { g, code, attempt, amount } = await settled(t);

	const all = await Promise.all(Array.from({ length: 8 }, (_, i) =>
		ask(g, code, { attempt, amount: amount / 2 },
			['ptdung', 'vvem'][i % 2])));

	assert.deepEqual(all.map((r) => r.status).sort(),
		[201, 201, ...Array(6).fill(422)]);
	await assert.rejects(g.psql(`INSERT INTO refund (tenant_id, dossier_id,
		attempt_id, journal_id, amount, reason, requested_by, requested_at)
		SELECT tenant_id, dossier_id, attempt_id, journal_id, 1, 'x', 9, now()
		FROM refund LIMIT 1`), /refund_money_claimed_check|refund_money_check/);
});

test('what was rejected can be asked for again', async (t) => {
	const { g, code, attempt, amount } = await settled(t);
	const first = await ask(g, code, { attempt, amount });
	await decide(g, code, first.json.refund, 'reject', 'vvem',
		{ reason: 'Sai' });

	assert.equal((await ask(g, code, { attempt, amount })).status, 201);
});

test('an idempotency key asks once, and approves once', async (t) => {
	const { g, code, attempt, amount } = await settled(t);
	const body = { attempt, amount: amount / 2, reason: 'x' };

	const [one, two] = [await g.post(where(code), body, { as: 'ptdung',
		key: 'r-1' }), await g.post(where(code), body, { as: 'ptdung',
		key: 'r-1' })];

	assert.equal(one.text, two.text);
	assert.deepEqual(await g.psql('SELECT count(*) FROM refund'), [['1']]);
});

// The National Portal's protocols have no refund: an officer does it by hand.
for (const name of Object.keys(providers)
	.filter((name) => providers[name].refunds)) {
	test(`${name}: in two parts, and it is told and booked`, async (t) => {
		const s = await bought(t, name);
		const part = s.amount / 2;
		await approved(s, part);
		await ends(s, 'done');
		await approved(s, part);
		await ends(s, 'done', 1);

		assert.equal(s.fake.refunds.size, 2);
		const accounts = await s.balances();
		assert.equal(accounts[`provider_clearing:${name}`], 0);
		assert.equal(accounts.refund_payable, 0);
		assert.equal(accounts.fee_refunded, s.amount);
		const kinds = (await s.shown()).history.map((e) => e.event);
		assert.equal(kinds.filter((k) => k === 'refund-done').length, 2);
		const again = await ask(s.g, s.code, { attempt: s.attempt, amount: 1 });
		assert.equal(again.json.code, 'refund-too-much');
	});

	test(`${name}: row 53: carried out and not answered, it is asked about`,
		async (t) => {
		const s = await bought(t, name);
		s.fake.refunding = 'mute';
		await approved(s);

		await ends(s, 'done');
		assert.equal(s.fake.refunds.size, 1);
		assert.deepEqual(await s.g.psql('SELECT sends FROM refund'), [['1']]);
		assert.equal((await s.balances()).refund_payable, 0);
	});

	test(`${name}: not heard, it is asked for again under the same name`,
		async (t) => {
		const s = await bought(t, name);
		s.fake.refunding = 'deaf';
		await approved(s);
		await until(() => s.g.log.includes('no answer'));
		s.fake.refunding = 'done';

		await ends(s, 'done');
		assert.equal(s.fake.refunds.size, 1);
	});

	test(`${name}: row 53: killed between its yes and our record, it asks first`,
		async (t) => {
		const s = await bought(t, name);
		s.fake.refunding = 'mute';
		await approved(s);
		await until(() => s.fake.refunds.size === 1);
		await s.g.kill();
		await s.g.start();

		await ends(s, 'done');
		assert.equal(s.fake.refunds.size, 1);
		await s.balances();
	});

	test(`${name}: refused, the money is where it was and may be asked for`,
		async (t) => {
		const s = await bought(t, name);
		s.fake.refunding = 'reject';
		await approved(s);

		await ends(s, 'failed');
		const accounts = await s.balances();
		assert.equal(accounts[`provider_clearing:${name}`], s.amount);
		assert.equal(accounts.refund_payable, 0);
		assert.equal(accounts.fee_refunded, 0);
		s.fake.refunding = 'done';
		await approved(s);
		await ends(s, 'done', 1);
	});

	test(`${name}: in the works, until the provider says that it is done`,
		async (t) => {
		const s = await bought(t, name);
		s.fake.refunding = 'processing';
		await approved(s);
		await ends(s, 'processing');
		for (const r of s.fake.refunds.values())
			Object.assign(r, { how: 'done', resultCode: 0, code: 1 });

		await ends(s, 'done');
		await s.balances();
	});
}

test('one that nobody knows after a day is a person\'s to look into',
	async (t) => {
	const s = await bought(t, 'momo');
	s.fake.refunding = 'deaf';
	const ref = await approved(s);
	await ends(s, 'submitted');
	await s.g.psql(`UPDATE refund SET sent_at = sent_at - interval '21 hours'`);

	await ends(s, 'review');
	const open = await s.balances();
	assert.equal(open.refund_payable, -s.amount);
	const res = await decide(s.g, s.code, ref, 'confirm', 'vvem',
		{ evidence: 'Ủy nhiệm chi 12/2026' });
	assert.equal(res.json.state, 'done', res.text);
	assert.equal((await s.balances()).own_funds, -s.amount);
});

test('money that nobody owed asks for itself, and one officer approves',
	async (t) => {
	const s = await bought(t, 'vnpay');
	const order = s.fake.orders.get(s.attempt);
	order.transaction = '99990001'; // charged a second time

	assert.equal((await s.fake.notify(order)).RspCode, '00');
	const r = await refund(s.g, s.code);
	assert.equal(r.state, 'requested');
	assert.equal(r.of, 'surplus');
	assert.equal(r.requested_by, 'gateway');
	assert.equal((await s.balances()).surplus_payable, -s.amount);
	assert.equal((await decide(s.g, s.code, r.refund, 'approve', 'ptdung'))
		.status, 200);
	await ends(s, 'done');
	assert.equal((await s.balances()).surplus_payable, 0);
});

test('ledger check finds a refund that is booked otherwise', async (t) => {
	const s = await bought(t, 'momo');
	await approved(s);
	await ends(s, 'done');
	await s.g.psql(`ALTER TABLE refund DISABLE TRIGGER ALL;
		ALTER TABLE refund_money DISABLE TRIGGER ALL`);
	const faults = async (sql, rule) => {
		await s.g.psql(sql);
		const done = await s.g.cli(['ledger', 'check', '-c',
			s.g.configFile]);
		assert.equal(done.code, 1);
		assert.match(done.stdout, rule);
	};

	await faults('UPDATE refund SET amount = amount + 1',
		/refund-is-not-what-is-booked/);
	await faults('UPDATE refund_money SET claimed = 0',
		/claimed-is-not-what-refunds-say/);
	await faults(`INSERT INTO refund (tenant_id, dossier_id, attempt_id,
		journal_id, amount, reason, requested_by, requested_at) SELECT
		tenant_id, dossier_id, attempt_id, journal_id, 1, 'x', 9, now()
		FROM refund`, /more-given-back-than-was-paid/);
});
