// The third side of a settlement: what the bank's statement shows that a
// provider paid out, held against its files.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { day, grouped, line, scene, shipped, today, whole }
	from './settlement.js';

const vn = (iso) => iso.split('-').reverse().join('/');
let entries = 0;
const entry = (credit, content, txn = `FT${++entries}`) =>
	`${vn(today)},${txn},${grouped(credit)},"${content}"`;
const statement = (...lines) => ['Ngày,Số bút toán,Ghi có,Nội dung', ...lines,
	''].join('\n');
const paidOut = (credit, on = day(1)) =>
	entry(credit, `CT DEN:00123 vnpay tt gd ${vn(on)} So GD 77`);

// A day of two payments at VNPAY, each with a fee of 580 đồng.
async function settled(t, formats = shipped()) {
	const s = await scene(t, { paid: 2, formats });
	const done = await s.take(whole(s.bought.map((b) =>
		line(b, { fee: '580' }))), { day: day(1) });
	assert.equal(done.code, 0, done.stdout + done.stderr);
	return { ...s, bank: (bytes, on = today) =>
		s.take(bytes, { of: 'bank', day: on }) };
}

test('three sides agree: net of the fee, among the bank\'s other entries',
	async (t) => {
	const { g, bank, classes } = await settled(t);

	const done = await bank(statement(entry(500000, 'NGUYEN VAN A nop tien'),
		`${vn(today)},FT0,,VNPAY TT GD ${vn(day(1))}`, paidOut(118840)));
	assert.equal(done.code, 0, done.stdout + done.stderr);
	assert.match(done.stdout, /payouts: 1/);
	assert.match(done.stdout, /differences: 0/);
	assert.deepEqual(await g.psql('SELECT provider, amount FROM ' +
		'settlement_payout'), [['vnpay', '118840']]);
	assert.deepEqual(await classes(), []);
});

test('gross, where the contract says that the fee is invoiced', async (t) => {
	const formats = shipped();
	formats.vnpay.payout.net_of_fee = false;
	const { bank, classes } = await settled(t, formats);

	await bank(statement(paidOut(118840)));
	assert.deepEqual(await classes(), [`payout-diff,${day(1)}`]);
	assert.equal((await bank(statement(paidOut(1160)))).code, 0);
	assert.deepEqual(await classes(), []);
});

test('payout-diff: the bank has another amount', async (t) => {
	const { g, bank, classes } = await settled(t);

	const done = await bank(statement(paidOut(118839)));
	assert.equal(done.code, 1);
	assert.match(done.stdout, /payout-diff .* ours 118840 +theirs 118839/);
	assert.deepEqual(await classes(), [`payout-diff,${day(1)}`]);

	const { items: [seen] } = (await g.get('/v1/payments/differences',
		{ as: 'ptdung' })).json;
	assert.deepEqual([seen.class, seen.ours, seen.theirs, seen.reference],
		['payout-diff', 118840, 118839, '']);
	const act = (as, body) => g.post(
		`/v1/payments/differences/${seen.id}/actions`, body, { as });
	assert.equal((await act('ptdung', { action: 'close',
		note: 'Ngân hàng thu phí 1 đồng' })).json.state, 'proposed');
	assert.equal((await act('vvem', { action: 'confirm' })).json.state,
		'closed');
	assert.equal((await bank(statement(entry(1, 'x')))).code, 0);
});

test('payout-missing: only once it is due, and until it comes', async (t) => {
	const { bank, open, classes } = await settled(t);

	assert.equal((await open()).code, 0, 'no statement yet: nothing is known');
	assert.equal((await bank(statement(entry(1, 'x')))).code, 0, 'day 1 of 3');
	const late = await bank(statement(entry(2, 'x')), day(-2));
	assert.equal(late.code, 1);
	assert.match(late.stdout, /payout-missing .* ours 118840 +theirs 0/);
	assert.deepEqual(await classes(), [`payout-missing,${day(1)}`]);
	assert.equal((await bank(statement(paidOut(118840)), day(-3))).code, 0);
	assert.deepEqual(await classes(), []);
});

test('payout-unexplained: a day of which there is no file', async (t) => {
	const { bank, take, classes } = await settled(t);

	const first = [paidOut(118840), paidOut(70000, day(2))];
	assert.equal((await bank(statement(...first))).code, 1);
	assert.deepEqual(await classes(), [`payout-unexplained,${day(2)}`]);
	await take(whole([]), { day: day(2) });
	assert.deepEqual(await classes(), [`payout-diff,${day(2)}`]);
});

test('one payout for several days, and an entry that two statements have',
	async (t) => {
	const { bought: [one, two, three], take, classes } = await scene(t);
	const bank = (...lines) => take(statement(...lines),
		{ of: 'bank', day: today });

	await take(whole([line(one)]), { day: day(3) });
	await take(whole([line(two)]), { day: day(2) });
	await take(whole([line(three)]), { day: day(1) });
	const all = entry(180000,
		`VNPAY TT GD ${vn(day(3))} - ${vn(day(1))}`);
	await bank(all);
	assert.deepEqual((await classes()).filter((c) => /payout/.test(c)), []);
	await bank(all, entry(5, 'x'));
	assert.deepEqual((await classes()).filter((c) => /payout/.test(c)), []);
	await bank(entry(180000, `VNPAY TT GD ${vn(day(3))} - ${vn(day(1))}`));
	assert.deepEqual((await classes()).filter((c) => /payout/.test(c)),
		[`payout-diff,${day(3)}/${day(1)}`]);
});

test('a content without a date is for the day that the contract says',
	async (t) => {
	const formats = shipped();
	formats.vnpay.payout = { content: ['VNPAY CHI HO'], within_days: 1,
		net_of_fee: true };
	const { bank } = await settled(t, formats);

	const done = await bank(statement(entry(118840, 'VNPAY CHI HO MA 12')));
	assert.equal(done.code, 0, done.stdout);
});

test('a statement in doubt is quarantined, a format in doubt is refused',
	async (t) => {
	const formats = shipped();
	const { take } = await scene(t, { paid: 0, formats });
	const bank = (bytes) => take(bytes, { of: 'bank' });

	for (const bad of [statement('x'), 'Ngày,Số bút toán,Ghi có\n',
		statement(`${vn(today)},FT1,1.00,VNPAY TT GD ${vn(today)}`),
		statement(`${vn(today)},,1.000,VNPAY TT GD ${vn(today)}`)])
		assert.equal((await bank(bad)).code, 2, bad);

	formats.vnpay.payout.content = [''];
	const { take: again } = await scene(t, { paid: 0, formats });
	for (const of of ['bank', 'vnpay']) {
		const done = await again(statement(), { of });
		assert.equal(done.code, 1);
		assert.match(done.stderr, /\/payout\/content/);
	}
});
