// The limits that only a whole program has, each at its last good value and one
// behind it: size of files, objects, signatures, memory.  Always the plain
// program, as time and memory are other things under sanitizers.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync,
	statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { run, top } from '../setup/site.js';

const program = path.join(top, 'hosogate');
const MB = 1 << 20;

let dir;
const at = (name) => path.join(dir, name);
const trusted = () => ['--trust', at('pki/root.crt'),
	'--crl', at('pki/root.crl')];

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), 'limit-'));
	const made = await run('sh', ['tests/fixtures/make-pdf.sh', dir]);
	assert.equal(made.code, 0, made.stderr);
});

after(() => rmSync(dir, { recursive: true }));

// Each is made once, as that takes seconds.
async function pdf(name) {
	if (existsSync(at(`${name}.pdf`)))
		return at(`${name}.pdf`);
	const made = await run('node', [path.join(top,
		'tests/fixtures/pdf-limits.js'), name, at(`${name}.pdf`)],
	{ cwd: dir });
	assert.equal(made.code, 0, made.stderr);
	return at(`${name}.pdf`);
}

async function judge(...args) {
	const { code, stdout } = await run(program, ['verify', '--json', ...args]);
	return { code, report: JSON.parse(stdout) };
}

const limits = (r) => r.findings.concat(...r.signatures.map((s) => s.findings))
	.filter((f) => f.code === 'LIMIT').map((f) => f.detail);

async function passes(file, ...args) {
	const { code, report } = await judge(...args, file);
	assert.equal(code, 0, JSON.stringify(report.findings));
	assert.equal(report.indication, 'TOTAL-PASSED');
	assert.deepEqual(limits(report), []);
	return report;
}

async function reaches(limit, file, ...args) {
	const { code, report } = await judge(...args, file);
	assert.notEqual(code, 0);
	assert.notEqual(report.indication, 'TOTAL-PASSED');
	assert.ok(limits(report).some((detail) => limit.test(detail)),
		JSON.stringify(report.findings));
	return report;
}

test('a file of 100 MB is judged, and one byte more is not', async () => {
	const file = await pdf('file-100-mb');
	await passes(file, ...trusted());
	appendFileSync(file, '\n');
	await reaches(/over 104857600 bytes/, file, ...trusted());
	rmSync(file);
});

// That two million are judged is for test_pades.c to say: how much of its
// two seconds a document takes is the machine's affair.
test('more than two million objects are too many', async () => {
	await reaches(/over 2000000 objects/, await pdf('objects-2000001'),
		...trusted());
});

test('a hundred signatures are judged, and behind them is doubt', async () => {
	const all = await passes(await pdf('signatures-100'), ...trusted());
	assert.equal(all.signatures.length, 100);
	assert.ok(all.signatures.every((s) => s.indication === 'TOTAL-PASSED'));
	const more = await reaches(/100 signatures/, await pdf('signatures-101'),
		...trusted());
	assert.equal(more.indication, 'INDETERMINATE');
});

test('what is too long to be told is doubt, and the next file is judged',
	async () => {
	const { code, stdout } = await run(program, ['verify', '--json',
		...trusted(), await pdf('report-over-512-kib'), at('good/one.pdf')]);
	const [long, next] = stdout.trim().split('\n')
		.map((line) => JSON.parse(line));

	assert.equal(code, 3);
	assert.equal(long.indication, 'INDETERMINATE');
	assert.deepEqual([long.signatures, limits(long)],
		[[], ['a report over 524288 bytes']]);
	assert.equal(next.indication, 'TOTAL-PASSED');
});

test('a CRL of 50 MB is read, and one byte more is not', async () => {
	writeFileSync(at('big.crl'), readFileSync(at('pki/root.crl')));
	truncateSync(at('big.crl'), 50 * MB);
	const most = await run(program, ['verify', '--crl', at('big.crl'),
		at('good/one.pdf')]);
	truncateSync(at('big.crl'), 50 * MB + 1);
	const over = await run(program, ['verify', '--crl', at('big.crl'),
		at('good/one.pdf')]);

	// A PEM with zeros behind it is a CRL all the same.
	assert.equal(most.code, 1, most.stderr);
	assert.equal(over.code, 64);
	assert.match(over.stderr, /over 52428800 bytes/);
	rmSync(at('big.crl'));
});

test('an XML of 50 MB is parsed, and one byte more is not', async () => {
	const head = '<a>', tail = '</a>';
	const part = `<t>${'x'.repeat(9 * MB)}</t>`;
	const xml = (len) => {
		const body = head + part.repeat(5);
		return body + ' '.repeat(len - body.length - tail.length) + tail;
	};

	writeFileSync(at('big.xml'), xml(50 * MB));
	const most = await judge(at('big.xml'));
	writeFileSync(at('big.xml'), xml(50 * MB + 1));
	assert.deepEqual([most.code, most.report.findings], [3, []]);
	await reaches(/52428801 bytes/, at('big.xml'));
	rmSync(at('big.xml'));
});

// What one child may take beside its document; the most of all processes
// that the program waited for, in KiB.
async function memory(...args) {
	const { stdout } = await run('python3', ['-c', 'import resource, ' +
		'subprocess, sys; subprocess.run(sys.argv[1:], ' +
		'stdout=subprocess.DEVNULL); print(resource.getrusage(' +
		'resource.RUSAGE_CHILDREN).ru_maxrss)', program, 'verify', ...args]);
	return Number(stdout);
}

test('judging takes at most 64 MB and three times the document',
	async (t) => {
	// Two million objects are the most that 10 MB can hold; 64 bytes each.
	const beside = { 'half-of-it-appended': 0, 'objects-2000000': 128e6,
		'signatures-100': 0 };

	for (const [name, more] of Object.entries(beside)) {
		const file = await pdf(name);
		const document = statSync(file).size;
		const taken = await memory(...trusted(), file) * 1024;
		t.diagnostic(`${name}: ${Math.round(taken / MB)} MB for ` +
			`${Math.round(document / MB)} MB`);
		assert.ok(taken <= 64 * MB + 3 * document + more, name);
	}
});
