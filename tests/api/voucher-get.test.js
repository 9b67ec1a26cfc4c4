// The provider's own receipt of what was paid with it: asked for after the
// payment, kept as it came, given up in the end, and never in the payment's
// way.  Played by the National Portal's PaymentPlatform (GET_BILL), the one
// that has any.  Refusals first.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { pdfOf } from '../fake/dvcqg.js';
import { run } from '../setup/site.js';
import { gateway, sha256, until } from './gateway.js';
import { callBack, newPortal } from './peers.js';
import { scene, stage } from './providers.js';
import { caught } from './tamper.js';

// No pause between two questions: what ends them is their number.
const eager = { courier_backoff_percent: 0 };
const get = (g, code, ref, options) =>
	g.get(`/v1/dossiers/${code}/vouchers/${ref}`, options);
const attemptOf = async (o) => (await o.shown()).payments
	.flatMap((p) => p.attempts).find((a) => a.attempt === o.ref);
const voucherOf = async (o) => (await attemptOf(o)).voucher;
const becomes = (o, state) => until(async () =>
	(await voucherOf(o))?.state === state && voucherOf(o),
{ what: `a voucher that is ${state}` });

// An order that its payer has paid, and that we were told of.
async function paid(s) {
	const o = await s.order();
	await s.fake.pay(o.url);
	assert.equal(await o.state(), 'paid');
	return o;
}

test('none is given without a right, of another dossier, before it is paid, ' +
	'or by a provider that has none', async (t) => {
	const s = await stage(t, 'dvcqg');
	const o = await s.order();
	assert.equal(await voucherOf(o), null);
	assert.equal((await get(s.g, o.code, o.ref)).status, 404);
	await s.fake.pay(o.url);
	await becomes(o, 'kept');

	assert.equal((await get(s.g, o.code, o.ref, { as: 'nobody' })).status, 401);
	const other = await s.g.submit();
	assert.equal((await get(s.g, other.code, o.ref)).status, 404);
	for (const ref of ['1', `${o.ref}0`, o.ref.toUpperCase(), '%27'])
		assert.equal((await get(s.g, o.code, ref)).status, 404, ref);

	const v = await stage(t, 'vnpay');
	const none = await v.order();
	await none.tell({ txn: '14226112' });
	assert.equal(await none.state(), 'paid');
	assert.equal(await voucherOf(none), null);
	assert.equal((await get(v.g, none.code, none.ref)).status, 404);
	assert.equal(await v.count('payment_voucher_work'), 0);
});

for (const [bills, places] of [['body', []], ['base64', []],
	['member', ['message', 'message.FileBienLai']]])
	test(`what is paid gets one, byte for byte, from ${bills}`, async (t) => {
		const s = await stage(t, 'dvcqg', { dvcqg_voucher_places: places });
		s.fake.bills = bills;
		const o = await paid(s);

		const said = await becomes(o, 'kept');
		const res = await s.g.get(said.link);

		assert.equal(res.status, 200);
		assert.deepEqual(res.bytes, pdfOf(o.ref));
		assert.equal(said.sha256, sha256(res.bytes));
		assert.equal(res.headers['content-type'], 'application/pdf');
		assert.equal(res.headers['content-disposition'],
			`attachment; filename="chung-tu-${o.ref}.pdf"`);
		assert.equal(res.headers['x-content-type-options'], 'nosniff');
		assert.deepEqual((await o.shown()).history
			.filter((h) => h.event === 'payment-voucher').map((h) => h.data),
		[{ attempt: o.ref, provider: 'dvcqg', sha256: said.sha256 }]);
		assert.deepEqual(s.fake.billsAsked, [o.ref]);
		assert.equal(await s.count('payment_voucher_work'), 0);
	});

test('the largest that is taken, and one byte more', async (t) => {
	const s = await stage(t, 'dvcqg', eager);
	s.fake.bills = 'largest';
	const o = await paid(s);
	await becomes(o, 'kept');
	assert.equal((await get(s.g, o.code, o.ref)).bytes.length, 4194304);

	s.fake.bills = 'large';
	const more = await paid(s);
	await until(() => s.g.log.includes(`voucher of ${more.ref}: not yet`));
	assert.equal((await voucherOf(more)).state, 'pending');
});

test('what is no voucher is not kept, changes no payment, and is asked for ' +
	'again', async (t) => {
	const s = await stage(t, 'dvcqg', { courier_backoff_percent: 1 });
	for (const bills of ['none', 'another', 'html', 'cut', 'refused', 'silent',
		'down']) {
		s.fake.bills = bills;
		const o = await paid(s);

		await until(() => s.g.log.includes(`voucher of ${o.ref}: not yet`));
		assert.deepEqual(await voucherOf(o),
			{ state: 'pending', sha256: null, link: null }, bills);
		const res = await get(s.g, o.code, o.ref);
		assert.deepEqual([res.status, res.json.code],
			[409, 'voucher-pending'], bills);
		assert.deepEqual([await o.state(), await o.dossier()],
			['paid', 'processing'], bills);

		s.fake.bills = 'body';
		await becomes(o, 'kept');
		assert.deepEqual((await get(s.g, o.code, o.ref)).bytes, pdfOf(o.ref));
	}
	await s.balances();
});

test('while one is slow to come, others pay and are booked', async (t) => {
	const s = await stage(t, 'dvcqg', eager);
	s.fake.bills = 'slow';
	const slow = await paid(s);
	await until(() => s.fake.billsAsked.length === 1);

	const other = await paid(s);

	assert.equal(await other.dossier(), 'processing');
	assert.deepEqual(s.fake.billsAsked, [slow.ref]);
	s.fake.bills = 'body';
	await becomes(other, 'kept');
	await becomes(slow, 'kept');
	assert.ok(s.g.log.includes(`voucher of ${slow.ref}: not yet`));
});

test('who gives none is asked ten times, then no more', async (t) => {
	const s = await stage(t, 'dvcqg', eager);
	s.fake.bills = 'none';
	const o = await paid(s);

	await becomes(o, 'unavailable');

	assert.equal(s.fake.billsAsked.length, 10);
	assert.equal((await get(s.g, o.code, o.ref)).status, 404);
	assert.ok(s.g.log.includes(`voucher of ${o.ref}: given up`));
	assert.match((await s.g.operator('/metrics')).text,
		/hosogate_vouchers_given_up_total 1/);
	assert.equal(await o.state(), 'paid');
	const next = await paid(s);
	await becomes(next, 'unavailable');
	assert.equal(s.fake.billsAsked.length, 20);
});

test('after a week it is given up though the provider is at rest', async (t) => {
	const s = await stage(t, 'dvcqg', eager);
	await s.g.psql(`INSERT INTO provider_rest VALUES ('dvcqgvoucher', 20,
		now() + interval '1 hour')`);
	const o = await paid(s);
	assert.equal((await voucherOf(o)).state, 'pending');

	await s.g.psql(`UPDATE payment_voucher_work
		SET owed_at = owed_at - interval '7 days'`);

	await becomes(o, 'unavailable');
	assert.deepEqual(s.fake.billsAsked, []);
});

test('that it gives none keeps nobody from asking it what was paid',
	async (t) => {
	const { g, fake, start, shown } = await scene(t, 'dvcqg', eager);
	await g.psql(`INSERT INTO provider_rest VALUES ('dvcqgvoucher', 1,
		now() + interval '1 hour')`);
	const { json } = await start();

	await fake.pay(json.pay_url, 'drop');

	await until(async () => (await shown()).state === 'processing');
	assert.deepEqual(fake.billsAsked, []);
	fake.bills = 'down';
	await g.psql('UPDATE provider_rest SET open_until = now()');
	await until(() => fake.billsAsked.length > 1);
	assert.deepEqual(await g.psql(`SELECT provider FROM provider_rest
		WHERE failures > 0`), [['dvcqgvoucher']]);
});

test('by a contract without GET_BILL none is owed', async (t) => {
	const s = await stage(t, 'dvcqg', { dvcqg_voucher_url: '' });
	const o = await paid(s);

	await until(async () => await s.count('payment_voucher_work') === 0);
	assert.equal(await voucherOf(o), null);
	assert.deepEqual(s.fake.billsAsked, []);
	assert.ok(!s.g.log.includes('voucher of'));
});

test('what was paid twice has two', async (t) => {
	const s = await stage(t, 'dvcqg');
	const code = (await s.g.dossier({ in: 'awaiting-payment' })).code;
	const [a, b] = [await s.start(code), await s.start(code)];

	await s.fake.pay(a.url);
	await s.fake.pay(b.url);

	assert.deepEqual([await a.state(), await b.state()], ['paid', 'surplus']);
	await becomes(a, 'kept');
	await becomes(b, 'kept');
});

test('a gateway that is killed while it asks: the next one asks again',
	async (t) => {
	const s = await stage(t, 'dvcqg', eager);
	s.fake.bills = 'slow';
	const o = await paid(s);
	await until(() => s.fake.billsAsked.length === 1);

	await s.g.kill();
	s.fake.bills = 'body';
	await s.g.psql('UPDATE payment_voucher_work SET run_at = now()');
	await s.g.start();

	await becomes(o, 'kept');
});

test('two gateways that get the same one at once keep it once, and neither ' +
	'is told off', async (t) => {
	const s = await stage(t, 'dvcqg', eager);
	const other = await gateway(t, { beside: s.g,
		config: s.g.options.config });
	s.fake.bills = 'held';
	const o = await paid(s);
	await until(() => s.fake.billsAsked.length === 1);

	// The lease of the first has run out, and it has still no answer.
	await s.g.psql('UPDATE payment_voucher_work SET run_at = now()');
	await until(() => s.fake.billsAsked.length === 2);
	s.fake.letGo();
	await becomes(o, 'kept');
	await s.g.stop();
	await other.stop();

	assert.equal(await s.count('payment_voucher'), 1);
	assert.equal(await s.count(`event WHERE kind = 'payment-voucher'`), 1);
	assert.equal(await s.count('payment_voucher_work'), 0);
	for (const g of [s.g, other])
		assert.doesNotMatch(g.log, /voucher of|"level":"(warn|fatal)"/);
});

test('the portal is told that one is there', async (t) => {
	const portal = await newPortal();
	t.after(() => portal.close());
	const s = await stage(t, 'dvcqg', { ...eager,
		allow: [`localhost:${portal.port}`] });
	await callBack(s.g, 'portal', portal.url);
	const o = await paid(s);
	await becomes(o, 'kept');

	const told = await until(() => portal.received.find((c) =>
		c.type === 'dossier.payment-voucher'));
	const [[event]] = await s.g.psql(`SELECT id FROM event
		WHERE kind = 'payment-voucher'`);
	assert.deepEqual([told.data.code, String(told.data.event)],
		[o.code, event]);
	assert.equal(portal.refused.length, 0);
});

test('the page of payment links each that is there, and looks on while one ' +
	'is to come', async (t) => {
	const s = await stage(t, 'dvcqg', eager);
	s.fake.bills = 'held';
	const o = await paid(s);
	const look = (accept) => s.g.get(`/v1/pay/${o.code}`,
		{ as: 'ptdung', headers: { accept } });
	const said = { attempt: o.ref, provider: 'dvcqg',
		title: 'Cổng Dịch vụ công quốc gia' };
	await until(async () => (await look('application/json')).json.receipt);

	assert.deepEqual((await look('application/json')).json.vouchers,
		[{ ...said, state: 'pending', sha256: null, link: null }]);
	const before = (await look('text/html')).text;
	assert.match(before, /http-equiv="refresh"/);
	assert.doesNotMatch(before, /Chứng từ của/);

	s.fake.letGo();
	const { link, sha256: hash } = await becomes(o, 'kept');
	assert.deepEqual((await look('application/json')).json.vouchers,
		[{ ...said, state: 'kept', sha256: hash, link }]);
	const after = (await look('text/html')).text;
	assert.doesNotMatch(after, /http-equiv="refresh"/);
	assert.match(after, new RegExp(`<a href="${link}\\?key=[^"]*">` +
		'Chứng từ của Cổng Dịch vụ công quốc gia \\(PDF\\) ' +
		'<span lang="en">The provider\'s own receipt</span></a>'));
});

test('it is exported with the dossier, and one that was changed, swapped or ' +
	'slipped in is found', async (t) => {
	const s = await stage(t, 'dvcqg', { ...eager, head_seconds: 3600 });
	const o = await paid(s);
	const { sha256: hash } = await becomes(o, 'kept');
	const [[id]] = await s.g.psql('SELECT attempt_id FROM payment_voucher');
	const folder = path.join(s.g.dir, 'out');
	const read = (name) => readFileSync(path.join(folder, name));

	await s.g.must('audit', 'export', '-c', s.g.configFile, o.code, folder);
	assert.deepEqual(read(`voucher-${id}.pdf`), pdfOf(o.ref));
	const [row] = JSON.parse(read('vouchers.json'));
	assert.deepEqual([String(row.attempt_id), row.sha256], [id, `\\x${hash}`]);
	assert.match(read('manifest.sha256').toString(),
		new RegExp(`^${hash}  voucher-${id}\\.pdf$`, 'm'));
	assert.equal((await run('sha256sum', ['-c', '--quiet', '--strict',
		'manifest.sha256'], { cwd: folder })).code, 0);

	const other = (await s.g.psql(`SELECT encode(sha256, 'hex') FROM content
		WHERE sha256 <> '\\x${hash}' LIMIT 1`))[0][0];
	const set = (from, to) => `UPDATE payment_voucher
		SET sha256 = '\\x${to}' WHERE sha256 = '\\x${from}'`;
	await caught(s.g, `UPDATE content SET bytes = bytes || '\\x00'
		WHERE sha256 = '\\x${hash}'`, `UPDATE content
		SET bytes = substr(bytes, 1, length(bytes) - 1)
		WHERE sha256 = '\\x${hash}'`,
	new RegExp(`${o.code}, voucher ${id}: its bytes`));
	await caught(s.g, set(hash, other), set(other, hash), new RegExp(
		`${o.code}.*\\(payment-voucher\\): the form, receipt or voucher .*` +
		'another'));
	await caught(s.g, `CREATE TABLE hidden AS SELECT * FROM payment_voucher;
		DELETE FROM payment_voucher`, `INSERT INTO payment_voucher
		SELECT * FROM hidden; DROP TABLE hidden`,
	/payment-voucher\): .* is not there/);
});

test('nobody changes or deletes what was kept', async (t) => {
	const s = await stage(t, 'dvcqg');
	await becomes(await paid(s), 'kept');

	for (const sql of ['UPDATE payment_voucher SET fetched_at = now()',
		'DELETE FROM payment_voucher', 'TRUNCATE payment_voucher'])
		await assert.rejects(s.g.psql(sql), /append-only/);
});
