// Histories of payments, drawn at random: notices in any order, doubled at
// once, forged, of another amount, late, after an expiry, refunds that are
// asked for, approved and rejected, with the gateway killed in between; after
// each step the answer, and at the end the states, the ledger, the receipts and
// what was heard, must be those of a model that was written apart.  A failure
// prints its seed:
//
//	SEED=123 HISTORIES=1000 node --test tests/api/payment-model.test.js
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';

import { gateway, paid, sha256 } from './gateway.js';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const histories = Number(process.env.HISTORIES ?? 12);
const steps = 14;

// Mulberry32: small, and the same everywhere.
function dice(state) {
	return (n) => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % n;
	};
}

const words = { paid: ['00', '00'], failed: ['24', '02'],
	pending: ['99', '01'], doubt: ['07', '07'] };
const ended = ['paid', 'paid-late', 'surplus'];

// What ought to be: one dossier, its fee, its attempts, the money.
class Model {
	attempts = [];
	money = new Map(); // transaction -> {attempt, kind}
	suspense = new Map(); // transaction -> amount
	waits = true;

	// What is claimed of a transaction's money; surplus claims itself.
	claimed = new Map();
	refunds = []; // {txn, amount, state}

	// May that much of it be given back?
	ask(txn, attempt, amount, whole) {
		if (this.money.get(txn)?.attempt !== this.attempts[attempt])
			return 400;
		const claimed = this.claimed.get(txn) ?? 0;
		if (claimed + amount > whole)
			return 422;
		this.claimed.set(txn, claimed + amount);
		this.refunds.push({ txn, amount, state: 'requested' });
		return 201;
	}

	reject(r) {
		r.state = 'rejected';
		this.claimed.set(r.txn, this.claimed.get(r.txn) - r.amount);
	}

	expire(i) {
		this.move(this.attempts[i], 'expired', 'created', 'pending');
	}

	start(ref) {
		this.attempts.push({ ref, state: 'created' });
	}

	withdraw() {
		this.waits = false;
	}

	move(a, to, ...from) {
		if (!from.includes(a.state))
			return '02';
		a.state = to;
		return '00';
	}

	hear({ attempt: i, outcome, txn, wrong }) {
		const a = this.attempts[i];
		if (a === undefined)
			return '01';
		if (wrong) {
			if (outcome === 'paid' && !this.money.has(txn) &&
				!this.suspense.has(txn))
				this.suspense.set(txn, 1);
			this.move(a, 'review', 'created', 'pending', 'failed', 'expired',
				'superseded');
			return '04';
		}
		if (outcome === 'paid')
			return this.take(a, txn);
		return { failed: () => this.move(a, 'failed', 'created', 'pending',
			'expired', 'review', 'superseded'),
		pending: () => this.move(a, 'pending', 'created', 'pending'),
		doubt: () => this.move(a, 'review', 'created', 'pending', 'failed',
			'expired', 'superseded') }[outcome]();
	}

	take(a, txn) {
		const known = this.money.get(txn);
		if (known !== undefined && known.attempt === a)
			return '02';
		if (known !== undefined) {
			this.move(a, 'review', 'created', 'pending', 'failed', 'expired',
				'superseded');
			return '99';
		}
		const pays = this.waits && !ended.includes(a.state);
		this.money.set(txn, { attempt: a, kind: pays ? 'payment' : 'surplus' });
		this.suspense.delete(txn);
		if (!pays) {
			this.claimed.set(txn, this.amount);
			this.refunds.push({ txn, amount: this.amount,
				state: 'requested' });
			if (!ended.includes(a.state))
				a.state = 'surplus';
			return '00';
		}
		a.state = ['failed', 'expired'].includes(a.state) ? 'paid-late'
			: 'paid';
		this.waits = false;
		for (const other of this.attempts)
			this.move(other, 'superseded', 'created', 'pending');
		return '00';
	}
}

class History {
	constructor(g, roll, base) {
		Object.assign(this, { g, roll, base, model: new Model(), urls: [],
			told: [], heard: new Set() });
	}

	async begin() {
		this.code = (await this.g.dossier({ in: 'awaiting-payment' })).code;
		await this.start();
	}

	async start() {
		const res = await this.g.post(`/v1/dossiers/${this.code}/payments`,
			{ provider: 'vnpay' });
		assert.equal(res.status, this.model.waits ? 201 : 409, res.text);
		if (res.status !== 201)
			return;
		this.urls.push(res.json.pay_url);
		this.amount = this.model.amount = res.json.amount;
		this.model.start(res.json.attempt);
	}

	pick() {
		const { roll } = this;
		if (this.told.length > 0 && roll(3) === 0)
			return this.told[roll(this.told.length)];
		const n = { attempt: roll(this.urls.length + 1),
			outcome: Object.keys(words)[roll(4)],
			txn: String(this.base + roll(4)), wrong: roll(6) === 0 };
		this.told.push(n);
		return n;
	}

	query({ attempt, outcome, txn, wrong }) {
		const [response, status] = words[outcome];
		return paid(this.urls[attempt] ?? this.urls[0], {
			...this.urls[attempt] === undefined && {
				vnp_TxnRef: 'P1R00000000000000000000' },
			...wrong && { vnp_Amount: '100' }, vnp_TransactionNo: txn,
			vnp_ResponseCode: response, vnp_TransactionStatus: status });
	}

	async notice() {
		const n = this.pick();
		const times = this.roll(4) === 0 ? 3 : 1;
		const query = this.query(n);
		const answers = await Promise.all(Array.from({ length: times }, () =>
			this.tell(query)));
		const wanted = Array.from({ length: times },
			() => this.model.hear(n));
		assert.deepEqual(answers.sort(), wanted.sort(), JSON.stringify(n));
	}

	async forged() {
		const query = this.query(this.pick());
		assert.equal(await this.tell(query.slice(0, -1)), '97');
	}

	async tell(query) {
		const res = await this.g.get(`/v1/payments/callbacks/vnpay?${query}`,
			{ as: 'nobody' });
		assert.equal(res.status, 200, res.text);
		if (res.json.RspCode !== '97')
			this.heard.add(sha256(query));
		return res.json.RspCode;
	}

	async refund() {
		const attempt = this.roll(this.urls.length);
		const txn = String(this.base + this.roll(4));
		const amount = this.amount / (1 + this.roll(2));
		const res = await this.g.post(`/v1/dossiers/${this.code}/refunds`,
			{ attempt: this.model.attempts[attempt].ref, transaction: txn,
				amount, reason: 'Mô hình' }, { as: 'ptdung' });
		assert.equal(res.status, this.model.ask(txn, attempt, amount,
			this.amount), res.text);
	}

	async decide() {
		const all = (await this.g.get(`/v1/dossiers/${this.code}`))
			.json.refunds;
		const i = all.findIndex((r) => r.state === 'requested');
		if (i < 0)
			return;
		const action = ['approve', 'reject'][this.roll(2)];
		const res = await this.g.post(`/v1/dossiers/${this.code}/refunds/` +
			`${all[i].refund}/actions`, { action, reason: 'Mô hình' },
		{ as: 'vvem' });
		assert.equal(res.status, 200, res.text);
		if (action === 'reject')
			this.model.reject(this.model.refunds[i]);
		else
			this.model.refunds[i].state = 'approved';
	}

	// As the sweep does on the provider's word.
	async expire() {
		const i = this.roll(this.urls.length);
		await this.g.psql(`UPDATE payment_attempt SET state = 5, ask_at = NULL
			WHERE ref = '${this.model.attempts[i].ref}' AND state IN (1, 2)`);
		this.model.expire(i);
	}

	async withdraw() {
		if (!this.model.waits)
			return;
		await this.g.act(this.code, 'withdraw', { as: 'portal',
			reason: 'Không cần nữa' });
		this.model.withdraw();
	}

	async step() {
		const r = this.roll(20);
		if (r < 2)
			return this.start();
		if (r === 2)
			return this.forged();
		if (r === 3 && this.roll(3) === 0)
			return this.withdraw();
		if (r === 4 && this.roll(3) === 0) {
			await this.g.kill();
			return this.g.start();
		}
		if (r === 5)
			return this.expire();
		if (r === 6 || r === 7)
			return this.model.suspense.size > 0 ? undefined : this.refund();
		if (r === 8)
			return this.decide();
		return this.notice();
	}

	async compare() {
		const { payments: [bill], receipts, refunds } =
			(await this.g.get(`/v1/dossiers/${this.code}`)).json;
		const pays = [...this.model.money.values()]
			.filter((m) => m.kind === 'payment');
		assert.deepEqual(receipts.map((r) => r.amount),
			pays.map(() => this.amount), 'one receipt for what is paid');
		this.receipts = receipts.map((r) => r.number);
		assert.deepEqual(refunds.map((r) => ({ txn: r.transaction,
			amount: r.amount, state: r.state === 'submitted' ? 'approved'
				: r.state })), this.model.refunds);
		const kept = new Set((await this.g.psql(
			`SELECT encode(sha256, 'hex') FROM provider_event`)).map(String));
		for (const one of this.heard)
			assert.ok(kept.has(one), 'what was acknowledged is on disk');
		assert.deepEqual(bill.attempts.map(({ attempt: ref, state }) =>
			({ ref, state })), this.model.attempts);
		const booked = await this.g.psql(`SELECT j.txn, j.kind, a.ref, j.amount
			FROM ledger_journal j JOIN payment_attempt a ON a.id = j.attempt_id
			WHERE j.kind IN ('payment', 'surplus')
			AND j.txn BETWEEN '${this.base}' AND '${this.base + 3}'
			ORDER BY j.txn`);
		assert.deepEqual(booked, [...this.model.money].sort()
			.map(([txn, { attempt, kind }]) =>
				[txn, kind, attempt.ref, String(this.amount)]));
	}
}

test(`${histories} histories of payments, seed ${seed}`, async (t) => {
	const g = await gateway(t, { config: { payment_sweep_seconds: ['9999'] } });
	const roll = dice(seed);
	const numbers = [];
	let suspense = 0;

	for (let i = 0; i < histories; i++) {
		const h = new History(g, roll, 10000000 + 10 * i);
		await h.begin();
		for (let n = 0; n < steps; n++)
			await h.step();
		await h.compare();
		suspense += h.model.suspense.size;
		numbers.push(...h.receipts);
	}
	assert.deepEqual(numbers, numbers.map((_, i) => i + 1),
		'numbered in order, without a gap');

	const done = await g.cli(['ledger', 'check', '--json', '-c',
		g.configFile]);
	assert.equal(done.code, 0, done.stdout);
	const { accounts } = JSON.parse(done.stdout);
	assert.equal(accounts.find((a) => a.account === 'suspense')?.balance ?? 0,
		0 - suspense);
});
