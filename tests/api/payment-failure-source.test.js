// The rows of the callback table that are about where a notice comes from: a
// flood of wrong MACs, and addresses that are not on a provider's list.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { metrics } from '../faults/harm.js';
import { fresh, scene, stage, told, transfers } from './providers.js';

// Rates that a test does not outlive.
const three = { bad_mac_burst: 3, bad_mac_per_minute: 1,
	payment_sweep_seconds: ['86400'] };
const elsewhere = ['198.51.100.0/24', '2001:db8::/32'];
const unlisted = async (g) =>
	(await metrics(g)).hosogate_notices_unlisted_total;

for (const name of ['dvcqg', 'keypay'])
	test(`${name}: row 44: a flood of wrong MACs keeps no right one out`,
		async (t) => {
		const s = await scene(t, name, three);
		const { pay_url: url } = (await s.start()).json;
		const bad = async () => s.p.said(await s.g.call({ method: 'POST',
			path: `/v1/payments/callbacks/${name}`, body: '{"x":"y"}',
			headers: { 'content-type': 'application/json' } }));

		assert.deepEqual(await Promise.all(Array.from({ length: 20 }, bad)),
			Array(20).fill(s.p.bad));
		assert.equal((await metrics(s.g)).hosogate_notices_flood_total, 17);
		assert.equal(s.g.log.match(/refused, \d+ bytes/g).length, 3);
		assert.deepEqual((await s.fake.pay(url, 'success')).map(s.p.said),
			[s.p.done]);
		assert.equal((await s.shown()).state, 'processing');
	});

test('SePay and payOS: row 44: a flood of wrong MACs keeps no right one out',
	async (t) => {
	const s = await transfers(t, { config: three });
	const qr = await s.qr();
	const told = [];
	for (let i = 0; i < 5; i++)
		told.push((await s.sepay.transfer(qr, {}, { secret: 'no' })).status);
	assert.deepEqual(told, [401, 401, 401, 429, 429]);
	assert.equal((await s.payos.tell({ code: '00' }, { checksum: 'no' }))
		.status, 429);
	assert.equal((await s.sepay.transfer(qr)).status, 200);
	assert.equal((await s.shown()).state, 'processing');
	await s.balances();
});

for (const name of told) {
	const sources = `${name}_sources`;

	test(`${name}: row 45: an unlisted source is heard, with an alarm`,
		async (t) => {
		const s = await stage(t, name, { [sources]: elsewhere });
		const o = await s.order();

		assert.equal(await o.tell({ txn: fresh() }), s.p.done);
		assert.equal(await o.dossier(), 'processing');
		assert.equal(await unlisted(s.g), 1);
		assert.match(s.g.log, new RegExp(
			`notice of ${name}: 127\\.0\\.0\\.1 is not on its list`));
	});

	test(`${name}: row 45: strict, it is 403 before anything is read`,
		async (t) => {
		const s = await stage(t, name, { [sources]: elsewhere,
			notice_sources: 'strict' });
		const o = await s.order();
		const right = o.request({ txn: fresh() });
		const from = (forwarded, r = right) => ({ ...r, headers: {
			...r.headers, 'x-forwarded-for': forwarded } });

		for (const r of [right, from('198.51.100.7'),
			{ ...right, body: undefined,
			method: right.method === 'GET' ? 'POST' : 'GET' }])
			assert.equal((await s.g.call(r)).status, 403);
		for (const peer of ['192.0.2.1', '198.51.100.7, 192.0.2.1', 'x'])
			assert.equal((await s.g.callUnix(from(peer))).status, 403, peer);
		assert.equal((await s.g.callUnix(right)).status, 403);
		assert.equal(await o.state(), 'created');
		assert.equal(await s.count('provider_event'), 0);
		assert.equal(await unlisted(s.g), 7);

		// Whom our own proxy saw, and not whom a stranger says he is.
		const heard = await s.g.callUnix(from('192.0.2.1, 198.51.100.7'));
		assert.ok([200, 204].includes(heard.status), heard.text);
		assert.equal(await o.dossier(), 'processing');
	});
}

for (const name of ['dvcqg', 'keypay'])
	test(`${name}: row 45: strict, it is 403; listed, it is heard`,
		async (t) => {
		const s = await scene(t, name, { payment_sweep_seconds: ['86400'],
			notice_sources: 'strict', [`${name}_sources`]: elsewhere });
		const { pay_url: url } = (await s.start()).json;
		const refused = await s.fake.pay(url, 'success');
		assert.ok(refused.length > 0 && refused.every((r) => r.status === 403));
		assert.equal((await s.attempt()).state, 'created');

		s.g.options.config[`${name}_sources`] = ['127.0.0.0/8'];
		s.g.options.port = s.g.port;
		await s.g.stop();
		await s.g.configure();
		await s.g.start();
		assert.deepEqual((await s.fake.pay(url, 'success')).map(s.p.said),
			[s.p.done]);
	});

test('SePay and payOS: row 45: strict, it is 403', async (t) => {
	const s = await transfers(t, { config: { notice_sources: 'strict',
		vietqr_sources: elsewhere, payos_sources: elsewhere } });
	assert.equal((await s.sepay.transfer(await s.qr())).status, 403);
	assert.equal((await s.payos.tell({ code: '00' })).status, 403);
	assert.equal((await s.shown()).state, 'awaiting-payment');
});
