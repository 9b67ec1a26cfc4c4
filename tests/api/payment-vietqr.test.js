// Fees that are paid by bank transfer: refusals first, then what payers make
// of a QR.  SePay and payOS are played by simulators; the QR's picture is read
// by zbar, and its text by another reader than ours.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { signature } from '../fake/payos.js';
import { read, write } from '../fake/vietqr.js';
import { run, secret } from '../setup/site.js';
import { until } from './gateway.js';
import { transfers } from './providers.js';

test('a unit without an account is paid by no transfer', async (t) => {
	const { g, start } = await transfers(t);
	await g.psql('DELETE FROM collecting_account');

	const res = await start();

	assert.equal(res.status, 400);
	assert.equal(res.json.errors[0].pointer, '/provider');
	assert.deepEqual(await g.psql('SELECT count(*) FROM payment_attempt'),
		[['0']]);
});

test('a QR names the unit\'s account, the amount and a code, and is readable',
	async (t) => {
	const { g, start } = await transfers(t);
	const { json } = await start();
	const { transfer } = json;

	assert.deepEqual(read(transfer.qr), { bank: '970436',
		account: '0123499999', amount: json.amount, content: transfer.content });
	assert.match(transfer.content, /^DVC[0-9A-Z]{10}$/);
	assert.equal(transfer.holder, 'SO GIAO DUC VA DAO TAO TPHCM');
	const png = path.join(g.dir, 'qr.png');
	writeFileSync(png, Buffer.from(transfer.png, 'base64'));
	const seen = await run('zbarimg', ['-q', '--raw', png]);
	assert.equal(seen.stdout.trim(), transfer.qr);
	assert.match(transfer.svg, /^<svg [^>]+><path [^>]+><path d="[Mhvz\d -]+"/);
});

test('a transfer pays, whatever the bank writes around the code', async (t) => {
	const { sepay, qr, shown, attempt, balances, ...s } = await transfers(t);
	const text = await s.start().then((r) => r.json.transfer.qr);
	const { amount } = read(text);

	const res = await sepay.transfer(text);

	assert.equal(res.status, 200);
	assert.deepEqual(res.json, { success: true });
	assert.equal((await shown()).state, 'processing');
	assert.equal((await attempt()).state, 'paid');
	const accounts = await balances();
	assert.equal(accounts['provider_clearing:vietqr'], amount);
	assert.equal(accounts.suspense, 0);
	assert.equal(accounts.receivable, 0);
});

test('a QR that is asked for again has the same code', async (t) => {
	const { start, g } = await transfers(t);
	const [one, two] = [await start(), await start()];

	assert.equal(two.json.transfer.content, one.json.transfer.content);
	assert.equal(two.json.attempt, one.json.attempt);
	assert.deepEqual(await g.psql('SELECT count(*) FROM payment_attempt'),
		[['1']]);
});

test('payOS makes the link, and its webhook pays', async (t) => {
	const s = await transfers(t);
	const text = await s.qr('payos');

	assert.equal((await s.payos.transfer(text)).status, 200);

	assert.equal((await s.shown()).state, 'processing');
	assert.equal((await s.attempt()).state, 'paid');
	await s.balances();
});

test('payOS that makes no link, or a QR of another amount, opens nothing',
	async (t) => {
	const s = await transfers(t);
	s.payos.down = true;
	assert.equal((await s.start('payos', 'k-1')).status, 502);
	s.payos.down = false;
	const { create } = s.payos;
	s.payos.create = function less(f) {
		const made = create.call(this, f);
		made.data.qrCode = write({ ...read(made.data.qrCode), amount: 1 });
		made.signature = signature(this.checksum, made.data);
		return made;
	};
	assert.equal((await s.start('payos', 'k-2')).status, 502);
	s.payos.create = create;
	await until(async () => (await s.start('payos', 'k-2')).status === 201);
});

// The link of the applicant's mails.
const key = (code) => createHmac('sha256', Buffer.from(secret('link.key'),
	'hex')).update(`hosogate link|${code}`).digest('base64url');

test('the payer\'s page shows the QR, and sends nobody away', async (t) => {
	const { g, code } = await transfers(t);

	const page = await g.send('POST',
		`/v1/pay/${code}?key=${key(code)}&provider=vietqr`,
		{ as: 'nobody', key: null });

	assert.equal(page.status, 200, page.text);
	assert.match(page.text, /<svg [^>]+><path /);
	assert.match(page.text, /<dd>DVC[0-9A-Z]{10}<\/dd>/);
	assert.match(page.text, /<dd>0123499999<\/dd>/);
});
