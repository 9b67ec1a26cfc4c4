// Two readers of one signature must not differ: ours, with its own DER reader
// and its caches, and OpenSSL's careful way (d2i_CMS, CMS_verify), which
// `openssl cms -verify -noverify` is.  Over every fixture and every file of the
// corpus; where the two may differ stands in a table, by name and with the
// reason, and a row that no longer holds fails too.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { parseCsv } from '../setup/csv.js';
import { program, run, top } from '../setup/site.js';

const corpus = path.join(top, '../shared/corpus');
const noCorpus = existsSync(path.join(corpus, 'index.csv')) ? false
	: '../shared/corpus is not here';

let dir;
const at = (name) => path.join(dir, name);

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), 'agreement-'));
	for (const kind of ['cms', 'pdf', 'xml']) {
		const made = await run('sh', [`tests/fixtures/make-${kind}.sh`,
			at(kind)]);
		assert.equal(made.code, 0, made.stderr);
	}
});

after(() => rmSync(dir, { recursive: true }));

async function judge(...args) {
	const { stdout } = await run(program, ['verify', '--json', ...args]);
	return stdout.split('\n').filter((line) => line !== '')
		.map((line) => JSON.parse(line));
}

// Every signer of a CMS, or none, as CMS_verify() has it.
const ours = (r) => r.signatures.length > 0 && r.signatures
	.filter((s) => s.kind !== 'counter-signature')
	.every((s) => s.integrity === 'intact');

async function openssl(file, content, form = 'DER') {
	const { code } = await run('openssl', ['cms', '-verify', '-noverify',
		'-binary', '-inform', form, '-in', file, '-out', '/dev/null',
		...(content === null ? [] : ['-content', content])]);
	return code === 0;
}

async function opensslIsDetached(file) {
	const { stdout } = await run('openssl', ['cms', '-cmsout', '-print',
		'-noout', '-inform', 'DER', '-in', file]);
	return /eContent: <ABSENT>/.test(stdout);
}

// Asserts that the two agree but where the table says which is which.
function compare(t, table, results) {
	const left = new Set(Object.keys(table));
	const wrong = [];

	for (const { name, our, their } of results) {
		if (name in table)
			left.delete(name);
		if ((our !== their) !== (name in table))
			wrong.push(`${name}: ours ${our}, OpenSSL ${their}`);
	}
	t.diagnostic(`${results.length} compared, ` +
		`${Object.keys(table).length} differ by name`);
	assert.deepEqual(wrong, []);
	assert.deepEqual([...left], [], 'rows of files that are not there');
}

// Each is a pitfall: what we refuse or do not call intact, and OpenSSL takes;
// or, where it says so, what OpenSSL cannot do.
const noEddsa = 'OpenSSL 3.0 verifies no EdDSA in CMS';
const cmsDiffers = {
	'ed25519.p7s': noEddsa,
	'attributes-as-content.p7s': 'the attributes of another signature',
	'attributes-as-content-inside.p7s': 'the attributes of another signature',
	'content-type-differs.p7s': 'RFC 5652, 11.1: not its own content type',
	'trailing-byte.p7s': 'd2i stops at the end of the object',
	'second-cms-behind.p7s': 'd2i stops at the end of the object',
	'type-without-attributes.p7s': 'RFC 5652, 5.3: not of type data',
	// Our limits, which OpenSSL has not.
	'depth-33.p7s': 'deeper than DER_DEPTH_MAX',
	'exponent-65.p7s': 'an exponent over RSA_EXPONENT_BITS',
	'over-four-megabytes.p7s': 'over CMS_LEN_MAX',
	'rsa-8193.p7s': 'a modulus over RSA_BITS_MAX',
	'sixty-five-signers.p7s': 'over CMS_SIGNERS_MAX',
};

test('a CMS is intact where OpenSSL says so, or the pitfall has a name',
	async (t) => {
	const files = ['good', 'bad'].flatMap((folder) =>
		readdirSync(at(`cms/${folder}`)).map((n) => at(`cms/${folder}/${n}`)));
	const contentOf = new Map();
	const results = [];

	for (const file of files) {
		const name = path.basename(file);
		if (name === 'attributes-as-content.p7s')
			contentOf.set(file, at('cms/attributes'));
		else if (name === 'pem.p7s' || await opensslIsDetached(file))
			contentOf.set(file, at('cms/content'));
		else
			contentOf.set(file, null);
	}
	for (const content of new Set(contentOf.values())) {
		const group = files.filter((f) => contentOf.get(f) === content);
		const reports = await judge(...(content === null ? []
			: ['--content', content]), ...group);
		for (const [i, file] of group.entries())
			results.push({ name: path.basename(file),
				our: ours(reports[i]), their: await openssl(file,
					content, file.endsWith('pem.p7s') ? 'PEM' : 'DER') });
	}
	assert.ok(results.length > 80);
	compare(t, cmsDiffers, results);
});

const corpusDiffers = {};

test('a CMS of the corpus is intact where OpenSSL says so',
	{ skip: noCorpus }, async (t) => {
	const results = [];

	for (const row of parseCsv(readFileSync(
		path.join(corpus, 'index.csv'), 'utf8'))) {
		if (!row.format.startsWith('cades-'))
			continue;
		const file = path.join(corpus, row.path);
		const content = row.detached_content === '' ? null
			: path.join(corpus, row.detached_content.split(';')[0]);
		const [report] = await judge(...(content === null ? []
			: ['--content', content]), file);
		const pem = readFileSync(file).subarray(0, 5).toString() === '-----';
		results.push({ name: `${row.path} ${row.detached_content}`.trim(),
			our: ours(report),
			their: await openssl(file, content, pem ? 'PEM' : 'DER') });
	}
	assert.ok(results.length >= 32);
	compare(t, corpusDiffers, results);
});

// The signatures of a PDF by the crudest reading there is: every ByteRange of
// four numbers in the bytes, its hole as hex, OpenSSL over the rest.
async function crude(file) {
	const pdf = readFileSync(file);
	const text = pdf.toString('latin1');
	let intact = 0;

	for (const m of text.matchAll(
		/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)) {
		const [a, b, c, d] = m.slice(1).map(Number);
		const hole = /^<([0-9a-fA-F\s]+)>$/.exec(
			text.slice(a + b, c));
		if (hole === null || c + d > pdf.length)
			continue;
		writeFileSync(at('crude.der'), Buffer.from(
			hole[1].replace(/\s/g, ''), 'hex'));
		writeFileSync(at('crude.content'), Buffer.concat([
			pdf.subarray(a, a + b), pdf.subarray(c, c + d)]));
		if (await openssl(at('crude.der'), at('crude.content')))
			intact++;
	}
	return intact;
}

const intact = (r) => r.signatures.filter((s) => s.integrity === 'intact' &&
	s.kind === 'signature').length;

// The crude reading finds a signature that is sound by itself, in a file of
// which we say nothing, as readers do not agree on what it shows.
const structure = 'its cross-references are not sound';
const pdfDiffers = {
	'byterange-from-one.pdf': 'ByteRange is not from the first byte',
	'byterange-twice.pdf': 'two ByteRanges in one dictionary',
	'chain-201.pdf': 'over PADES_REVISIONS_MAX',
	'contents-missing.pdf': 'the hole is not of /Contents',
	'contents-padding-not-zero.pdf': 'd2i stops at the end of the object',
	'contents-second-cms.pdf': 'd2i stops at the end of the object',
	'contents-twice.pdf': 'two /Contents in one dictionary',
	'filters-5.pdf': 'over PDF_FILTERS_MAX',
	'inflating-over-64-megabytes.pdf': 'over PDF_STREAM_MAX',
	'legacy-x509.pdf': 'a SubFilter of old',
	'number-8388608-changed.pdf': 'over PDF_NUMBER_MAX',
	'number-of-both-kinds.pdf': structure,
	'object-appended.pdf': structure,
	'prev-circle.pdf': structure,
	'revision-without-prev.pdf': structure,
	'revisions-201.pdf': 'over PADES_REVISIONS_MAX',
	'signature-replaced.pdf': 'one signature, written twice',
	'startxref-behind-a-comment.pdf': structure,
	'subfilter-legacy.pdf': 'a SubFilter of old',
	'subfilter-unknown.pdf': 'a SubFilter that nobody knows',
	'subsections-4097.pdf': 'over PDF_SUBSECTIONS_MAX',
	'text-appended.pdf': structure,
	'update-without-eof.pdf': structure,
};

async function comparePdfs(t, table, files) {
	const reports = await judge(...files);
	const results = [];

	assert.equal(reports.length, files.length);
	for (const [i, file] of files.entries())
		results.push({ name: path.basename(file), our: intact(reports[i]),
			their: await crude(file) });
	compare(t, table, results);
}

test('a PDF has as many intact signatures as OpenSSL says, or a reason',
	async (t) => {
	const files = ['good', 'bad'].flatMap((folder) =>
		readdirSync(at(`pdf/${folder}`)).map((n) => at(`pdf/${folder}/${n}`)));

	assert.ok(files.length > 110);
	await comparePdfs(t, pdfDiffers, files);
});

const pdfCorpusDiffers = {
	'dss__pades-spoofing-replaced-reason.pdf': 'one signature, written twice',
	'dss__pdf-spoofing-attack.pdf': 'one signature, written twice',
	'pyHanko__ed448-shake256-nolen.pdf': noEddsa,
	'pyHanko__extensions-direct.pdf': noEddsa,
	'pyHanko__extensions-indirect-not-all-paths.pdf': noEddsa,
};

test('a PDF of the corpus has as many intact ones as OpenSSL says',
	{ skip: noCorpus }, async (t) => {
	const files = readdirSync(path.join(corpus, 'pades'))
		.map((name) => path.join(corpus, 'pades', name));

	assert.ok(files.length >= 90);
	await comparePdfs(t, pdfCorpusDiffers, files);
});

// What is remembered may be faster, never another answer: each document twice
// in a row, and once more in a process that has seen the others before it.
test('a document is judged alike whatever was judged before it', async () => {
	const trusted = ['--at', new Date().toISOString(),
		'--trust', at('cms/pki/root/cert.pem'),
		'--trust', at('pdf/pki/root.crt'), '--trust', at('xml/pki/root.pem'),
		'--crl', at('cms/pki/root.crl'), '--crl', at('cms/pki/ca.crl'),
		'--crl', at('pdf/pki/root.crl'), '--crl', at('xml/pki/crls'),
		'--content', at('cms/content')];
	// Those that try a size need more time than a sanitizer leaves them.
	const files = ['cms', 'pdf', 'xml'].flatMap((kind) =>
		['good', 'bad'].flatMap((folder) =>
			readdirSync(at(`${kind}/${folder}`))
				.filter((name) => !/megabytes|signatures-1|sixty|^chain|^rev/
					.test(name))
				.map((name) => at(`${kind}/${folder}/${name}`))));
	const twice = await judge(...trusted, ...files.flatMap((f) => [f, f]));
	const back = (await judge(...trusted, ...files.toReversed())).toReversed();

	assert.ok(files.length > 240);
	assert.equal(twice.length, 2 * files.length);
	for (const [i, file] of files.entries()) {
		assert.deepEqual(twice[2 * i + 1], twice[2 * i], file);
		assert.deepEqual(back[i], twice[2 * i], file);
	}
});
