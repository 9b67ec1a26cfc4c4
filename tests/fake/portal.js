// The portal's callback receiver, which knows nothing of hosogate's code: it
// checks each Standard Webhooks signature by its own, keeps what it was told,
// and can be as unreliable as receivers are.
//
//	const portal = await startPortal({ key, cert, secret });
//	portal.url        where to call
//	portal.received   what was told and answered 2xx: {id, type, data, ...}
//	portal.attempts   every call, with how it was answered
//	portal.fail(3)                the next three get 500
//	portal.fail([302, 410])      the next two get these
//	portal.fail('hang')          the next is never answered
//	portal.fail(Infinity, 503, { 'retry-after': '7' })
//	portal.well()                from now on all is well again
//	await portal.down(), portal.up(), portal.close()
//
// As a program it prints one JSON line a callback:
//	node tests/fake/portal.js --port 8443 --cert F --key F --secret-file F
import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import https from 'node:https';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const tolerance = 300; // seconds, either way

const contents = (given) =>
	existsSync(given) ? readFileSync(given, 'utf8').trim() : given;

const equal = (a, b) => a.length === b.length && timingSafeEqual(a, b);

// Which of our secrets has signed this?  -1: none.
export function signedBy(secrets, headers, body) {
	const { 'webhook-id': id, 'webhook-timestamp': at,
		'webhook-signature': signatures } = headers;
	if (!id || !/^\d+$/.test(at ?? '') || !signatures)
		return -1;
	if (Math.abs(Date.now() / 1000 - Number(at)) > tolerance)
		return -1;
	return secrets.findIndex((secret) => {
		const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
		const wanted = createHmac('sha256', key)
			.update(`${id}.${at}.`).update(body).digest();
		return signatures.split(' ').some((s) => s.startsWith('v1,') &&
			equal(Buffer.from(s.slice(3), 'base64'), wanted));
	});
}

const oddities = {
	hang() {},
	reset: (req) => req.socket.destroy(),
	huge(req, res) {
		const more = () => {
			while (!res.destroyed && res.write('x'.repeat(65536)));
		};
		res.writeHead(200);
		res.on('drain', more);
		more();
	},
};

class Portal {
	received = [];
	refused = [];
	attempts = [];
	plan = [];

	constructor({ key, cert, secret, port = 0, told = () => {} }) {
		this.tls = { key: contents(key), cert: contents(cert) };
		this.secrets = [secret].flat().map(contents);
		this.port = port;
		this.told = told;
	}

	get url() {
		return `https://localhost:${this.port}/callbacks`;
	}

	async up() {
		this.server = https.createServer(this.tls,
			(req, res) => this.take(req, res));
		await new Promise((resolve, reject) => this.server
			.once('error', reject)
			.listen(this.port, '127.0.0.1', resolve));
		this.port = this.server.address().port;
	}

	async down() {
		const { server } = this;
		this.server = undefined;
		if (!server)
			return;
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	}

	close() {
		return this.down();
	}

	fail(what = 1, status = 500, headers = {}) {
		if (Array.isArray(what))
			this.plan.push(...what.map((answer) => ({ answer, headers })));
		else if (typeof what === 'string')
			this.plan.push({ answer: what, headers });
		else
			this.plan.push({ answer: status, headers, times: what });
	}

	well() {
		this.plan = [];
	}

	next() {
		const step = this.plan[0];
		if (step === undefined)
			return { answer: 204, headers: {} };
		step.times = (step.times ?? 1) - 1;
		if (step.times === 0)
			this.plan.shift();
		return step;
	}

	async take(req, res) {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const body = Buffer.concat(parts);
		const secret = signedBy(this.secrets, req.headers, body);
		const call = { id: req.headers['webhook-id'],
			sentAt: Number(req.headers['webhook-timestamp']),
			signatures: req.headers['webhook-signature']?.split(' ').length,
			secret, text: body.toString(), at: Date.now() };
		if (secret < 0) {
			this.refused.push(call);
			res.writeHead(401).end();
			return;
		}
		Object.assign(call, JSON.parse(call.text));
		this.answer(call, req, res);
	}

	answer(call, req, res) {
		const { answer, headers } = this.next();
		this.attempts.push({ ...call, answer });
		if (typeof answer === 'string') {
			oddities[answer](req, res);
			return;
		}
		if (answer >= 200 && answer <= 299) {
			this.received.push(call);
			this.told(call);
		}
		res.writeHead(answer, answer >= 300 && answer <= 399
			? { location: this.url, ...headers } : headers).end();
	}
}

export async function startPortal(options) {
	const portal = new Portal(options);
	await portal.up();
	return portal;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const text = { type: 'string' };
	const { values: o } = parseArgs({ options: { port: text, cert: text,
		key: text, 'secret-file': { ...text, multiple: true } } });
	const say = (line) => console.log(JSON.stringify(line));
	const portal = await startPortal({ key: o.key, cert: o.cert,
		secret: o['secret-file'], port: Number(o.port ?? 0),
		told: ({ id, type, timestamp, data }) =>
			say({ id, type, timestamp, data }) });
	say({ port: portal.port, url: portal.url });
	for (const name of ['SIGTERM', 'SIGINT'])
		process.once(name, () => portal.close());
}
