// Refunds that no provider carries out: of money taken at the counter, and of
// providers that can only take.  An officer gives it back and says by which
// paper.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { citizen, until } from './gateway.js';
import { peers } from './peers.js';
import { scene } from './providers.js';

const desk = 'ptdung.sgddt@tphcm.gov.vn';
const where = (code) => `/v1/dossiers/${code}/refunds`;
const ask = async (g, code, attempt, amount) => {
	const res = await g.post(where(code), { attempt, amount,
		reason: 'Thu nhầm' }, { as: 'ptdung' });
	assert.equal(res.status, 201, res.text);
	return res.json.refund;
};
const act = (g, code, ref, action, more = {}) => g.post(
	`${where(code)}/${ref}/actions`, { action, ...more }, { as: 'vvem' });
const shown = async (g, code) => (await g.get(`/v1/dossiers/${code}`)).json;
const balances = async (g) => {
	const done = await g.cli(['ledger', 'check', '--json', '-c',
		g.configFile]);
	assert.equal(done.code, 0, done.stdout);
	return Object.fromEntries(JSON.parse(done.stdout).accounts
		.map((a) => [a.account, a.balance]));
};

async function collect(g, code, method, amount) {
	const path = `/v1/dossiers/${code}/collections`;
	const res = await g.post(path, { method, amount, reference: 'PT-1' },
		{ as: 'ptdung' });
	assert.equal(res.status, 201, res.text);
	if (method === 'transfer')
		assert.equal((await g.post(`${path}/${res.json.id}/decision`,
			{ decision: 'confirmed' }, { as: 'vvem' })).status, 200);
}

for (const method of ['cash', 'transfer'])
	test(`a part of ${method} taken at the counter is given back by hand, and ` +
		'who waits for it hears so', async (t) => {
		const { g, mail } = await peers(t);
		const { code, payments: [{ amount }] } =
			await g.dossier({ in: 'awaiting-payment' });
		await collect(g, code, method, amount);
		const { payments: [{ attempts: [{ attempt }] }] } =
			await shown(g, code);
		const part = amount / 2;
		const hears = (to, subject) => until(() => mail.mails.find((m) =>
			m.to === to && m.subject.includes(subject) &&
			m.text.includes('30.000')), { what: subject });

		const ref = await ask(g, code, attempt, part);
		await hears(desk, 'có việc hoàn trả');
		const approved = await act(g, code, ref, 'approve');
		assert.equal(approved.json.state, 'approved', approved.text);
		await hears(citizen.email, 'Sẽ hoàn trả');
		assert.equal((await balances(g)).refund_payable, -part);
		assert.deepEqual(await g.psql('SELECT ask_at IS NULL FROM refund'),
			[['t']], 'nobody else will carry it out');
		assert.equal((await act(g, code, ref, 'confirm')).status, 400);

		const done = await act(g, code, ref, 'confirm',
			{ evidence: 'Phiếu chi 07' });
		assert.equal(done.json.state, 'done', done.text);
		await hears(citizen.email, 'Đã hoàn trả');
		const after = await balances(g);
		assert.deepEqual([after.refund_payable, after.fee_refunded,
			after.own_funds, after['provider_clearing:counter']],
		[0, part, -part, amount]);
		const [refund] = (await shown(g, code)).refunds;
		assert.equal(refund.evidence, 'Phiếu chi 07');
		assert.equal(refund.provider, 'counter');
	});

test('approved and not yet given back, it can still be rejected', async (t) => {
	const { g } = await peers(t);
	const { code, payments: [{ amount }] } =
		await g.dossier({ in: 'awaiting-payment' });
	await collect(g, code, 'cash', amount);
	const { payments: [{ attempts: [{ attempt }] }] } = await shown(g, code);
	const ref = await ask(g, code, attempt, amount);
	await act(g, code, ref, 'approve');

	assert.equal((await act(g, code, ref, 'reject', { reason: 'Sai' }))
		.json.state, 'rejected');
	const after = await balances(g);
	assert.deepEqual([after.refund_payable, after.fee_refunded], [0, 0]);
	await act(g, code, await ask(g, code, attempt, amount), 'approve');
	assert.equal((await balances(g)).refund_payable, -amount);
});

async function bought(t, name) {
	const s = await scene(t, name);
	const { attempt, amount, pay_url: url } = (await s.start()).json;
	await s.p.pay(s.fake, url, 'success');
	assert.equal((await s.shown()).state, 'processing');
	return { ...s, ref: await ask(s.g, s.code, attempt, amount), amount };
}

for (const name of ['dvcqg', 'keypay'])
	test(`${name}: row 53: it cannot be asked, so that an officer gives it back`,
		async (t) => {
		const { g, code, ref, amount } = await bought(t, name);

		assert.equal((await act(g, code, ref, 'confirm', { evidence: 'UNC 1' }))
			.status, 409, 'nobody has approved');
		assert.equal((await act(g, code, ref, 'approve')).json.state,
			'approved');
		assert.deepEqual(await g.psql('SELECT ask_at IS NULL FROM refund'),
			[['t']]);
		assert.equal((await act(g, code, ref, 'confirm', { evidence: 'UNC 1' }))
			.json.state, 'done');
		const after = await balances(g);
		assert.deepEqual([after.refund_payable, after.own_funds],
			[0, -amount]);
	});

test('row 53: what a provider is about to carry out is not done by hand as well',
	async (t) => {
	const { g, code, ref } = await bought(t, 'vnpay');
	await g.psql(`INSERT INTO provider_rest VALUES
		('vnpay', 9, now() + interval '1 hour')`);
	await act(g, code, ref, 'approve');

	const res = await act(g, code, ref, 'confirm', { evidence: 'UNC 1' });
	assert.equal(res.status, 409, res.text);
	assert.equal((await shown(g, code)).refunds[0].state, 'approved');
});
