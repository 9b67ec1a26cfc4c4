// hosogate verify, seen from outside: its options, its exit statuses, its JSON
// (DESIGN 7), and what it says to the documents of the shared corpus, all by
// way of the sandboxed child.  Refusals first.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { parseCsv } from '../setup/csv.js';
import { program, run, top } from '../setup/site.js';

const corpus = path.join(top, '../shared/corpus');
const noCorpus = existsSync(path.join(corpus, 'index.csv')) ? false
	: '../shared/corpus is not here';

let dir;
const good = (name) => path.join(dir, 'good', name);
const bad = (name) => path.join(dir, 'bad', name);
const trusted = () => ['--trust', path.join(dir, 'pki/root.pem'),
	'--crl', path.join(dir, 'pki/crls')];

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), 'verify-'));
	const made = await run('sh', ['tests/fixtures/make-xml.sh', dir]);
	assert.equal(made.code, 0, made.stderr);
});

after(() => rmSync(dir, { recursive: true }));

const verify = (...args) => run(program, ['verify', ...args]);

// The reports, and the exit status beside them.
async function judge(...args) {
	const { code, stdout } = await verify('--json', ...args);
	const reports = stdout.split('\n').filter((line) => line !== '')
		.map((line) => JSON.parse(line));
	return { code, reports, report: reports[0] };
}

test('what is not an option, or not its value, is 64 and judges nothing',
	async () => {
	const file = good('enveloped-b-b.xml');
	const wrong = [[], ['--json'], ['--nonsense', file],
		['--at', 'yesterday', file], ['--at', '2026-01-02', file],
		['--revocation', 'perhaps', file],
		['--extract-revision', '0', file],
		['--extract-revision', 'x', file],
		['--extract-revision', '1', file, file],
		['--trust', path.join(dir, 'nobody.pem'), file],
		['--content', path.join(dir, 'nothing'), file],
		Array(17).fill(['--content', file]).flat().concat(file)];

	for (const args of wrong) {
		const { code, stdout, stderr } = await verify(...args);
		assert.equal(code, 64, args.join(' '));
		assert.equal(stdout, '', args.join(' '));
		assert.match(stderr, /^hosogate verify: /m);
	}
});

test('a file without a signature, or not there, is 3', async () => {
	for (const file of [good('detached.txt'), path.join(dir, 'nobody')]) {
		const { code, report } = await judge(file);
		assert.equal(code, 3);
		assert.equal(report.format, 'none');
		assert.notEqual(report.indication, 'TOTAL-PASSED');
		assert.deepEqual(report.signatures, []);
	}
});

test('a changed document is 2, and the worst of several files decides',
	async () => {
	const { code, reports } = await judge(...trusted(),
		good('enveloped-b-b.xml'), bad('content-changed.xml'),
		good('enveloped-xmldsig.xml'));

	assert.equal(code, 2);
	assert.deepEqual(reports.map((r) => r.indication),
		['TOTAL-PASSED', 'TOTAL-FAILED', 'TOTAL-PASSED']);
	assert.equal(reports[1].subindication, 'HASH_FAILURE');
	assert.equal(reports[1].signatures[0].integrity, 'broken');
});

test('without anchors a sound signature is intact and of unknown chain',
	async () => {
	const { code, report } = await judge(good('enveloped-b-b.xml'));

	assert.equal(code, 1);
	assert.equal(report.indication, 'INDETERMINATE');
	assert.equal(report.subindication, 'NO_CERTIFICATE_CHAIN_FOUND');
	assert.equal(report.signatures[0].integrity, 'intact');
});

test('revocation is required unless the caller says otherwise', async () => {
	const root = ['--trust', path.join(dir, 'pki/root.pem')];
	const file = good('enveloped-b-b.xml');
	const asked = await judge(...root, file);
	const off = await judge(...root, '--revocation', 'off', file);

	assert.equal(asked.code, 1);
	assert.equal(asked.report.subindication, 'TRY_LATER');
	assert.equal(off.code, 0);
	assert.equal(off.report.indication, 'TOTAL-PASSED');
});

test('a moment outside the certificate is no pass', async () => {
	for (const at of ['2020-01-01T00:00:00Z', '2045-01-01T07:00:00+07:00']) {
		const { code, report } = await judge(...trusted(), '--at', at,
			'--revocation', 'off', good('enveloped-b-b.xml'));
		assert.notEqual(code, 0, at);
		assert.notEqual(report.indication, 'TOTAL-PASSED', at);
	}
});

test('a trusted list that is not to be believed is no anchor', async () => {
	const file = good('enveloped-b-b.xml');
	const crls = ['--crl', path.join(dir, 'pki/crls')];
	const signer = ['--list-signer', path.join(dir, 'pki/other.pem')];
	const wrong = [
		[...crls, '--trust', good('list.xml')],
		[...crls, ...signer, '--trust', bad('list-changed.xml')],
		[...crls, ...signer, '--trust', bad('list-by-signer.xml')],
		[...crls, ...signer, '--trust', bad('list-withdrawn.xml')],
		[...crls, ...signer, '--trust',
			bad('list-service-in-signature.xml')],
		[...crls, ...signer, '--trust', good('enveloped-xmldsig.xml')],
	];

	for (const args of wrong) {
		const { code, report } = await judge(...args, file);
		assert.equal(code, 1, args.join(' '));
		assert.equal(report.indication, 'INDETERMINATE', args.join(' '));
	}
	const { code } = await judge(...crls, '--trust', good('list.xml'),
		...signer, file);
	assert.equal(code, 0);
});

test('a trusted list that was to be renewed is no anchor, but by policy',
	async () => {
	const at = async (time, ...more) => (await judge('--trust',
		good('list-until-2027.xml'), '--list-signer',
		path.join(dir, 'pki/other.pem'), '--revocation', 'off', '--at', time,
		...more, good('enveloped-b-b.xml'))).report;
	const policy = JSON.parse(readFileSync('schemas/policy/policy.json'));
	const lenient = path.join(dir, 'lenient.json');
	writeFileSync(lenient, JSON.stringify({ ...policy, old_lists: true }));

	assert.equal((await at('2027-05-31T23:59:59Z')).indication,
		'TOTAL-PASSED');
	const late = await at('2027-06-01T00:00:00Z');
	assert.equal(late.subindication, 'NO_CERTIFICATE_CHAIN_FOUND');
	assert.ok(late.signatures[0].findings
		.some((f) => f.code === 'LIST-EXPIRED'));
	assert.deepEqual(late.signatures[0].anchor, []);
	assert.ok(!late.evidence.some((e) => e.kind === 'anchor'));
	assert.equal((await at('2027-06-01T00:00:00Z', '--policy', lenient))
		.indication, 'TOTAL-PASSED');
});

test('detached content is matched by its file name', async () => {
	const file = good('detached-b-b.xml');
	const without = await judge(...trusted(), file);
	const beside = await judge(...trusted(),
		'--content', good('by-hand.xml'),
		'--content', good('detached.txt'), file);

	assert.equal(without.report.subindication, 'SIGNED_DATA_NOT_FOUND');
	assert.equal(beside.report.signatures[0].integrity, 'intact');
	assert.equal(beside.report.signatures[0].covers, 'part');
	assert.deepEqual(beside.report.signatures[0].findings
		.filter((f) => f.code === 'SIGNED-DATA')
		.map((f) => f.detail), ['by-hand.xml: was given and is not signed']);
});

test('the JSON has the fields of the contract, a line for each file',
	async () => {
	const file = good('enveloped-b-b.xml');
	const { code, reports, report } = await judge(...trusted(), file, file);
	const [s] = report.signatures;

	assert.equal(code, 0);
	assert.equal(reports.length, 2);
	for (const name of ['file', 'format', 'indication', 'subindication',
		'document_modified', 'signatures'])
		assert.ok(name in report, name);
	for (const name of ['indication', 'subindication', 'integrity', 'kind',
		'level', 'covers', 'changes_after', 'digest', 'algorithm',
		'key_bits', 'signer', 'claimed_time', 'proven_time', 'timestamps',
		'findings'])
		assert.ok(name in s, name);
	assert.deepEqual({ file: report.file, format: report.format,
		subindication: report.subindication,
		modified: report.document_modified },
	{ file, format: 'xades', subindication: null, modified: false });
	assert.deepEqual({ kind: s.kind, level: s.level, covers: s.covers,
		changes: s.changes_after, digest: s.digest,
		algorithm: s.algorithm, bits: s.key_bits,
		claimed: s.claimed_time, proven: s.proven_time },
	{ kind: 'signature', level: 'B-B', covers: 'whole', changes: 'none',
		digest: 'sha256', algorithm: 'rsa-pkcs1', bits: 2048,
		claimed: '2026-01-02T03:04:05.000000Z', proven: null });
	assert.equal(s.signer.subject,
		'UID=CCCD:001099000123,CN=Nguyễn Văn An,C=VN');
	assert.deepEqual(s.signer.ids, { CCCD: '001099000123' });
	assert.equal(s.signer.serial, '10');
});

// What Circular 15/2025 wants shown of a signature, whatever its verdict.
test('the text is in both languages and masks identity numbers',
	async () => {
	const file = good('enveloped-ec-b-b.xml');
	const root = ['--trust', path.join(dir, 'pki/root.pem')];
	const all = [[0, 'Hợp lệ · TOTAL-PASSED', 'nguyên vẹn · intact',
		...trusted(), file],
	[1, 'Chưa xác định · INDETERMINATE / TRY_LATER', 'nguyên vẹn · intact',
		...root, file],
	[2, 'Không hợp lệ · TOTAL-FAILED / HASH_FAILURE',
		'đã bị thay đổi · broken', ...trusted(), bad('text-changed.xml')]];

	writeFileSync(bad('text-changed.xml'), readFileSync(file, 'utf8')
		.replace('60000', '60001'));
	for (const [status, verdict, integrity, ...args] of all) {
		const { code, stdout } = await verify(...args);
		const lines = stdout.split('\n').map((line) => line.trim());

		assert.equal(code, status);
		assert.ok(lines[0].endsWith(`: ${verdict}`), stdout);
		for (const line of [`Chữ ký 1 · Signature 1: ${verdict}`,
			'Người ký · Signer: Sao Mai',
			'Tổ chức · Organisation: Công ty Sao Mai',
			'Số định danh · Identity number: MST ******5678',
			'Đơn vị cấp chứng thư số · Issuer: ' +
				'CN=Test Issuing CA,O=Gốc thử nghiệm,C=VN',
			'Số chứng thư số · Serial number: 11',
			'Thời điểm ký · Signed at: 2026-01-02T03:04:05.000000Z ' +
				'(theo lời người ký · as the signer says)',
			`Tính toàn vẹn · Integrity: ${integrity}`])
			assert.ok(lines.includes(line), `${line}\n${stdout}`);
		assert.doesNotMatch(stdout, /0312345678/);
	}
});

// The corpus.

const rows = noCorpus ? [] : parseCsv(
	readFileSync(path.join(corpus, 'index.csv'), 'utf8'));

const contentsOf = (row) => row.detached_content.split(';')
	.filter((c) => c !== '').map((c) => path.join(corpus, c));

// The reports of these rows, in their order.  Those without contents of their
// own go to one process together.
async function judgeRows(list) {
	const reports = new Map();
	const alone = list.filter((row) => contentsOf(row).length === 0);
	const fileOf = (row) => path.join(corpus, row.path);

	for (const row of list) {
		const sha256 = createHash('sha256')
			.update(readFileSync(fileOf(row))).digest('hex');
		assert.equal(sha256, row.sha256, `${row.path} is another file`);
	}
	if (alone.length > 0) {
		const { code, reports: all } = await judge(...alone.map(fileOf));
		assert.ok([1, 2, 3].includes(code), `exit status ${code}`);
		assert.equal(all.length, alone.length);
		alone.forEach((row, i) => reports.set(row, all[i]));
	}
	for (const row of list.filter((r) => !reports.has(r))) {
		const { code, report } = await judge(...contentsOf(row)
			.flatMap((c) => ['--content', c]), fileOf(row));
		assert.ok([1, 2, 3].includes(code), `${row.path}: ${code}`);
		reports.set(row, report);
	}
	return list.map((row) => [row, reports.get(row)]);
}

const unknownSigner = ['NO_SIGNING_CERTIFICATE_FOUND',
	'SIGNED_DATA_NOT_FOUND', 'SIG_CONSTRAINTS_FAILURE'];

// What the README of the corpus makes of an XMLDSig row for a verifier that
// wants a certificate: 'pass' only where there is one, inside the document.
function translate(row, report) {
	if (!row.format.startsWith('xmldsig'))
		return row.expected_accept;
	const off = report.signatures.some((s) =>
		['FORMAT_FAILURE', 'SIG_CONSTRAINTS_FAILURE']
			.includes(s.subindication));
	const alien = /xslt|xpath|decrypt|relationship|ph\b/.test(row.notes);
	if (row.expected_accept !== 'pass')
		return row.expected_accept;
	if (alien && off)
		return 'fail';
	if (row.key_in_file !== 'certificate' || /external URIs/.test(row.notes))
		return 'unknown signer';
	return 'pass';
}

const clean = (r) => r.signatures.length > 0 && !r.document_modified &&
	r.signatures.every((s) => s.integrity === 'intact' &&
		s.changes_after !== 'forbidden');
const merelyUnknown = (s) =>
	[null, 'NO_CERTIFICATE_CHAIN_FOUND'].includes(s.subindication);
const looksGood = (r) => clean(r) && r.signatures.every(merelyUnknown);

const meets = {
	pass: clean,
	interop: () => true,
	fail: (r, row) => !looksGood(r) && (row.expected_crypto.startsWith('yes')
		|| r.signatures.every((s) => s.integrity !== 'intact')),
	modified: (r) => !looksGood(r),
	partial: (r) => new Set(r.signatures.map((s) =>
		`${s.integrity} ${s.subindication}`)).size > 1,
	indeterminate: (r) => r.signatures.length > 0 && r.signatures.every((s) =>
		unknownSigner.slice(0, 2).includes(s.subindication)),
	warn: (r) => r.signatures.every((s) => s.integrity === 'intact') &&
		r.findings.concat(...r.signatures.map((s) => s.findings)).length > 0,
	'alg-mismatch': (r) => r.signatures.some((s) =>
		s.subindication === 'SIG_CONSTRAINTS_FAILURE'),
	'unknown signer': (r) => r.signatures.every((s) =>
		unknownSigner.includes(s.subindication)),
};

// Rows that must not pass, whatever else is said of them.
const mustNotPass = ['fail', 'modified', 'partial', 'indeterminate',
	'alg-mismatch', 'unknown signer'];

// How many rows of each kind must at least be as the corpus says; to be
// raised, never lowered.
const floor = {
	'pades pass': 63, 'pades modified': 14, 'pades fail': 14,
	'pades warn': 8, 'pades partial': 1,
	'cades-attached pass': 19, 'cades-attached alg-mismatch': 3,
	'cades-detached pass': 3, 'cades-detached fail': 4,
	'cades-detached indeterminate': 1,
	'xades-enveloped pass': 16, 'xades-enveloped modified': 1,
	'xades-enveloped fail': 3,
	'xades-enveloping pass': 21, 'xades-enveloping modified': 1,
	'xades-enveloping fail': 3,
	'xades-detached pass': 4, 'xades-detached fail': 1,
	'xades-detached indeterminate': 5,
};

const formats = [...new Set(rows.map((r) => r.format))]
	.filter((f) => !f.startsWith('asice'));

if (noCorpus)
	test('the corpus is judged as its sources judge it',
		{ skip: noCorpus }, () => {});

for (const format of formats) {
	test(`the corpus's ${format} rows are judged as their sources do`,
		async (t) => {
		const count = {}, short = [];
		for (const [row, report] of await judgeRows(
			rows.filter((r) => r.format === format))) {
			const want = translate(row, report);
			const kind = `${format} ${want}`;

			assert.ok(!report.findings.some((f) => f.code === 'VERIFIER'),
				`${row.path}: the child did not finish`);
			assert.ok(!mustNotPass.includes(want) || !looksGood(report),
				`${row.path} must not pass: ${want}`);
			count[kind] ??= { met: 0, of: 0 };
			count[kind].of++;
			if (meets[want](report, row))
				count[kind].met++;
			else
				short.push(`${row.path}: ${want}`);
		}
		const sum = (key) => Object.values(count)
			.reduce((n, c) => n + c[key], 0);
		t.diagnostic(`${format}: ${sum('met')} of ${sum('of')}`);
		for (const [kind, { met, of }] of Object.entries(count)) {
			t.diagnostic(`${kind}: ${met} of ${of}`);
			assert.ok(met >= (floor[kind] ?? of),
				`${kind}: ${met}\n${short.join('\n')}`);
		}
		for (const line of short)
			t.diagnostic(`not met: ${line}`);
	});
}

// What their sources made, in the order in which they stand; one of the index
// of digests names a CRL that is not there.
const stamped = {
	'cades-attached/dss__CAdESDoubleLTA.p7m':
		['signature intact', 'archive intact', 'archive intact'],
	'cades-attached/dss__cades-lta-duplicated-atst.p7m':
		['signature intact', 'archive intact', 'archive intact'],
	'cades-attached/dss__Signature-C-B-LTA-10.p7m':
		['archive intact', 'archive intact', 'signature intact'],
	'cades-attached/dss__Signature-C-HU_POL-3.p7m':
		['signature intact', 'archive intact'],
	'cades-attached/dss__Signature-C-LTA-d233a2d9-a257-40dc-bcdb-bf4516b6d1da.p7m':
		['content intact', 'signature intact', 'archive intact'],
	'cades-detached/dss__cades-ats-v3-wrong-crl.p7s':
		['archive broken', 'archive intact', 'signature intact'],
	'xades-enveloping/dss__xades-lta-valid.xml':
		['signature intact', 'archive intact'],
	'xades-enveloping/dss__xades-enveloping-arcTst132.xml':
		['signature intact', 'archive intact'],
	'xades-enveloping/dss__xades-tsts-empty-c14n.xml':
		['signature intact', 'archive intact'],
	'xades-enveloping/dss__xades-x-level-v2-wrong-sigAndRefsTst-type.xml':
		['signature intact', 'signature-and-references broken'],
	'xades-enveloped/dss__Signature-X-RO_TRA-15.xml':
		['signature intact', 'signature-and-references intact',
			'references intact'],
	'xades-enveloped/dss__Signature-X-UK_ASC-2.xml': ['content intact'],
	'xades-enveloping/dss__xades-with-multiple-alldatatimestamps.xml':
		['content intact', 'content intact'],
	'xades-enveloped/dss__doubleSignedTest.xml':
		['signature intact', 'archive intact', 'signature intact',
			'signature-and-references intact', 'archive intact'],
};

test('each timestamp of the corpus is over what its kind says',
	{ skip: noCorpus }, async () => {
	const list = rows.filter((r) => r.path in stamped &&
		r.expected_accept === 'pass');
	assert.equal(list.length, Object.keys(stamped).length);
	for (const [row, report] of await judgeRows(list))
		assert.deepEqual(report.signatures.flatMap((s) => s.timestamps)
			.map((t) => `${t.kind} ${t.integrity}`),
		stamped[row.path], row.path);
});

test('a timestamp that the corpus calls broken proves nothing',
	{ skip: noCorpus }, async () => {
	const list = rows.filter((r) => formats.includes(r.format) &&
		r.notes.includes('TIMESTAMP BROKEN'));
	assert.equal(list.length, 6);
	for (const [row, report] of await judgeRows(list)) {
		const stamps = report.signatures.flatMap((s) =>
			s.kind === 'document-timestamp' ? [s] : s.timestamps);
		assert.ok(stamps.some((t) => t.integrity !== 'intact' &&
			t.indication !== 'TOTAL-PASSED'), row.path);
	}
});

test('a signature policy whose digest has no known algorithm is found',
	{ skip: noCorpus }, async () => {
	const list = rows.filter((r) => formats.includes(r.format) &&
		r.path.includes('sig-policy-invalid-digest-algo'));
	assert.equal(list.length, 3);
	for (const [row, report] of await judgeRows(list)) {
		const codes = report.signatures[0].findings.map((f) => f.code);
		assert.ok(codes.includes('SIGNATURE-POLICY'), row.path);
		assert.ok(codes.includes('ALGORITHM-UNKNOWN'), row.path);
		assert.equal(report.signatures[0].integrity, 'intact', row.path);
	}
});

test('a revision is the prefix that its signature covers', { skip: noCorpus },
	async () => {
	const file = path.join(corpus, 'pades/dss__DSS-2199.pdf');
	const whole = readFileSync(file);
	const { report } = await judge(file);
	const sizes = [];

	for (let n = 1; n <= report.signatures.length; n++) {
		const { code, stdout } = await run(program, ['verify',
			'--extract-revision', String(n), file],
		{ encoding: 'buffer' });
		assert.equal(code, 0);
		assert.ok(whole.subarray(0, stdout.length).equals(stdout));
		sizes.push(stdout.length);
	}
	assert.ok(sizes.length > 1 && sizes[0] < sizes[1]);
	const none = await verify('--extract-revision', '99', file);
	assert.equal(none.code, 3);
	assert.equal(none.stdout, '');
});
