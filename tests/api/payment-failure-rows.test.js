// Every row of the callback table has a test that names it: "row N" in its
// name, or "row N, M and O".
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { top } from '../setup/site.js';

const rows = 62;
const here = path.join(top, 'tests/api');

// The names of tests alone: what a comment says proves nothing.
const code = readdirSync(here).filter((name) => name.endsWith('.test.js'))
	.map((name) => readFileSync(path.join(here, name), 'utf8'))
	.join('\n').replace(/^\s*\/\/.*$/gm, '');
const names = [...code.matchAll(
	/\b(?:test|row|each)\(\s*('(?:[^'\\]|\\.)*'|`[^`]*`)/g)].map((m) => m[1]);

test('every row of the callback table is named by a test', () => {
	const named = new Set(names.flatMap((name) =>
		[...name.matchAll(/\brows? (\d+(?:(?:, | and )\d+)*)/g)]
			.flatMap((m) => m[1].split(/, | and /).map(Number))));

	assert.deepEqual(Array.from({ length: rows }, (_, i) => i + 1)
		.filter((row) => !named.has(row)), []);
});
