// /metrics says how many documents verifier children judged, and how many of
// the children were stopped over one.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { run, top } from '../setup/site.js';
import { gateway, submission } from './gateway.js';

const counts = async (g) => {
	const { text } = await g.operator('/metrics');
	return Object.fromEntries(['judged', 'crashed', 'timed_out'].map((name) =>
		[name, Number(text.match(new RegExp(
			`^hosogate_verifier_${name}_total (\\d+)$`, 'm'))[1])]));
};

// Four hundred thousand elements, to be digested a hundred times.
const reference = "<d:Reference URI=''><d:DigestMethod Algorithm=" +
	"'http://www.w3.org/2001/04/xmlenc#sha256'/>" +
	'<d:DigestValue>AA==</d:DigestValue></d:Reference>';
const endless = Buffer.from(
	"<r xmlns:d='http://www.w3.org/2000/09/xmldsig#'>" +
	"<a b='c'>d</a>".repeat(400000) + '<d:Signature><d:SignedInfo>' +
	'<d:CanonicalizationMethod/><d:SignatureMethod/>' +
	reference.repeat(100) + '</d:SignedInfo><d:SignatureValue>AA==' +
	'</d:SignatureValue></d:Signature></r>');

test('a document is counted once, and a child that it stopped as well',
	async (t) => {
	const g = await gateway(t);
	assert.deepEqual(await counts(g),
		{ judged: 0, crashed: 0, timed_out: 0 });
	await g.submit();
	// Three documents; the evidence they brought is none.
	assert.deepEqual(await counts(g),
		{ judged: 3, crashed: 0, timed_out: 0 });

	const res = await g.form('/v1/dossiers', submission({ application: {
		file: 'declaration.xml', type: 'application/xml', data: endless } }));
	assert.notEqual(res.status, 201);
	assert.deepEqual(await counts(g),
		{ judged: 6, crashed: 1, timed_out: 0 });
	assert.equal((await g.submit()).state, 'registered');
});

// A PDF of which more is to be said than a report holds.
async function wordy(t) {
	const dir = mkdtempSync(path.join(tmpdir(), 'wordy-'));
	t.after(() => rmSync(dir, { recursive: true }));
	const fixtures = path.join(top, 'tests/fixtures');
	for (const [cwd, ...command] of [
		[top, 'sh', `${fixtures}/make-pdf.sh`, dir],
		[dir, 'node', `${fixtures}/pdf-limits.js`, 'report-over-512-kib',
			`${dir}/wordy.pdf`]]) {
		const made = await run(command[0], command.slice(1), { cwd });
		assert.equal(made.code, 0, made.stderr);
	}
	return readFileSync(`${dir}/wordy.pdf`);
}

test('a report over its bound costs its own document and no child',
	async (t) => {
	const g = await gateway(t);
	const res = await g.form('/v1/dossiers', submission({ application: {
		file: 'wordy.pdf', type: 'application/pdf', data: await wordy(t) } }));
	const [long, ...others] = res.json.documents.map((d) => d.report);
	assert.equal(res.status, 422);
	assert.equal(long.indication, 'INDETERMINATE');
	assert.deepEqual(long.findings,
		[{ code: 'LIMIT', detail: 'a report over 524288 bytes' }]);
	assert.ok(others.every((r) => r.indication === 'TOTAL-PASSED'));
	assert.deepEqual(await counts(g),
		{ judged: 3, crashed: 0, timed_out: 0 });
	assert.equal((await g.submit()).state, 'registered');
	assert.deepEqual(await counts(g),
		{ judged: 6, crashed: 0, timed_out: 0 });
});
