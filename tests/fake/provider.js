// What the simulators of providers that speak JSON share: a TLS server with a
// few routes, and a client for their notices.  Rules are the providers' own.
import { existsSync, readFileSync } from 'node:fs';
import https from 'node:https';

const contents = (given) => typeof given === 'string' && existsSync(given)
	? readFileSync(given, 'utf8').trim() : given;

export class Provider {
	orders = new Map();
	down = false;

	constructor(options) {
		for (const [name, value] of Object.entries(options))
			this[name] = contents(value);
		this.agent = new https.Agent({ keepAlive: true, ca: this.ca });
	}

	get url() {
		return `https://localhost:${this.port}`;
	}

	async up() {
		this.server = https.createServer({ key: this.key, cert: this.cert },
			(req, res) => this.take(req, res));
		await new Promise((resolve, reject) => this.server
			.once('error', reject)
			.listen(this.port ?? 0, '127.0.0.1', resolve));
		this.port = this.server.address().port;
		return this;
	}

	async close() {
		this.agent.destroy();
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	async take(req, res) {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const route = this.routes[`${req.method} ${req.url}`];
		if (this.down || route === undefined) {
			res.writeHead(this.down ? 500 : 404).end('<html>no</html>');
			return;
		}
		const answer = await route(JSON.parse(Buffer.concat(parts).toString()));
		if (answer === undefined) { // silence
			res.destroy();
			return;
		}
		res.writeHead(200, { 'content-type': 'application/json' })
			.end(JSON.stringify(answer));
	}

	// A notice; how it was answered, or status 0.
	post(url, body, headers = {}) {
		const bytes = JSON.stringify(body);
		return new Promise((resolve) => {
			const req = https.request(url, { method: 'POST',
				agent: this.agent, timeout: 15000, headers: {
					'content-type': 'application/json; charset=UTF-8',
					'content-length': Buffer.byteLength(bytes), ...headers } },
			async (res) => {
				const parts = [];
				for await (const part of res)
					parts.push(part);
				const text = Buffer.concat(parts).toString();
				let json;
				try {
					json = JSON.parse(text);
				} catch {
					json = undefined;
				}
				resolve({ status: res.statusCode, text, json });
			});
			req.on('timeout', () => req.destroy(new Error('no answer')));
			req.on('error', (e) => resolve({ status: 0, text: e.message }));
			req.end(bytes);
		});
	}
}
