// docs/haproxy.cfg as shipped, in front of the gateway's unix socket.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { test } from 'node:test';

import { call } from '../setup/http.js';
import { freePort, top } from '../setup/site.js';
import { gateway, pki, until } from './gateway.js';
import { exchange, malformed } from './malformed.js';

const cut = (text, from, to) => {
	assert.ok(text.includes(from), `the configuration has ${from}`);
	return text.replaceAll(from, to);
};

// The shipped file with this test's paths and ports, and shorter waits.
async function proxy(t, g) {
	const dir = path.join(g.dir, 'haproxy');
	const ports = { public: await freePort(), portal: await freePort() };
	const file = path.join(dir, 'haproxy.cfg');
	mkdirSync(dir);
	writeFileSync(path.join(dir, 'gateway.pem'), Buffer.concat(['crt', 'key']
		.map((end) => readFileSync(pki(`tls/gateway.${end}`)))));
	writeFileSync(path.join(dir, 'portal-ca.pem'), Buffer.concat(
		['public/root.crt', 'untrusted/issuing.crt']
			.map((name) => readFileSync(pki(name)))));
	writeFileSync(path.join(dir, 'portal-ca.crl'), ['public', 'issuing']
		.map((name) => execFileSync('openssl', ['crl', '-inform', 'DER', '-in',
			pki(`crl/${name}.crl`)])).join(''));
	let text = readFileSync(path.join(top, 'docs/haproxy.cfg'), 'utf8');
	text = cut(text, '/etc/hosogate/tls', dir);
	text = cut(text, '/run/hosogate/http', g.unixSocket);
	text = cut(text, 'bind :443 ', `bind 127.0.0.1:${ports.public} `);
	text = cut(text, 'bind :8443 ', `bind 127.0.0.1:${ports.portal} `);
	text = cut(text, 'timeout http-request 10s', 'timeout http-request 1s');
	text = text.replace(/^\t(user|group|log \/dev\/log).*\n/gm, '');
	writeFileSync(file, text);

	const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
	t.after(() => child.kill('SIGKILL'));
	const where = { port: ports.public, ca: readFileSync(pki('tls/ca.crt')) };
	await until(() => call(where, { path: '/healthz' }).catch(() => null));
	return { ...where, portal: ports.portal };
}

test('haproxy accepts the shipped configuration and carries requests',
	async (t) => {
	const g = await gateway(t);
	const p = await proxy(t, g);

	const res = await call(p, { path: '/v1/stats/on-time' });
	assert.equal(res.status, 200);
	assert.ok(res.headers['strict-transport-security']);
	assert.equal((await call(p, { path: '/readyz' })).status, 404,
		'what is the operator\'s stays inside');
});

// RFC 9112, 5.2: a proxy may also unfold the line, and HAProxy does; and it
// speaks its own version to us, whatever it was spoken to in (2.3).
const mended = new Set(['a folded line (9112, 5.2)', 'HTTP/3.7']);

test('through it as directly, what is malformed is refused, nothing smuggled',
	async (t) => {
	const g = await gateway(t);
	const p = await proxy(t, g);
	for (const [way, where] of [['proxy', p], ['unix', {
		socketPath: g.unixSocket }], ['tls', { port: g.port }]])
		for (const [sin, bytes] of Object.entries(malformed)) {
			const { statuses, text } = await exchange(where, bytes);
			assert.ok(statuses.every((s) => s >= 400) ||
				(way === 'proxy' && mended.has(sin)),
				`${way}: ${sin}: ${text.slice(0, 300)}`);
		}
	assert.ok(!g.log.includes('/smuggled'));
	assert.equal((await g.get('/healthz', { as: 'nobody' })).status, 200);
});

test('headers that dribble are ended', async (t) => {
	const g = await gateway(t);
	const p = await proxy(t, g);
	const { text, closed } = await exchange(p, 'GET /healthz HTTP/1.1\r\nHost:',
		{ silence: 5000 });
	assert.ok(closed);
	assert.match(text, /^HTTP\/1\.1 408|^$/);
});

test('the portals\' door opens for a certificate of ours alone', async (t) => {
	const g = await gateway(t);
	const p = await proxy(t, g);
	const as = (name) => call({ port: p.portal, ca: p.ca,
		agent: new https.Agent({ ca: p.ca, keepAlive: false,
			...name && { cert: readFileSync(pki(`people/${name}.crt`)),
				key: readFileSync(pki(`people/${name}.key`)) } }) },
	{ path: '/healthz', ms: 5000 });

	assert.equal((await as('citizen')).status, 200);
	for (const name of ['', 'stranger', 'revoked'])
		await assert.rejects(as(name), name || 'without one');
});
