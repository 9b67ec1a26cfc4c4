// hosogate sign, seen from outside: what it refuses, what it writes and where,
// and that hosogate verify and poppler's pdfsig both find it valid.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync,
	statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { program, run } from '../setup/site.js';

let dir, work;
const made = (name) => path.join(dir, name);
const here = (name) => path.join(work, name);
const key = (name = 'signer') => ['--pkcs12', made(`pki/${name}.p12`),
	'--password-file', made('pki/password')];
const sign = (...args) => run(program, ['sign', ...args]);
const verify = async (...args) => JSON.parse((await run(program, ['verify',
	'--json', '--trust', made('pki/root.crt'), '--crl',
	made('pki/root.crl'), ...args])).stdout);

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), 'sign-'));
	const { code, stderr } = await run('sh',
		['tests/fixtures/make-pdf.sh', dir]);
	assert.equal(code, 0, stderr);
});

beforeEach(() => {
	work = mkdtempSync(path.join(dir, 'work-'));
	copyFileSync(made('good/plain.pdf'), here('a.pdf'));
});

after(() => rmSync(dir, { recursive: true }));

test('a command line that says too little or too much is refused with 64',
	async () => {
		for (const args of [[], [here('a.pdf')], key(),
			[...key(), '--no-such', here('a.pdf')],
			[...key(), '--out', here('b'), here('a.pdf'),
				here('c.pdf')]]) {
			const { code, stdout, stderr } = await sign(...args);
			assert.equal(code, 64);
			assert.equal(stdout, '');
			assert.match(stderr, /usage: hosogate sign/);
		}
	});

test('a wrong password opens nothing and signs nothing', async () => {
	const { code, stderr } = await sign('--pkcs12', made('pki/signer.p12'),
		'--password-file', made('pki/number'), here('a.pdf'));
	assert.equal(code, 1);
	assert.match(stderr, /signer\.p12/);
	assert.ok(!existsSync(here('a.signed.pdf')));
});

test('a file that exists is never written over', async () => {
	copyFileSync(made('good/one.pdf'), here('a.signed.pdf'));
	const { code } = await sign(...key(), here('a.pdf'));
	assert.equal(code, 1);
	assert.deepEqual(readFileSync(here('a.signed.pdf')),
		readFileSync(made('good/one.pdf')));
});

test('what cannot be signed does not keep the others from it', async () => {
	copyFileSync(made('bad/signed-at-1.pdf'), here('no.pdf'));
	const { code, stdout, stderr } = await sign(...key(), here('no.pdf'),
		here('a.pdf'));
	assert.equal(code, 1);
	assert.match(stderr, /no\.pdf/);
	assert.equal(stdout, `${here('a.signed.pdf')}\n`);
	assert.ok(!existsSync(here('no.signed.pdf')));
});

test('a PDF is signed beside itself and stays as it was', async () => {
	const before = readFileSync(here('a.pdf'));
	const { code } = await sign(...key(), '--reason', 'Phê duyệt',
		'--location', 'Huế', here('a.pdf'));
	assert.equal(code, 0);
	assert.deepEqual(readFileSync(here('a.pdf')), before);
	assert.deepEqual(readFileSync(here('a.signed.pdf'))
		.subarray(0, before.length), before);
	const report = await verify(here('a.signed.pdf'));
	assert.equal(report.indication, 'TOTAL-PASSED');
	assert.equal(report.signatures[0].level, 'B-B');
	assert.equal(report.signatures[0].covers, 'whole');
	const said = await run('pdfsig', ['-nocert', here('a.signed.pdf')]);
	assert.match(said.stdout, /Signature is Valid/);
	assert.match(said.stdout, /Total document signed/);
});

test('a second signature leaves the first one valid', async () => {
	await sign(...key(), here('a.pdf'));
	const { code } = await sign(...key('second'), '--out', here('b.pdf'),
		here('a.signed.pdf'));
	assert.equal(code, 0);
	const report = await verify(here('b.pdf'));
	assert.equal(report.indication, 'TOTAL-PASSED');
	assert.equal(report.document_modified, false);
	assert.deepEqual(report.signatures.map((s) =>
		[s.signer.name, s.covers, s.changes_after]), [
		['signer', 'revision', 'permitted'], ['second', 'whole', 'none']]);
	const first = await run(program, ['verify', '--extract-revision', '1',
		here('b.pdf')], { encoding: 'latin1' });
	assert.equal(first.stdout.length, statSync(here('a.signed.pdf')).size);
});

test('a detached CAdES verifies with its content and with no other',
	async () => {
		const { code } = await sign(...key(), '--cades', here('a.pdf'));
		assert.equal(code, 0);
		const good = await verify('--content', here('a.pdf'),
			here('a.pdf.p7s'));
		assert.equal(good.indication, 'TOTAL-PASSED');
		assert.equal(good.signatures[0].level, 'B-B');
		assert.ok(good.signatures[0].claimed_time);
		const bad = await verify('--content', made('good/one.pdf'),
			here('a.pdf.p7s'));
		assert.equal(bad.subindication, 'HASH_FAILURE');
	});
