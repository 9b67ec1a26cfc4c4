// One submission, a thousand times at once: one dossier.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, submission } from '../api/gateway.js';
import { smallApplication } from './harm.js';

test('1,000 concurrent duplicates of one submission are one dossier',
	async (t) => {
	const g = await gateway(t);
	const form = submission(await smallApplication(g));

	const answers = await Promise.all(Array.from({ length: 1000 }, () =>
		g.form('/v1/dossiers', form, { key: 'the-same' })));

	const by = (status) => answers.filter((a) => a.status === status);
	const made = by(201);
	assert.ok(made.length >= 1);
	assert.equal(new Set(made.map((a) => a.text)).size, 1, 'byte for byte');
	for (const a of answers)
		assert.ok(a.status === 201 ||
			a.json.code === 'idempotency-key-in-flight' ||
			a.json.code === 'busy', a.text);
	const counts = await g.psql(`SELECT (SELECT count(*) FROM dossier),
		(SELECT count(*) FROM event), (SELECT count(*) FROM document)`);
	assert.deepEqual(counts[0].map(Number), [1, 1, 4]);
});
