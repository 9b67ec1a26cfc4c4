// hosogate verify --extract-revision: what a signature covers, to the byte, can
// be taken out and verified for itself, whatever was added later.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { program, run } from '../setup/site.js';

let dir;
const at = (name) => path.join(dir, name);

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), 'revision-'));
	const made = await run('sh', ['tests/fixtures/make-pdf.sh', dir]);
	assert.equal(made.code, 0, made.stderr);
});

after(() => rmSync(dir, { recursive: true }));

const extract = (n, file) => run(program, ['verify', '--extract-revision',
	String(n), file], { encoding: 'buffer' });

async function judge(file) {
	const { stdout } = await run(program, ['verify', '--json',
		'--trust', at('pki/root.crt'), '--crl', at('pki/root.crl'), file]);
	return JSON.parse(stdout);
}

test('where there is no such signature nothing is written, and it is 3',
	async () => {
	for (const [n, name] of [[2, 'good/one.pdf'], [1, 'good/plain.pdf'],
		[1, 'bad/byterange-null.pdf'], [1, 'bad/prev-circle.pdf'],
		[1, 'nobody.pdf'], [1, 'pki/root.crt']]) {
		const { code, stdout } = await extract(n, at(name));
		assert.equal(code, 3, name);
		assert.equal(stdout.length, 0, name);
	}
});

test('each signed revision is a prefix and passes by itself', async () => {
	const whole = readFileSync(at('good/two.pdf'));
	const sizes = [];

	for (const n of [1, 2]) {
		const { code, stdout } = await extract(n, at('good/two.pdf'));
		assert.equal(code, 0);
		assert.ok(whole.subarray(0, stdout.length).equals(stdout));
		writeFileSync(at('taken.pdf'), stdout);
		const report = await judge(at('taken.pdf'));
		assert.equal(report.indication, 'TOTAL-PASSED');
		assert.equal(report.signatures[n - 1].covers, 'whole');
		sizes.push(stdout.length);
	}
	assert.ok(sizes[0] < sizes[1]);
	assert.equal(sizes[1], whole.length);
});

// The proof for a person: this is what was signed, and this is what was shown.
test('what was signed can be taken out of a document that was changed',
	async () => {
	let taken = 0;

	for (const name of readdirSync(at('bad'))) {
		const file = at(`bad/${name}`);
		const report = await judge(file);
		const [s] = report.signatures;

		if (s?.integrity !== 'intact' || s.changes_after !== 'forbidden' ||
			s.covers !== 'revision')
			continue;
		const { code, stdout } = await extract(1, file);
		assert.equal(code, 0, name);
		assert.ok(stdout.length < readFileSync(file).length, name);
		writeFileSync(at('taken.pdf'), stdout);
		const alone = await judge(at('taken.pdf'));
		assert.equal(alone.indication, 'TOTAL-PASSED', name);
		assert.equal(alone.document_modified, false, name);
		taken++;
	}
	assert.ok(taken > 50, `${taken}`);
});
