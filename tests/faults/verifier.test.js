// A verifier that dies: its document is in doubt, the gateway stays up.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateway, submission, until } from '../api/gateway.js';
import { isDead, metrics, signalAll, smallApplication, verifiers } from './harm.js';

test('killed while it judges: INDETERMINATE, and nothing is stored',
	async (t) => {
	const g = await gateway(t);
	const small = await smallApplication(g);
	const stopped = verifiers(g);
	assert.ok(stopped.length >= 2, 'there are verifiers');

	signalAll(stopped, 'SIGSTOP');
	const answer = g.form('/v1/dossiers', submission(small));
	// The calendar is what is read last before the verifier is asked.
	await until(async () => (await g.psql(`SELECT 1 FROM pg_stat_activity
		WHERE datname = current_database() AND state = 'idle'
		AND query LIKE '%like_weekday%'`)).length > 0);
	signalAll(stopped, 'SIGKILL');
	const res = await answer;

	assert.ok([422, 503].includes(res.status), res.text);
	const [document] = res.json.documents;
	assert.equal(document.report.indication, 'INDETERMINATE');
	assert.ok(JSON.stringify(document.report).includes('"VERIFIER"'));
	assert.equal((await g.psql('SELECT 1 FROM dossier')).length, 0);
	assert.ok((await metrics(g)).hosogate_verifier_crashed_total >= 1);
	assert.ok(!g.child.gone);
	await g.submit(small);
});

test('killed between documents it is replaced, and nobody notices',
	async (t) => {
	const g = await gateway(t);
	const small = await smallApplication(g);
	for (let round = 0; round < 3; round++) {
		const old = verifiers(g);
		signalAll(old, 'SIGKILL');
		await until(() => old.every(isDead));
		await g.submit(small);
		assert.notDeepEqual(verifiers(g), old);
	}
});
