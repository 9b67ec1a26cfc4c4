// POST /v1/dossiers/{code}/documents, seen from outside.  Refusals first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { document, gateway } from './gateway.js';

const pdf = (file) => ({ file, type: 'application/pdf',
	data: document(file) });
const result = (file) => ({ dossier: { documents: [{ name: 'result' }] },
	result: pdf(file) });
const supplement = (file) => ({
	dossier: { documents: [{ name: 'application' }] },
	application: pdf(file) });
const add = (g, code, form, options) =>
	g.form(`/v1/dossiers/${code}/documents`, form, options);
const officer = { as: 'ptdung' };

test('a dossier that waits for nothing takes no supplement and no result',
	async (t) => {
		const g = await gateway(t);
		const d = await g.submit();
		const before = await g.get(`/v1/dossiers/${d.code}`);

		for (const [form, options] of [
			[supplement('application-signed.pdf'), {}],
			[result('result-signed.pdf'), officer]]) {
			const res = await add(g, d.code, form, options);
			assert.equal(res.status, 409, res.text);
			assert.equal(res.json.code, 'wrong-state');
		}
		assert.equal((await g.get(`/v1/dossiers/${d.code}`)).text,
			before.text);
	});

test('what the role may not bring is refused', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'processing' });
	const res = await add(g, d.code, {
		dossier: { documents: [{ name: 'application' }] },
		application: pdf('application-signed.pdf') }, officer);

	assert.equal(res.status, 422);
	assert.equal(res.json.code, 'extra-document');
});

test('a result that is unsigned or another officer\'s is kept and moves nothing',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });

		for (const file of ['result.pdf', 'result-officer2.pdf']) {
			const res = await add(g, d.code, result(file), officer);
			assert.equal(res.status, 201, res.text);
			assert.equal(res.json.state, 'processing');
			assert.equal(res.json.version, d.version);
		}
		const seen = await g.get(`/v1/dossiers/${d.code}`, officer);
		assert.deepEqual(seen.json.documents
			.filter((doc) => doc.role === 'result')
			.map((doc) => doc.indication), ['NONE', 'TOTAL-PASSED']);
	});

test('the signed result resolves the dossier, and it can be returned',
	async (t) => {
		const g = await gateway(t);
		const d = await g.dossier({ in: 'processing' });
		const res = await add(g, d.code, result('result-signed.pdf'), officer);

		assert.equal(res.status, 201, res.text);
		assert.equal(res.json.state, 'resolved');
		assert.ok(res.json.clock.ended_at);
		const done = await g.act(d.code, 'return');
		assert.equal(done.state, 'returned');
		assert.equal(done.clock.ended_at, res.json.clock.ended_at);
	});

test('a supplement ends the pause, once for one key', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-supplement' });
	const send = () => add(g, d.code, supplement('application-signed.pdf'),
		{ key: 'k-1' });
	const [first, second] = [await send(), await send()];

	assert.equal(first.status, 201, first.text);
	assert.equal(first.json.state, 'processing');
	assert.equal(second.text, first.text);
	assert.ok(first.json.clock.due_at);
	assert.ok(first.json.pauses.every((pause) => pause.ended_at));
});

test('a supplement that was tampered with is kept as no proof', async (t) => {
	const g = await gateway(t);
	const d = await g.dossier({ in: 'awaiting-supplement' });
	const res = await add(g, d.code, supplement('application-tampered.pdf'));

	assert.equal(res.status, 201, res.text);
	assert.equal(res.json.state, 'awaiting-supplement');
	assert.equal(res.json.documents.at(-1).indication, 'TOTAL-FAILED');
});

test('the report of a document is what was judged', async (t) => {
	const g = await gateway(t);
	const d = await g.submit();
	const { json } = await g.get(`/v1/dossiers/${d.code}`);
	const where = `/v1/dossiers/${d.code}/documents/${json.documents[0].id}`;
	const res = await g.get(`${where}/report`);

	assert.equal(res.status, 200);
	assert.equal(res.json.format, 'pades');
	assert.equal(res.json.signatures[0].signer.ids.CCCD, '012345678901');
	assert.equal((await g.get(`${where}9999`)).status, 404);
	assert.equal((await g.get(`/v1/dossiers/${d.code}/documents/x/report`))
		.status, 404);
});
