// The rows of the callback table that are about what is said in the wrong order,
// twice, never or by a browser.  For every provider, but:
//
//	row 21  vnpay           create is an address that we make ourselves
//	row 22  vnpay           the same
//	row 29  vietqr, payos   nobody can be asked; the settlement file tells
//	row 54  vietqr, payos   nobody is asked
//	row 55  vietqr, payos   the same
//	row 55  dvcqg, keypay   have no word for it: it is as any refusal, row 54
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { until } from './gateway.js';
import { fresh, heard, providers, scene, stage, told } from './providers.js';

const quick = { payment_sweep_seconds: Array(12).fill('1') };

for (const name of heard.filter((name) => providers[name].asked)) {
	test(`${name}: row 13: notices, questions and the return all at once`,
		async (t) => {
		const s = await stage(t, name, quick);
		const o = await s.order();
		await s.p.pay(s.fake, o.url, 'drop');
		const order = [...s.fake.orders.values()].at(-1);
		const txn = String(order.transaction ?? order.transId ?? order.zp ??
			order.txn ?? order.code);
		const said = o.request({ txn });

		await Promise.all(Array.from({ length: 12 }, () => o.send(said)));
		await until(async () => (await o.dossier()) === 'processing');
		assert.equal(await s.count(`ledger_journal WHERE kind IN
			('payment', 'surplus')`), 1);
		await s.balances();
	});

	test(`${name}: row 29: what was never told is found by asking`,
		async (t) => {
		const s = await stage(t, name, quick);
		const o = await s.order();
		await s.p.pay(s.fake, o.url, 'drop');
		await until(async () => (await o.dossier()) === 'processing');
	});
}

for (const name of ['vietqr', 'payos'])
	test(`${name}: row 29: what was never told is in the settlement file`,
		async (t) => {
		const s = await stage(t, name);
		const o = await s.order();
		const [formats, file] = ['formats.json', 'settlement.csv']
			.map((base) => path.join(s.g.dir, base));
		writeFileSync(formats, JSON.stringify({ [name]: {
			encoding: 'UTF-8', separator: ',', columns: { reference: 'ref',
				transaction: 'txn', amount: 'amount', status: 'status' },
			paid: ['in'] } }));
		appendFileSync(s.g.configFile,
			`settlement_formats = "${formats}"\n`);
		const txn = fresh();
		writeFileSync(file, 'ref,txn,amount,status\n' +
			`${o.ref},${txn},${o.amount},in\n`);

		const done = await s.g.cli(['reconcile', '-c', s.g.configFile, name,
			file, '2026-11-26']);
		assert.equal(done.code, 1, done.stderr);
		assert.deepEqual(await s.g.psql(
			'SELECT class, txn FROM settlement_difference'),
		[['missing-here', txn]]);
	});

for (const name of told)
	test(`${name}: row 55: "not found" for a recent order is no end`,
		async (t) => {
		const s = await stage(t, name, quick);
		const o = await s.order();
		s.fake.orders.clear();
		await until(async () => await s.count(
			'payment_attempt WHERE asks >= 2') === 1);
		assert.equal(await o.state(), 'created');
		await s.g.psql(`UPDATE payment_attempt SET
			created_at = created_at - interval '2 hours',
			expires_at = expires_at - interval '2 hours'`);
		await until(async () => (await o.state()) === 'expired');
	});

for (const name of ['momo', 'zalopay']) {
	test(`${name}: row 32: days and times of calls are Vietnam's`, async (t) => {
		const s = await scene(t, name);
		assert.equal((await s.start()).status, 201);
	});

	test(`${name}: row 21: the notice is before the answer to create`,
		async (t) => {
		const s = await scene(t, name);
		const create = Object.keys(s.fake.routes).find((r) =>
			r.endsWith('/create'));
		const made = s.fake.routes[create];
		let told;
		s.fake.routes[create] = async (body) => {
			const answer = made(body);
			told = await s.p.pay(s.fake, answer.payUrl ?? answer.order_url,
				'success');
			return answer;
		};

		const res = await s.start();
		assert.equal(res.status, 201, res.text);
		assert.deepEqual(told.map(s.p.said), [s.p.done]);
		assert.equal((await s.attempt()).state, 'paid');
		await s.balances();
	});

	test(`${name}: row 22: create gave no answer, and the notice came`,
		async (t) => {
		const s = await scene(t, name);
		const create = Object.keys(s.fake.routes).find((r) =>
			r.endsWith('/create'));
		const made = s.fake.routes[create];
		s.fake.routes[create] = (body) => void made(body);

		assert.equal((await s.start()).status, 502);
		const [[key]] = s.fake.orders;
		assert.deepEqual((await s.p.pay(s.fake, `/${key}`, 'success'))
			.map(s.p.said), [s.p.done]);
		assert.equal((await s.shown()).state, 'processing');
		await s.balances();
	});

	test(`${name}: row 54: an answer that is no answer ends nothing`,
		async (t) => {
		const s = await scene(t, name);
		await s.start();
		const ask = Object.keys(s.fake.routes).find((r) =>
			r.endsWith('/query'));
		const right = s.fake.routes[ask];
		for (const wrong of ['', [], null, { error: 'x' },
			{ resultCode: 1006, orderId: 'P1R', partnerCode: 'MOMO' }]) {
			const failures = await s.g.psql('SELECT count(*), coalesce(max(' +
				'failures), 0) FROM provider_rest');
			s.fake.routes[ask] = () => wrong;
			await s.g.psql(`UPDATE payment_attempt SET ask_at = now();
				UPDATE provider_rest SET open_until = NULL`);
			await until(async () => String(await s.g.psql('SELECT count(*),' +
				'coalesce(max(failures), 0) FROM provider_rest')) !==
				String(failures));
			assert.equal((await s.attempt()).state, 'created');
		}
		s.fake.routes[ask] = right;
	});
}

for (const name of told) {
	test(`${name}: row 46: a forged or replayed return credits nothing`,
		async (t) => {
		const s = await stage(t, name);
		const o = await s.order();
		const said = `/v1/payments/return/${name}?` +
			s.p.back(s.fake, o.url, fresh());

		assert.equal((await s.g.get(said.replace(/[^=&]$/, (c) =>
			(c === '0' ? '1' : '0')), { as: 'nobody' })).status, 400);
		for (let i = 0; i < 3; i++) {
			const page = await s.g.get(said, { as: 'nobody' });
			assert.equal(page.status, 200, page.text);
		}
		assert.equal(await o.dossier(), 'awaiting-payment');
		assert.equal(await s.count(
			'ledger_journal WHERE kind = \'payment\''), 0);
	});

	test(`${name}: row 47: who returns before the notice is asked about at once`,
		async (t) => {
		const s = await stage(t, name);
		const o = await s.order();
		await s.p.pay(s.fake, o.url, 'drop');

		const page = await s.g.get(`/v1/payments/return/${name}?` +
			s.p.back(s.fake, o.url, fresh()), { as: 'nobody' });
		assert.equal(page.status, 200, page.text);
		await until(async () => (await o.dossier()) === 'processing');
	});
}
