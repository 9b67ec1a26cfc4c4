// Callbacks, as a portal with its own implementation of Standard Webhooks
// hears them.  Refusals first.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { callBack, deliveries, newPortal, peers, secretFile, until, waiting }
	from './peers.js';

const types = (portal) => portal.received.map((c) => c.type);
// A second portal, as an import would make it.
const addClient = (g, code, key, url) => g.psql(`
	WITH p AS (INSERT INTO principal (tenant_id, kind, name)
		SELECT tenant_id, 'client', '${code}' FROM client RETURNING *),
	c AS (INSERT INTO client (tenant_id, id, code, rights, callback_url,
			callback_secret)
		SELECT p.tenant_id, p.id, '${code}', c.rights, '${url}',
			c.callback_secret FROM p, client c RETURNING *)
	INSERT INTO client_key (tenant_id, client_id, sha256)
	SELECT tenant_id, id, sha256('${key}') FROM c`);
const told = (portal, type) => until(() => types(portal).includes(type));

test('an inner address is not called unless the operator allows it',
	async (t) => {
	const { g, portal } = await peers(t, {
		config: { http_allow_private: [] } });
	await g.submit();

	const [first] = await until(async () => {
		const found = await deliveries(g, `channel = 'webhook'`);
		return found.length > 0 && found;
	});

	assert.equal(first.status, 'deferred');
	assert.match(first.reply, /address that is not public/);
	assert.equal(portal.attempts.length, 0);
});

test('a redirect is a failure and is not followed', async (t) => {
	const { g, portal } = await peers(t);
	portal.fail([302]);

	await g.submit();

	await told(portal, 'dossier.registered');
	assert.deepEqual(portal.attempts.map((a) => a.answer), [302, 204]);
	assert.equal(portal.attempts[0].id, portal.attempts[1].id);
	assert.equal(portal.refused.length, 0, 'nor asked with GET');
});

test('500, a cut connection and an endless answer are tried again, by one id',
	async (t) => {
	const { g, portal } = await peers(t, {
		config: { courier_backoff_percent: 0 } });
	portal.fail([500, 'reset', 'huge']);

	await g.submit();

	await told(portal, 'dossier.registered');
	assert.deepEqual(portal.attempts.map((a) => a.answer),
		[500, 'reset', 'huge', 204]);
	assert.equal(new Set(portal.attempts.map((a) => a.id)).size, 1);
	assert.equal(portal.received.length, 1);
});

test('410 disables the endpoint until an operator resumes it', async (t) => {
	const { g, portal } = await peers(t);
	portal.fail([410]);
	await g.submit();
	await until(() => portal.attempts.length === 1);
	await g.submit();
	await until(async () => (await deliveries(g,
		`channel = 'webhook' AND status = 'dead'`)).length === 2);
	assert.equal(portal.attempts.length, 1, 'nothing is sent any more');
	const queue = (...args) => g.cli(['queue', ...args, '-c', g.configFile]);
	assert.match((await queue('list')).stdout, /stopped: webhook:portal/);

	assert.equal((await queue('resume', 'webhook:portal')).code, 0);
	assert.equal((await queue('retry', '--all-dead')).code, 0);

	await until(() => portal.received.length === 2);
});

test('a body of another secret would be refused by the portal', async (t) => {
	const { g, portal } = await peers(t);
	const other = path.join(g.dir, 'other.secret');
	writeFileSync(other,
		`whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}\n`);
	await callBack(g, 'portal', portal.url, [other]);

	await g.submit();

	await until(() => portal.refused.length > 0);
	assert.equal(portal.received.length, 0);
});

test('while a secret is rotated there are two signatures', async (t) => {
	const { g, portal } = await peers(t);
	const fresh = path.join(g.dir, 'fresh.secret');
	writeFileSync(fresh,
		`whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}\n`);
	await callBack(g, 'portal', portal.url, [fresh, secretFile]);

	await g.submit();

	await told(portal, 'dossier.registered');
	assert.equal(portal.received[0].signatures, 2);
});

test('Retry-After is honoured', async (t) => {
	const { g, portal } = await peers(t);
	portal.fail(1, 503, { 'retry-after': '2' });

	await g.submit();

	await told(portal, 'dossier.registered');
	const [first, second] = portal.attempts;
	assert.ok(second.at - first.at >= 1900,
		`after ${second.at - first.at} ms`);
});

test('a callback is thin, and tells the state of the moment it goes',
	async (t) => {
	const { g, portal } = await peers(t);
	await portal.down();
	const d = await g.submit();
	await g.act(d.code, 'withdraw', { as: 'portal', reason: 'Đổi ý' });

	await portal.up();

	await told(portal, 'dossier.withdraw');
	const [registered, withdraw] = portal.received;
	assert.equal(registered.type, 'dossier.registered');
	assert.deepEqual(Object.keys(registered.data).sort(),
		['code', 'event', 'state', 'state_number']);
	assert.equal(registered.data.code, d.code);
	assert.equal(registered.data.state, 'withdrawn');
	assert.ok(withdraw.data.event > registered.data.event);
	assert.ok(portal.received.every((c) => c.text.length < 20000));
});

test('a portal hears about one dossier in the order of its events',
	async (t) => {
	const { g, portal } = await peers(t);
	portal.fail([500, 503]);

	const d = await g.dossier({ in: 'processing' });

	await until(() => portal.received.length >= 3);
	await until(async () => await waiting(g, `channel = 'webhook'`) === 0);
	const feed = (await g.feed())
		.filter((e) => e.dossier === d.code);
	const heard = portal.received.filter((c) => c.data.code === d.code);
	assert.deepEqual(heard.map((c) => c.type), feed.map((e) => e.type)
		.filter((type) => heard.some((c) => c.type === type)));
	assert.deepEqual(heard.map((c) => c.data.event),
		heard.map((c) => c.data.event).sort((a, b) => a - b));
});

test('a portal that hangs holds up neither another portal nor mail',
	async (t) => {
	const other = await newPortal();
	t.after(() => other.close());
	const { g, mail, portal } = await peers(t, {
		allow: [`localhost:${other.port}`],
		config: { courier_lease_seconds: 30 } });
	await addClient(g, 'other', 'key of the other portal', other.url);
	portal.fail(['hang', 'hang']);
	await g.submit();
	await until(() => portal.attempts.length === 1);

	await g.submit();
	const d = await g.submit({}, { headers: {
		authorization: 'Bearer key of the other portal' } });

	await until(() => other.received.length === 1 && mail.mails.length === 6);
	assert.equal(other.received[0].data.code, d.code);
	assert.equal(portal.attempts.length, 1, 'one courier at most is held up');
	assert.equal(portal.received.length, 0, 'it still hangs');
});

test('portal down for the whole story: all is told once it is back',
	async (t) => {
	const { g, portal } = await peers(t);
	await portal.down();
	const codes = [];
	for (let i = 0; i < 4; i++)
		codes.push((await g.submit()).code);
	await until(async () => (await deliveries(g,
		`channel = 'webhook' AND status = 'deferred'`)).length >= 3);

	await portal.up();

	await until(() => portal.received.length === 4);
	await until(async () => await waiting(g, `channel = 'webhook'`) === 0);
	assert.deepEqual(portal.received.map((c) => c.data.code).sort(),
		codes.sort());
});
