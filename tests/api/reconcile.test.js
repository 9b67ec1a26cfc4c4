// hosogate reconcile: what a provider's file says, held against the ledger.
// Row 56 of the callback table: files in doubt first.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { top } from '../setup/site.js';
import { gateway } from './gateway.js';

const today = new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10);
const header = 'Mã đơn hàng,Mã giao dịch,Số tiền,Phí,Trạng thái';

async function scene(t) {
	const g = await gateway(t, { config: { settlement_formats:
		path.join(top, 'schemas/settlement.json') } });
	const bought = [];
	for (let i = 0; i < 3; i++) {
		const { code } = await g.dossier({ in: 'awaiting-payment' });
		const txn = String(5550000 + i);
		bought.push({ code, txn, ...await g.pay(code,
			{ vnp_TransactionNo: txn }) });
	}
	let files = 0;
	const take = (bytes, { provider = 'vnpay', day = today } = {}) => {
		const file = path.join(g.dir, `settlement-${++files}`);
		writeFileSync(file, bytes);
		return g.cli(['reconcile', '-c', g.configFile, provider, file, day]);
	};
	const line = (b, { amount = '60.000', fee = '0', status = 'Thành công' } =
	{}) => `${b.attempt},${b.txn},${amount},${fee},${status}`;
	const whole = (lines, total = 60000 * lines.length) => [header, ...lines,
		`Tổng cộng,,${String(total).replace(/(\d)(?=(\d{3})+$)/g, '$1.')},,`,
		''].join('\r\n');
	return { g, bought, take, line, whole,
		open: () => g.cli(['reconcile', '--open', '-c', g.configFile]) };
}

test('row 56: a file in doubt is quarantined whole, by its hash', async (t) => {
	const { g, bought, take, line, whole } = await scene(t);
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
	const { g, take } = await scene(t);

	assert.equal((await take('x', { provider: 'nobody' })).code, 1);
	assert.equal((await take('x', { day: '2026-13' })).code, 1);
	assert.equal((await g.cli(['reconcile', '-c', g.configFile, 'vnpay',
		'/nowhere', today])).code, 1);
	assert.equal((await g.cli(['reconcile', 'vnpay'])).code, 64);
});

test('both sides agree: nothing is open, and again changes nothing',
	async (t) => {
	const { g, bought, take, line, whole } = await scene(t);
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
	const { g, bought, take, line, whole, open } = await scene(t);
	const [one, two, three] = bought;
	const stranger = { attempt: 'P1R00', txn: '999' };

	const done = await take(whole([line(one, { amount: '50.000' }),
		line(two, { status: 'Thất bại' }), line(stranger), line(stranger)],
	230000));
	assert.equal(done.code, 1, done.stderr);
	const classes = (await g.psql(`SELECT class, txn FROM
		settlement_difference ORDER BY 1, 2`)).map(String);
	assert.deepEqual(classes, [`amount-diff,${one.txn}`, 'duplicate,999',
		'missing-here,999', `missing-there,${three.txn}`,
		`status-diff,${two.txn}`]);

	const ids = (await g.psql('SELECT id FROM settlement_difference ' +
		'WHERE class <> \'missing-there\'')).map(([id]) => id);
	const close = (id, ...more) => g.cli(['reconcile', '--close', id, '-c',
		g.configFile, ...more]);
	assert.equal((await close(ids[0])).code, 64);
	assert.equal((await close('4711', '--by', 'x', '--note', 'y')).code, 1);
	for (const id of ids)
		assert.equal((await close(id, '--by', 'ptdung', '--note',
			'Đã làm việc với VNPAY')).code, 0);
	assert.equal((await open()).code, 1);

	// What was missing there comes in the next file.
	await take(whole([line(three)]), { day: '2020-01-01' });
	const left = await open();
	assert.equal(left.code, 0, left.stdout);
	assert.match(left.stdout, /differences: 0/);
});

test('CP1258, semicolons and thousands with commas', async (t) => {
	const { g, take } = await scene(t);
	const text = execFileSync('iconv', ['-f', 'UTF-8', '-t', 'CP1258'], {
		input: 'Mã đơn hàng;zp_trans_id;Số tiền;Trạng thái\n' +
			'P1R00;77;60,000;1\n' });

	const done = await take(text, { provider: 'zalopay' });
	assert.equal(done.code, 1, done.stdout);
	assert.match(done.stdout, /missing-here/);
	assert.deepEqual(await g.psql('SELECT txn, amount FROM settlement_row'),
		[['77', '60000']]);
});
