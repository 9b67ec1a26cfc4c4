// hosogate reconcile: what a provider's file says, held against the ledger.
// Row 56 of the callback table: files in doubt first.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { line, scene, shipped, today, whole } from './settlement.js';

const cp1258 = (input) =>
	execFileSync('iconv', ['-f', 'UTF-8', '-t', 'CP1258'], { input });

test('row 56: a file in doubt is quarantined whole, by its hash', async (t) => {
	const { g, bought, take } = await scene(t);
	const lines = bought.map((b) => line(b));
	const good = whole(lines);
	const doubtful = {
		'cut short': good.slice(0, good.lastIndexOf('Tổng')),
		'another sum': whole(lines, 180001),
		'a cell too many': good.replace('60.000,0', '60.000,0,0'),
		'amounts that are none': good.replace('60.000', '60.00'),
		'a fraction': good.replace('60.000', '60,5'),
		'no such column': good.replace('Số tiền', 'So tien'),
		'an open quote': good.replace('60.000', '"60.000'),
		'not UTF-8': Buffer.from(good, 'latin1'),
		'UTF-16': Buffer.from(good, 'utf16le'),
		'a NUL': good.replace('Thành công', 'Thành\0công'),
		'something after its end': `${good}${lines[0]}\r\n`,
		empty: '',
	};

	for (const [what, bytes] of Object.entries(doubtful)) {
		const done = await take(bytes);
		assert.equal(done.code, 2, `${what}: ${done.stdout}${done.stderr}`);
		assert.match(done.stdout, /In quarantine/);
	}
	assert.deepEqual(await g.psql('SELECT count(*) FROM settlement_row'),
		[['0']]);
	assert.deepEqual(await g.psql('SELECT count(*) FROM ' +
		'settlement_difference'), [['0']]);
});

test('a provider without a format, a day that is none and a missing file',
	async (t) => {
	const { g, take } = await scene(t, { paid: 0 });

	assert.equal((await take('x', { of: 'nobody' })).code, 1);
	assert.equal((await take('x', { day: '2026-13' })).code, 1);
	assert.equal((await g.cli(['reconcile', '-c', g.configFile, 'vnpay',
		'/nowhere', today])).code, 1);
	assert.equal((await g.cli(['reconcile', 'vnpay'])).code, 64);
});

test('both sides agree: nothing is open, and again changes nothing',
	async (t) => {
	const { g, bought, take } = await scene(t);
	const file = `\ufeff${whole(bought.map((b) => line(b)))}`;

	const done = await take(file);
	assert.equal(done.code, 0, done.stdout + done.stderr);
	assert.match(done.stdout, /matched: 3, .*different: 0/);
	const again = await take(file);
	assert.match(again.stdout, /taken before/);
	assert.deepEqual(await g.psql('SELECT count(*) FROM settlement_row'),
		[['3']]);
});

test('each way to differ has a name, and stays until it is closed',
	async (t) => {
	const { g, bought, take, open, classes } = await scene(t);
	const [one, two, three] = bought;
	const stranger = { attempt: 'P1R00', txn: '999' };

	const done = await take(whole([line(one, { amount: '50.000' }),
		line(two, { status: 'Thất bại' }), line(stranger), line(stranger)],
	230000));
	assert.equal(done.code, 1, done.stderr);
	assert.deepEqual(await classes(), [`amount-diff,${one.txn}`, 'duplicate,999',
		'missing-here,999', `missing-there,${three.txn}`,
		`status-diff,${two.txn}`]);

	for (const as of ['ptdung', 'vvem'])
		for (const d of (await g.get('/v1/payments/differences',
			{ as })).json.items.filter((x) => x.class !== 'missing-there'))
			assert.equal((await g.post(
				`/v1/payments/differences/${d.id}/actions`,
				as === 'vvem' ? { action: 'confirm' } : { action: 'close',
					note: 'Đã làm việc với VNPAY' }, { as })).status, 200);
	assert.deepEqual(await classes(), [`missing-there,${three.txn}`]);
	assert.equal((await open()).code, 1);

	// What was missing there comes in the next file.
	await take(whole([line(three)]), { day: '2020-01-01' });
	const left = await open();
	assert.equal(left.code, 0, left.stdout);
	assert.match(left.stdout, /differences: 0/);
});

test('the file of a day, given again whole, closes what it corrects',
	async (t) => {
	const { bought: [one, two], take, classes } = await scene(t, { paid: 2 });

	await take(whole([line(one, { amount: '50.000' }),
		line(two, { status: 'Đang xử lý' })], 110000));
	assert.deepEqual(await classes(),
		[`amount-diff,${one.txn}`, `status-diff,${two.txn}`]);
	const done = await take(whole([line(one), line(two)]));
	assert.equal(done.code, 0, done.stdout);
	assert.deepEqual(await classes(), []);
});

test('CP1258, semicolons and thousands with commas', async (t) => {
	const { g, take } = await scene(t, { paid: 0 });
	const done = await take(cp1258('Mã đơn hàng;zp_trans_id;Số tiền;' +
		'Trạng thái\nP1R00;77;60,000;1\n'), { of: 'zalopay' });
	assert.equal(done.code, 1, done.stdout);
	assert.match(done.stdout, /missing-here/);
	assert.deepEqual(await g.psql('SELECT txn, amount FROM settlement_row'),
		[['77', '60000']]);
});

test("a provider's own number before ours is left away", async (t) => {
	const { g, take } = await scene(t, { paid: 0 });

	await take(cp1258('Mã đơn hàng;zp_trans_id;Số tiền;Trạng thái\n' +
		'261126_P1R00;77;60,000;1\nP1R01;78;60,000;1\n'), { of: 'zalopay' });
	assert.deepEqual(await g.psql('SELECT ref FROM settlement_row ORDER BY 1'),
		[['P1R00'], ['P1R01']]);
});

test('a header that is not known is refused with what was expected',
	async (t) => {
	const { take } = await scene(t, { paid: 0 });

	const done = await take(whole([]).replace('Số tiền', 'Thành tiền'));
	assert.equal(done.code, 2, done.stderr);
	assert.match(done.stdout, new RegExp('In quarantine: line 1: no column ' +
		'Số tiền; expected: Mã đơn hàng, Mã giao dịch, Số tiền, Phí, ' +
		'Trạng thái'));
});

test('an agency replaces a format by configuration, and is told what is open',
	async (t) => {
	const formats = shipped();
	const { to_be_confirmed: open, ...vnpay } = formats.vnpay;
	vnpay.columns.amount = 'Thành tiền';
	const { take } = await scene(t, { paid: 0,
		formats: { vnpay, momo: formats.momo, broken: { ...vnpay,
			columns: { reference: 'x' } }, misspelt: { ...vnpay, paied: [] } } });

	assert.ok(open);
	const mine = await take(whole([]).replace('Số tiền', 'Thành tiền'));
	assert.equal(mine.code, 0, mine.stdout + mine.stderr);
	assert.doesNotMatch(mine.stdout, /not confirmed/);
	const momo = await take('Order ID,Transaction ID,Amount,Status\n',
		{ of: 'momo' });
	assert.match(momo.stdout, /chưa xác nhận \/ format not confirmed: .*MoMo/);
	const broken = await take('', { of: 'broken' });
	assert.equal(broken.code, 1);
	assert.match(broken.stderr, /\/columns\/transaction/);
	assert.match((await take('', { of: 'misspelt' })).stderr, /\/paied/);
});

test('fee-diff: another fee than the contract says', async (t) => {
	const formats = shipped();
	formats.vnpay.fee_points = 80;
	formats.vnpay.fee_dong = 100;
	const { bought: [one, two], take, classes } = await scene(t, { paid: 2,
		formats });

	const done = await take(whole([line(one, { fee: '580' }),
		line(two, { fee: '581' })]));
	assert.equal(done.code, 1, done.stderr);
	assert.deepEqual(await classes(), [`fee-diff,${two.txn}`]);
	assert.match(done.stdout, /ours 580 +theirs 581/);
});
