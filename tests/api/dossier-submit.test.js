// POST /v1/dossiers, seen from outside.  Refusals first: each leaves nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { citizen, document, gateway, submission } from './gateway.js';

const nothing = async (g) => assert.deepEqual(await g.psql(`
	SELECT (SELECT count(*) FROM dossier), (SELECT count(*) FROM document),
	       (SELECT count(*) FROM event WHERE dossier_id > 0),
	       (SELECT count(*) FROM outbox)`), [['0', '0', '0', '0']]);

const refused = async (g, changes, status, code, pointer) => {
	const res = await g.form('/v1/dossiers', submission(changes));
	assert.equal(res.status, status, res.text);
	assert.match(res.headers['content-type'], /application\/problem\+json/);
	assert.equal(res.json.code, code);
	assert.equal(res.json.errors[0].pointer, pointer);
	await nothing(g);
	return res;
};

test('what is not such a form is refused and leaves nothing', async (t) => {
	const g = await gateway(t);
	const other = (fields) => ({ dossier: fields });

	await refused(g, other({ procedure: '9.999999' }), 422,
		'unknown-procedure', '/procedure');
	await refused(g, other({ unit: 'H29.99' }), 422, 'unknown-unit', '/unit');
	await refused(g, other({ procedure: 7 }), 400, 'bad-field', '/procedure');
	await refused(g, other({ colour: 'red' }), 400, 'unknown-field',
		'/colour');
	await refused(g, other({ applicant: { ...citizen, id: '12' } }), 400,
		'bad-field', '/applicant/id');
	await refused(g, other({ applicant: { ...citizen, name: undefined } }),
		400, 'missing-field', '/applicant/name');
	await refused(g, { application: null }, 422, 'missing-document',
		'/documents/0/part');
	await refused(g, { application: { file: 'a.pdf', type: 'application/pdf',
		data: Buffer.alloc(0) } }, 422, 'empty-document', '/documents/0/part');
	await refused(g, { extra: { file: 'x.pdf', type: 'application/pdf',
		data: Buffer.from('x') } }, 422, 'extra-document', '/documents');
	await refused(g, other({ documents: [{ name: 'application' },
		{ name: 'transcript', signature: 'transcript-signature' }] }), 422,
	'extra-document', '/documents');
	await refused(g, { declaration: null, ...other({ documents: [
		{ name: 'application' }, { name: 'transcript',
			signature: 'transcript-signature' }] }) }, 422,
	'missing-document', '/documents');
	await refused(g, other({ documents: [{ name: 'application' },
		{ name: 'application' }] }), 422, 'extra-document',
	'/documents/1/name');
	await refused(g, other({ documents: [{ name: 'result',
		part: 'application' }] }), 422, 'extra-document',
	'/documents/0/name');
	await refused(g, other({ documents: [{ name: 'application',
		sha256: '0'.repeat(64) }] }), 422, 'hash-mismatch',
	'/documents/0/sha256');
});

test('malformed JSON and doubled keys are refused', async (t) => {
	const g = await gateway(t);

	for (const text of ['{', '{"unit":"a","unit":"b"}', '[]', '"x"',
		`${'['.repeat(40)}${']'.repeat(40)}`]) {
		const res = await g.form('/v1/dossiers', { ...submission(),
			dossier: { type: 'application/json', data: Buffer.from(text) } });
		assert.ok([400, 413].includes(res.status), res.text);
	}
	await nothing(g);
});

test('a document whose signature is not proved is refused with the reason',
	async (t) => {
		const g = await gateway(t);
		const with_ = (file) => ({ application: { file,
			type: 'application/pdf', data: document(file) } });
		const verdict = (res) => res.json.documents[0].report;

		const tampered = await refused(g,
			with_('application-tampered.pdf'), 422, 'signature-refused',
			'/documents/0');
		assert.equal(verdict(tampered).subindication, 'HASH_FAILURE');

		const stranger = await refused(g,
			with_('application-stranger.pdf'), 422, 'signature-refused',
			'/documents/0');
		assert.equal(verdict(stranger).subindication,
			'NO_CERTIFICATE_CHAIN_FOUND');
		assert.equal(verdict(stranger).signatures[0].integrity, 'intact');

		const revoked = await refused(g,
			with_('application-revoked.pdf'), 422, 'signature-refused',
			'/documents/0');
		assert.match(verdict(revoked).subindication, /REVOKED/);

		await refused(g, with_('application-citizen2.pdf'), 422,
			'wrong-signer', '/documents/0');
		await refused(g, with_('transcript.pdf'), 422, 'unsigned-document',
			'/documents/0');
	});

test('a title speaks the language that was asked for', async (t) => {
	const g = await gateway(t);
	const title = async (language) => (await g.get('/v1/dossiers/nowhere', {
		headers: { 'accept-language': language } })).json.title;

	assert.equal(await title('vi'), 'Không tìm thấy.');
	assert.equal(await title('en-GB,en;q=0.9,vi;q=0.1'),
		'There is no such thing here.');
});

test('no proof of who asks is 401, and a write needs its key', async (t) => {
	const g = await gateway(t);

	assert.equal((await g.form('/v1/dossiers', submission(),
		{ as: 'nobody' })).status, 401);
	assert.equal((await g.form('/v1/dossiers', submission(),
		{ as: 'ptdung' })).status, 403);
	const res = await g.form('/v1/dossiers', submission(), { key: null });
	assert.equal(res.status, 400);
	assert.equal(res.json.code, 'idempotency-key-required');
	await nothing(g);
});

test('a dossier is taken in with every signature proved', async (t) => {
	const g = await gateway(t);
	const res = await g.form('/v1/dossiers', submission());
	const d = res.json;

	assert.equal(res.status, 201, res.text);
	assert.match(d.code, /^H29\.20-\d{6}-0001$/);
	assert.equal(res.headers.location, `/v1/dossiers/${d.code}`);
	assert.equal(res.headers.etag, '"v1"');
	assert.equal(d.state, 'registered');
	assert.equal(d.state_vi, 'Mới đăng ký');
	assert.deepEqual(d.documents.map((doc) => [doc.name,
		doc.report.indication, doc.report.format, doc.verdict]), [
		['application', 'TOTAL-PASSED', 'pades', 'Hợp lệ'],
		['transcript', 'TOTAL-PASSED', 'cades', 'Hợp lệ'],
		['declaration', 'TOTAL-PASSED', 'xades', 'Hợp lệ'],
	]);
	assert.ok(Date.parse(d.intake_due_at) > Date.parse(d.received_at));
	assert.ok(Date.parse(d.expected_due_at) > Date.parse(d.intake_due_at));

	const seen = await g.get(`/v1/dossiers/${d.code}`);
	assert.equal(seen.status, 200);
	assert.equal(seen.json.applicant.id_masked, '*********901');
	assert.deepEqual(seen.json.history.map((e) => e.event), ['registered']);
	const bytes = await g.get(`/v1/dossiers/${d.code}/documents/${
		seen.json.documents[0].id}`);
	assert.equal(seen.json.documents[0].sha256, createHash('sha256')
		.update(document('application-signed.pdf')).digest('hex'));
	assert.equal(bytes.status, 200);
	assert.match(bytes.headers['content-disposition'], /^attachment/);
});

test('the link in the receipt opens this dossier and no other', async (t) => {
	const g = await gateway(t);
	const [a, b] = [await g.submit(), await g.submit()];
	const link = new URL(a.link);
	const get = (where) => g.get(where, { as: 'nobody' });

	assert.equal((await get(link.pathname + link.search)).status, 200);
	assert.equal((await get(link.pathname)).status, 401);
	assert.equal((await get(`/v1/dossiers/${b.code}${link.search}`)).status,
		401);
});

test('the same key is one dossier and the same answer, byte for byte',
	async (t) => {
		const g = await gateway(t);
		const send = (form) => g.form('/v1/dossiers', form, { key: 'once' });

		const first = await send(submission());
		const second = await send(submission());
		assert.equal(first.status, 201);
		assert.equal(second.status, 201);
		assert.equal(second.text, first.text);
		assert.equal(second.headers['idempotency-replayed'], 'true');
		assert.equal(second.headers.etag, first.headers.etag);
		assert.deepEqual(await g.psql('SELECT count(*) FROM dossier'),
			[['1']]);

		const other = await send(submission({ dossier: {
			client_ref: 'another' } }));
		assert.equal(other.status, 422);
		assert.equal(other.json.code, 'idempotency-key-reused');
	});

test('codes follow one another without a gap', async (t) => {
	const g = await gateway(t);
	const codes = (await Promise.all(Array.from({ length: 8 },
		() => g.submit()))).map((d) => d.code).sort();

	assert.deepEqual(codes.map((code) => code.slice(-4)),
		['0001', '0002', '0003', '0004', '0005', '0006', '0007', '0008']);
});
