// One submission, a thousand times at once: one dossier.  One notice, as often:
// one payment.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, paid, submission } from '../api/gateway.js';
import { smallApplication } from './harm.js';

test('1,000 concurrent duplicates of one submission are one dossier',
	async (t) => {
	const g = await gateway(t);
	const form = submission(await smallApplication(g));
	// Where a thousand handshakes outlast the ten seconds that a head may
	// take, a client asks again.
	const submit = () => g.form('/v1/dossiers', form, { key: 'the-same' })
		.catch((e) => {
			assert.equal(e.code, 'ECONNRESET');
			return submit();
		});

	const answers = await Promise.all(Array.from({ length: 1000 }, submit));

	const by = (status) => answers.filter((a) => a.status === status);
	const made = by(201);
	assert.ok(made.length >= 1);
	assert.equal(new Set(made.map((a) => a.text)).size, 1, 'byte for byte');
	for (const a of answers)
		assert.ok(a.status === 201 ||
			a.json.code === 'idempotency-key-in-flight' ||
			a.json.code === 'busy', a.text);
	const counts = await g.psql(`SELECT (SELECT count(*) FROM dossier),
		(SELECT count(*) FROM event), (SELECT count(*) FROM document)`);
	assert.deepEqual(counts[0].map(Number), [1, 1, 4]);
});

test('1,000 duplicates of one notice, sixteen at a time, are one payment',
	async (t) => {
	const g = await gateway(t);
	const { code } = await g.dossier({ in: 'awaiting-payment' });
	const { pay_url: url } = (await g.post(`/v1/dossiers/${code}/payments`,
		{ provider: 'vnpay' })).json;
	const notice = `/v1/payments/callbacks/vnpay?${paid(url)}`;
	const codes = [];

	await Promise.all(Array.from({ length: 16 }, async () => {
		for (let i = 0; i < 63; i++)
			codes.push((await g.get(notice, { as: 'nobody' })).json.RspCode);
	}));

	assert.deepEqual(codes.sort(), ['00', ...Array(16 * 63 - 1).fill('02')]);
	assert.deepEqual((await g.psql(`SELECT (SELECT count(*)
		FROM ledger_journal WHERE kind = 'payment'), (SELECT count(*)
		FROM provider_event), (SELECT count(*) FROM receipt)`))[0],
	['1', '1', '1']);
	const done = await g.cli(['ledger', 'check', '-c', g.configFile]);
	assert.equal(done.code, 0, done.stdout);
});
