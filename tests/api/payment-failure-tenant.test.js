// Two agencies in one database, each with a gateway, an order and a contract of
// its own.  Row 61 of the callback table: what one says by its own key of the
// other's order does nothing to either; SePay has no part in it, since an
// account is a unit's and a gateway has one secret for all of them.  Row 17: one
// transaction cannot have paid both.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { people } from '../setup/sample.js';
import { password, top } from '../setup/site.js';
import { fresh, heard, providers, stage, told } from './providers.js';

const key = 'hs_of-the-portal-of-another-agency';
const swaps = [['sgddt-hcm', 'snv-hcm'], ['H29.20', 'H29.21'],
	['0123499999', '0123488888'], ['ptdung', 'hvgiang'], ['vvem', 'nvhai'],
	['"portal"', '"portal2"'], ['secret/client.key', 'secret2.key']];
const swapped = (text) => swaps.reduce((all, [from, to]) =>
	all.replaceAll(from, to), text);

// The same people and procedures, as another agency has them.
async function found(g) {
	const data = path.join(top, 'schemas/data');
	const texts = [...readdirSync(data).filter((name) =>
		name.endsWith('.json')).sort().map((name) =>
		readFileSync(path.join(data, name), 'utf8')),
	JSON.stringify(people()).replace(/"certificates":\[[^\]]*\]/g,
		'"certificates":[]').replace(/[^"]*secret\/client.key/,
		'secret/client.key')];
	writeFileSync(path.join(g.dir, 'password'), `${password}\n`);
	writeFileSync(path.join(g.dir, 'secret2.key'), `${key}\n`);
	const files = texts.map((text, i) => {
		const file = path.join(g.dir, `another-${i}.json`);
		writeFileSync(file, swapped(text));
		return file;
	});
	await g.must('import', '-c', g.configFile, ...files);
}

async function order(s) {
	const { code } = await s.g.submit({ dossier: { unit: 'H29.21' } },
		{ as: key });
	await s.g.act(code, 'accept', { as: 'hvgiang' });
	return s.start(code, key);
}

const reviews = async (o) => (await o.shown()).history
	.filter((h) => h.event === 'payment-review')
	.map((h) => [h.data.attempt, h.data.txn]);

for (const name of told.filter((name) => providers[name].another)) {
	test(`${name}: row 17: one transaction on orders of two agencies credits ` +
		'the first, and a person of each looks at it', async (t) => {
		const ours = await stage(t, name);
		const theirs = await stage(t, name, {}, ours);
		await found(theirs.g);
		const [mine, other] = [await ours.order(), await order(theirs)];
		const { p } = ours;
		const txn = fresh();

		assert.equal(await other.tell({ txn }), p.done);
		for (let i = 0; i < 3; i++)
			assert.equal(await mine.tell({ txn, more: i > 1 && p.variant }),
				p.clash);
		assert.equal(await other.tell({ txn }), p.again);

		assert.deepEqual([await other.state(), await other.dossier(),
			await mine.state(), await mine.dossier()],
		['paid', 'processing', 'review', 'awaiting-payment']);
		for (const o of [mine, other])
			assert.deepEqual(await reviews(o), [[o.ref, txn]]);
		assert.deepEqual(await ours.g.psql(`SELECT DISTINCT v.tenant_id <>
			d.tenant_id FROM event v JOIN dossier d ON d.id = v.dossier_id`),
		[['f']]);
		assert.deepEqual(await ours.g.psql(`SELECT o.tenant_id = e.tenant_id
			FROM outbox o JOIN event e ON e.id = o.event_id
			WHERE o.template = 'mail-desk-payment-review'`),
		[['t'], ['t']]);
		assert.equal(await ours.count(`ledger_journal
			WHERE kind IN ('payment', 'surplus', 'suspense')`), 1);
		await ours.balances();
		await ours.g.must('audit', 'verify', '-c', ours.g.configFile);
	});

	test(`${name}: row 17: told to two agencies at once, one is credited`,
		async (t) => {
		const ours = await stage(t, name);
		const theirs = await stage(t, name, {}, ours);
		await found(theirs.g);

		for (let i = 0; i < 5; i++) {
			const both = [await ours.order(), await order(theirs)];
			const txn = fresh();
			const said = await Promise.all(both.map((o) => o.tell({ txn })));
			assert.deepEqual(said.toSorted(), [ours.p.done, ours.p.clash]
				.toSorted());
			assert.deepEqual((await Promise.all(both.map((o) => o.state())))
				.toSorted(), ['paid', 'review']);
			for (const o of both)
				assert.deepEqual(await reviews(o), [[o.ref, txn]]);
		}
		await ours.balances();
	});
}

for (const name of heard.filter((name) => providers[name].another))
	test(`${name}: row 61: by the key of one agency nothing is said of ` +
		'another\'s order', async (t) => {
		const ours = await stage(t, name);
		const theirs = await stage(t, name, {}, ours);
		await found(theirs.g);
		const [mine, other] = [await ours.order(), await order(theirs)];
		const { p } = ours;
		const secret = p.key(ours.fake);
		const untouched = async () => {
			for (const o of [mine, other]) {
				assert.equal(await o.state(), 'created');
				assert.equal(await o.dossier(), 'awaiting-payment');
			}
			assert.equal(await ours.count(
				"ledger_journal WHERE kind <> 'demand'"), 0);
		};

		// By their key at our address; by our key of their order, there too.
		assert.equal(await ours.hear(other.request({ txn: fresh() })), p.bad);
		assert.equal(await ours.hear(other.request({ txn: fresh(), secret })),
			p.unknown);
		await untouched();
		assert.equal(await theirs.hear(mine.request({ txn: fresh() })), p.bad);
		assert.equal(await theirs.hear(mine.request({ txn: fresh(),
			secret: p.key(theirs.fake) })), p.unknown);
		await untouched();

		assert.equal(await other.tell({ txn: fresh() }), p.done);
		assert.equal(await other.dossier(), 'processing');
		assert.equal(await mine.dossier(), 'awaiting-payment');
		await ours.balances();
	});
