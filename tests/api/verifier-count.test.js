// /metrics says how many documents verifier children judged, and how many of
// the children were stopped over one.
import assert from 'node:assert/strict';
import { test } from 'node:test';

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
