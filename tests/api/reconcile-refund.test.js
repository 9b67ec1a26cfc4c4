// Refunds in a provider's file, where its format tells them from payments, held
// against those that it has carried out for us.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './gateway.js';
import { stage } from './providers.js';
import { day, files, formatsIn, grouped, shipped, today } from './settlement.js';

const row = (ref, txn, amount, { type = 'Thanh toán',
	status = 'Thành công' } = {}) =>
	`${ref},${txn},${grouped(amount)},0,${status},${type}`;
const back = (ref, txn, amount, more) =>
	row(ref, txn, amount, { type: 'Hoàn tiền', ...more });
// No two are the same file.
let count = 0;
const whole = (...rows) => ['Mã đơn hàng,Mã giao dịch,Số tiền,Phí,Trạng thái,Loại', ...rows,
`P0R${++count},${count},1,0,Thất bại,Thanh toán`, ''].join('\n');

function typed(change = () => {}) {
	const formats = shipped();
	const { vnpay } = formats;
	delete vnpay.total;
	vnpay.columns.type = 'Loại';
	vnpay.types = { payment: ['Thanh toán'], refund: ['Hoàn tiền'] };
	change(vnpay);
	return formats;
}

async function scene(t, formats = typed()) {
	const s = await stage(t, 'vnpay',
		{ settlement_formats: 'formats.json' });
	formatsIn(s.g, formats);
	const refunds = async (o) => (await o.shown()).refunds;
	return { ...s, ...files(s.g), refunds,
		async bought() {
			const o = await s.order();
			await s.fake.pay(o.url, 'success');
			assert.equal(await o.state(), 'paid');
			[[o.txn]] = await s.g.psql(`SELECT txn FROM payment_attempt
				WHERE ref = '${o.ref}'`);
			return o;
		},
		// Asked for, approved, and done by the provider where it can.
		async give(o, amount, state = 'done') {
			const where = `/v1/dossiers/${o.code}/refunds`;
			const { json: { refund } } = await s.g.post(where, { amount,
				attempt: o.ref, reason: 'Hoàn' }, { as: 'ptdung' });
			assert.equal((await s.g.post(`${where}/${refund}/actions`,
				{ action: 'approve' }, { as: 'vvem' })).status, 200);
			await until(async () => (await refunds(o)).find((f) =>
				f.refund === refund).state === state, { what: state });
			const [[txn]] = await s.g.psql(`SELECT txn FROM refund
				WHERE ref = '${refund}'`);
			return { ref: refund, txn, amount };
		} };
}

test('a word that is no type of the format: the file is in quarantine; a ' +
	'format that says half is refused', async (t) => {
	const s = await scene(t);
	const strange = await s.take(whole(row('P1R00', '5', 1000,
		{ type: 'Điều chỉnh' })));
	assert.equal(strange.code, 2, strange.stdout + strange.stderr);
	assert.match(strange.stdout, /line 2: a type Điều chỉnh/);
	assert.deepEqual(await s.g.psql('SELECT 1 FROM settlement_row'), []);

	for (const [change, pointer] of [
		[(v) => delete v.types, '/types'],
		[(v) => delete v.columns.type, '/columns/type'],
		[(v) => delete v.types.refund, '/types/refund'],
		[(v) => Object.assign(v.types, { fee: [] }), '/types/fee'],
		[(v) => Object.assign(v.types, { refund: [] }), '/types/refund']]) {
		formatsIn(s.g, typed(change));
		const done = await s.take(whole());
		assert.equal(done.code, 1, done.stdout);
		assert.match(done.stderr, new RegExp(pointer));
	}
});

test('both sides agree: by the order, by our name or by the provider\'s ' +
	'number; a payment is no refund of the same number', async (t) => {
	const s = await scene(t);
	const all = [await s.bought(), await s.bought(), await s.bought()];
	const given = [];
	for (const o of all)
		given.push(await s.give(o, o.amount));

	const done = await s.take(whole(
		...all.map((o) => row(o.ref, o.txn, o.amount)),
		back(all[0].ref, all[0].txn, given[0].amount),
		back(given[1].ref, '901', given[1].amount),
		back('x', given[2].txn, given[2].amount)));
	assert.equal(done.code, 0, done.stdout + done.stderr);
	assert.deepEqual(await s.classes(), []);
	assert.match(done.stdout, /matched: 6/);

	const o = await s.bought();
	const { amount } = await s.give(o, o.amount);
	await s.take(whole(back(o.ref, o.txn, amount)));
	assert.deepEqual(await s.classes(), [`missing-there,${o.txn}`]);
});

test('each way to differ has a name; what comes to agree closes itself, ' +
	'what was given twice does not', async (t) => {
	const s = await scene(t);
	const [a, b, c, d] = [await s.bought(), await s.bought(),
		await s.bought(), await s.bought()];
	const other = await s.give(a, a.amount);
	const undone = await s.give(b, b.amount);
	const silent = await s.give(c, c.amount);
	const twice = await s.give(d, d.amount);
	const paid = [a, b, c, d].map((o) => row(o.ref, o.txn, o.amount));

	const first = await s.take(whole(...paid,
		back(other.ref, '801', other.amount - 1),
		back(undone.ref, '802', undone.amount, { status: 'Thất bại' }),
		back(twice.ref, '803', twice.amount),
		back(twice.ref, '804', twice.amount),
		back('P1R77', '805', 5000)));
	assert.equal(first.code, 1, first.stderr);
	assert.deepEqual(await s.classes(), ['refund-diff,801',
		'refund-diff,802', 'refund-duplicate,804', 'refund-missing-here,805',
		`refund-missing-there,${silent.ref}`]);
	assert.match(first.stdout, new RegExp('refund-diff .* 801 .*ours ' +
		`${other.amount} +theirs ${other.amount - 1}`));
	const { items } = (await s.g.get('/v1/payments/differences',
		{ as: 'ptdung' })).json;
	assert.ok(items.every((x) => x.title && x.title_vi));
	assert.equal((await s.g.post('/v1/payments/differences/' +
		`${items[0].id}/actions`, { action: 'close', note: 'Đã hỏi VNPAY' },
	{ as: 'ptdung' })).json.state, 'proposed', 'it takes two');
	assert.equal((await s.g.post('/v1/payments/differences/' +
		`${items[0].id}/actions`, { action: 'reopen' },
	{ as: 'ptdung' })).status, 200);

	await s.take(whole(back(other.ref, '801', other.amount),
		back(undone.ref, '802', undone.amount),
		back(silent.ref, '806', silent.amount)));
	assert.deepEqual(await s.classes(),
		['refund-duplicate,804', 'refund-missing-here,805']);
});

test('what we have not given back yet is missing here until we have',
	async (t) => {
	const s = await scene(t);
	const o = await s.bought();
	s.fake.refunding = 'processing';
	const { ref, amount } = await s.give(o, o.amount, 'processing');

	await s.take(whole(row(o.ref, o.txn, o.amount),
		back(ref, '811', amount)));
	assert.deepEqual(await s.classes(), ['refund-missing-here,811']);

	for (const r of s.fake.refunds.values())
		r.how = 'done';
	await s.g.psql('UPDATE refund SET ask_at = now()');
	await until(async () => (await s.refunds(o))[0].state === 'done');
	await s.take(whole(back(ref, '811', amount)));
	assert.deepEqual(await s.classes(), []);
});

test('where the contract keeps refunds back, a payout is less by them',
	async (t) => {
	const formats = typed((v) => Object.assign(v.payout,
		{ net_of_refunds: true }));
	const s = await scene(t, formats);
	const o = await s.bought();
	const { ref, amount } = await s.give(o, 20000);
	const on = day(1).split('-').reverse().join('/');
	const bank = (credit) => s.take(['Ngày,Số bút toán,Ghi có,Nội dung',
		`x,FT${++count},${grouped(credit)},VNPAY TT GD ${on}`, ''].join('\n'),
	{ of: 'bank', day: today });

	await s.take(whole(row(o.ref, o.txn, o.amount),
		back(ref, '821', amount)), { day: day(1) });
	const done = await bank(o.amount - amount);
	assert.deepEqual(await s.classes(), [], done.stdout);
	await bank(1);
	assert.deepEqual(await s.classes(), [`payout-diff,${day(1)}`]);
});
