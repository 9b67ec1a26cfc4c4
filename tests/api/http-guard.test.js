// What no handler ever sees: malformed and slow HTTP, bodies beyond the
// limits, paths that are not there.  Raw sockets, since no client would send
// this.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';

import { gateway, pki, until } from './gateway.js';
import { malformed } from './malformed.js';

const crlf = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const probe = crlf('GET /healthz HTTP/1.1', 'Host: h');
const post = (...lines) => crlf('POST /v1/sessions HTTP/1.1', 'Host: h',
	'Content-Type: application/json', ...lines);

// A connection that keeps what it hears.
class Wire {
	text = '';
	closed = false;

	constructor(socket) {
		this.socket = socket;
		socket.on('data', (d) => { this.text += d.toString('latin1'); });
		socket.on('error', () => {});
		this.gone = new Promise((resolve) => socket.on('close', () => {
			this.closed = true;
			resolve();
		}));
	}

	send(bytes) {
		this.socket.write(bytes, 'latin1');
		return this;
	}

	get statuses() {
		return [...this.text.matchAll(/HTTP\/1\.1 (\d+)/g)]
			.map(([, status]) => Number(status));
	}

	answers(count) {
		return until(() => this.statuses.length >= count,
			{ what: `${count} answers, not ${this.text}` });
	}

	end() {
		return until(() => this.closed, { what: 'the connection ends' });
	}
}

const unix = (g) => new Wire(net.connect(g.unixSocket));
const direct = (g) => new Wire(tls.connect({ port: g.port, host: '127.0.0.1',
	servername: 'localhost', ca: readFileSync(pki('tls/ca.crt')) }));

// Beside malformed.js: what is malformed in our eyes alone, or in an URL.
const sins = {
	...malformed,
	'the same Content-Length twice': post('Content-Length: 2',
		'Content-Length: 2') + '{}',
	'a control byte in a field': crlf('GET /healthz HTTP/1.1', 'Host: h',
		'X-A: a\x01b'),
	'bare line feeds': 'GET /healthz HTTP/1.1\nHost: h\nX-A: b\n\n',
	'two Authorization': post('Authorization: a', 'Authorization: b'),
	'an encoded NUL in the path': crlf('GET /healthz%00 HTTP/1.1',
		'Host: h'),
	'an encoded slash': crlf('GET /v1%2fevents HTTP/1.1', 'Host: h'),
	'half an escape': crlf('GET /v1/events%4 HTTP/1.1', 'Host: h'),
	'a query parameter twice': crlf('GET /healthz?a=1&a=2 HTTP/1.1',
		'Host: h'),
	'a path of 9000 bytes': crlf(`GET /${'a'.repeat(9000)} HTTP/1.1`,
		'Host: h'),
};

// These libmicrohttpd answers itself, in HTML, before we hear of them.
const itsOwn = /no number|none|HTTP\/3\.7|40 KB/;

test('what two readers may read differently ends the connection', async (t) => {
	const g = await gateway(t);
	for (const [sin, bytes] of Object.entries(sins)) {
		if (itsOwn.test(sin))
			continue;
		for (const listener of [unix, direct]) {
			const wire = listener(g).send(bytes + probe);
			await wire.end();
			assert.deepEqual(wire.statuses, [400], `${sin}: ${wire.text}`);
			assert.match(wire.text, /application\/problem\+json/, sin);
			assert.match(wire.text, /"code":"bad-request"/, sin);
			assert.match(wire.text, /Connection: close/i, sin);
		}
	}
});

test('more than 100 fields are refused', async (t) => {
	const g = await gateway(t);
	const many = Array.from({ length: 100 }, (_, i) => `X-${i}: a`);
	const wire = unix(g).send(
		crlf('GET /healthz HTTP/1.1', 'Host: h', ...many));
	await wire.end();
	assert.deepEqual(wire.statuses, [431]);
});

test('one connection serves many requests, of workers too', async (t) => {
	const g = await gateway(t);
	for (const listener of [unix, direct]) {
		const wire = listener(g);
		const bytes = [probe, crlf('GET /v1/stats/on-time HTTP/1.1', 'Host: h'),
			crlf('GET /nowhere HTTP/1.1', 'Host: h'),
			post('Content-Length: 2') + '{}', probe];
		for (const [i, request] of bytes.entries())
			await wire.send(request).answers(i + 1);
		assert.deepEqual(wire.statuses, [200, 200, 404, 400, 200]);
		assert.ok(!wire.closed);
		// and when they come all at once
		await wire.send(bytes.join('')).answers(10);
		assert.deepEqual(wire.statuses.slice(5), [200, 200, 404, 400, 200]);
		wire.socket.destroy();
	}
});

test('a client that drips bytes is ended, others are served', async (t) => {
	const g = await gateway(t, { config: { request_seconds: 1 } });
	const slow = [unix(g).send('GET /healthz HTTP/1.1\r\nHost: h\r\nX-A: '),
		direct(g).send(post('Content-Length: 1000')),
		unix(g).send('GET'), unix(g)];
	const drip = setInterval(() => slow.slice(0, 3).forEach((w) =>
		w.socket.writable && w.send('x')), 50);
	t.after(() => clearInterval(drip));

	await Promise.all(slow.map((w) => w.end()));
	for (const w of slow)
		assert.deepEqual(w.statuses, []);
	const wire = unix(g).send(probe);
	await wire.answers(1);
	wire.socket.destroy();
	const { text } = await g.operator('/metrics');
	const reaped = Number(/^hosogate_requests_reaped_total (\d+)/m.exec(text)[1]);
	assert.ok(reaped >= 4, `${reaped} were reaped`);
});

test('a body beyond its limit is answered 413', async (t) => {
	const g = await gateway(t, { config: { body_max: 1024 } });
	const large = '"'.repeat(2000);

	// A little more: it is read, and the connection goes on.
	const kept = unix(g).send(post('Content-Length: 2000') + large + probe);
	await kept.answers(2);
	assert.deepEqual(kept.statuses, [413, 200]);
	kept.socket.destroy();

	const chunked = unix(g).send(post('Transfer-Encoding: chunked') +
		`7d0\r\n${large}\r\n0\r\n\r\n${probe}`);
	await chunked.answers(2);
	assert.deepEqual(chunked.statuses, [413, 200]);
	chunked.socket.destroy();

	// Much more, or more for which the client asks first: not read at all.
	for (const ask of [['Content-Length: 9000000'],
		['Content-Length: 2000', 'Expect: 100-continue']]) {
		const wire = unix(g).send(post(...ask));
		await wire.end();
		assert.deepEqual(wire.statuses, [413]);
	}
	const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
	await unix(g).send(post('Transfer-Encoding: chunked'))
		.send(chunk.repeat(64)).end();
});

test('a path that is not there is 404, a method 405 with Allow', async (t) => {
	const g = await gateway(t);
	const res = await g.callUnix({ path: '/v1/nothing' });
	assert.equal(res.status, 404);
	assert.equal(res.json.code, 'not-found');
	const wrong = await g.callUnix({ method: 'PUT', path: '/v1/dossiers' });
	assert.equal(wrong.status, 405);
	assert.equal(wrong.headers.allow, 'POST, GET, HEAD');
	assert.equal(wrong.json.code, 'method-not-allowed');
});

test("the operator's paths exist on the operator's listener alone",
	async (t) => {
	const g = await gateway(t);
	for (const path of ['/readyz', '/metrics']) {
		assert.equal((await g.callUnix({ path })).status, 404);
		assert.equal((await g.call({ path })).status, 404);
		assert.equal((await g.operator(path)).status, 200);
	}
	for (const res of [await g.call({ path: '/healthz' }),
		await g.operator('/healthz')])
		assert.equal(res.text, 'ok\n');
});

test('another media type than the one expected is 415', async (t) => {
	const g = await gateway(t);
	const send = (path, type) => g.callUnix({ method: 'POST', path,
		headers: { authorization: 'Bearer x', 'content-type': type },
		body: '{}' });
	for (const type of ['text/plain', 'application/jsonp', ''])
		assert.equal((await send('/v1/sessions', type)).status, 415);
	assert.equal((await send('/v1/dossiers', 'application/json')).status, 415);
});

test('a form is refused before it is sent to someone unknown', async (t) => {
	const g = await gateway(t);
	const wire = unix(g).send(crlf('POST /v1/dossiers HTTP/1.1', 'Host: h',
		'Content-Type: multipart/form-data; boundary=b',
		'Content-Length: 40000000', 'Expect: 100-continue'));
	await wire.end();
	assert.deepEqual(wire.statuses, [401]);
});

test('malformed and too large forms are refused', async (t) => {
	const g = await gateway(t, { config: { document_max: 4096,
		form_max: 8192 } });
	const part = (name, data) => `--b\r\nContent-Disposition: form-data; ` +
		`name="${name}"\r\n\r\n${data}\r\n`;
	const send = async (body) => (await g.callUnix({ method: 'POST',
		path: '/v1/dossiers', body, headers: { ...await g.credentials(),
			'content-type': 'multipart/form-data; boundary=b' } })).json.code;
	assert.equal(await send(''), 'bad-form');
	assert.equal(await send(part('a', '1')), 'bad-form');
	assert.equal(await send(`${part('a', '1')}${part('a', '2')}--b--`),
		'bad-form');
	assert.equal(await send(`${part('a', '1')}--b--\r\nmore`), 'bad-form');
	assert.equal(await send(`${part('a', 'x'.repeat(5000))}--b--`),
		'too-large');
	assert.equal(await send(`${part('a', 'x'.repeat(4000))}${
		part('b', 'x'.repeat(4000))}${part('c', 'x'.repeat(4000))}--b--`),
	'too-large');
});

test('forms beyond uploads_max are 503 until others are answered',
	async (t) => {
	const g = await gateway(t, { config: { uploads_max: 1 << 20 } });
	const form = async (...lines) => crlf('POST /v1/dossiers HTTP/1.1',
		'Host: h', `Authorization: ${(await g.credentials()).authorization}`,
		'Content-Type: multipart/form-data; boundary=b',
		'Content-Length: 900000', ...lines);
	const first = unix(g).send(`${await form()}--b\r\n`);
	await until(async () => /^hosogate_requests_open 2$/m.test(
		(await g.operator('/metrics')).text));

	const second = unix(g).send(await form('Expect: 100-continue'));
	await second.end();
	assert.deepEqual(second.statuses, [503]);
	first.socket.destroy();
	const third = await until(async () => {
		const wire = unix(g).send(await form('Expect: 100-continue'));
		await until(() => /^HTTP/.test(wire.text));
		wire.socket.destroy();
		return /^HTTP\/1\.1 100/.test(wire.text);
	});
	assert.ok(third);
});

test('TLS below 1.2 is refused', async (t) => {
	const g = await gateway(t);
	for (const version of ['TLSv1', 'TLSv1.1']) {
		const socket = tls.connect({ port: g.port, host: '127.0.0.1',
			servername: 'localhost', rejectUnauthorized: false,
			minVersion: version, maxVersion: version,
			ciphers: 'DEFAULT@SECLEVEL=0' });
		const [error] = await once(socket, 'error');
		assert.match(error.code, /ALERT|VERSION|ECONNRESET/, version);
	}
});

test('every answer carries the trace and the headers of the house',
	async (t) => {
	const g = await gateway(t);
	const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
	const res = await g.call({ path: '/v1/nothing', headers: {
		traceparent: `00-${trace}-00f067aa0ba902b7-01`,
		'accept-language': 'en' } });
	assert.equal(res.headers['x-trace-id'], trace);
	assert.equal(res.json.trace_id, trace);
	assert.equal(res.json.title, 'There is no such thing here.');
	assert.equal(res.headers['x-content-type-options'], 'nosniff');
	assert.equal(res.headers['cache-control'], 'no-store');
	assert.match(res.headers['strict-transport-security'], /max-age=\d+/);
	const other = await g.call({ path: '/v1/nothing' });
	assert.match(other.headers['x-trace-id'], /^[0-9a-f]{32}$/);
	assert.equal(other.json.title, 'Không tìm thấy.');
	assert.equal(other.json.titles.en, 'There is no such thing here.');
});

test('beyond connections_max a request is 503, and none hangs', async (t) => {
	const g = await gateway(t, { config: { connections_max: 16 } });
	const crowd = Array.from({ length: 16 }, () => unix(g).send(probe));
	await Promise.all(crowd.map((w) => w.answers(1)));

	const late = unix(g).send(probe);
	await late.end();
	assert.deepEqual(late.statuses, [503]);
	assert.match(late.text, /Retry-After: \d+/);
	crowd.forEach((w) => w.socket.destroy());
	await until(async () => (await g.callUnix({ path: '/healthz',
		headers: { connection: 'close' } })).status === 200);
});

test('what has begun is answered before the gateway stops', async (t) => {
	const g = await gateway(t);
	// The second half of this body comes after the signal.
	const wire = unix(g).send(post('Content-Length: 2') + '{');
	// This question is the other one of the two.
	await until(async () => /^hosogate_requests_open 2$/m.test(
		(await g.operator('/metrics')).text));
	g.child.kill('SIGTERM');
	await until(() => /"stopping"/.test(g.log));
	wire.send('}');
	await wire.end();
	assert.deepEqual(wire.statuses, [400]);
	assert.match(wire.text, /Connection: close/i);
	assert.equal(await g.exited, 0);
});

test('what is asked on open connections while it stops harms nothing',
	async (t) => {
	const g = await gateway(t);
	const { authorization } = await g.credentials();
	const question = crlf('GET /v1/events?limit=1 HTTP/1.1', 'Host: h',
		`Authorization: ${authorization}`);

	for (let round = 0; round < 5; round++) {
		const crowd = Array.from({ length: 200 },
			() => unix(g).send(question));
		await Promise.all(crowd.map((w) => w.answers(1)));
		g.child.kill('SIGTERM');
		await until(() => /"stopping"/.test(g.log));
		// One after another, so that one comes at each step of the end.
		for (const wire of crowd)
			await wire.send(question).gone;
		assert.equal(await g.exited, 0);
		await g.start();
	}
});
