// The record changed by hand, behind the triggers, as hosogate audit sees it.
import assert from 'node:assert/strict';

export const verify = (g) => g.cli(['audit', 'verify', '-c', g.configFile]);

export const tamper = (g, sql) =>
	g.psql(`SET session_replication_role = replica; ${sql}`);

// A lie in the record is found and named; mended, there is none.
export async function caught(g, sql, undo, what) {
	await tamper(g, sql);
	const done = await verify(g);
	assert.equal(done.code, 1, `${sql}\n${done.stdout}${done.stderr}`);
	assert.match(done.stdout, what);
	await tamper(g, undo);
	const again = await verify(g);
	assert.equal(again.code, 0, `${undo}\n${again.stdout}`);
}
