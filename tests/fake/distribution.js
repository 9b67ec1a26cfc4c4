// A CA's web server: gives what its certificates point to, hands OCSP requests
// on to a responder (`openssl ocsp`), and misbehaves when told to.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const huge = 60 * 1024 * 1024;

export class Distribution {
	hits = [];
	faults = {}; // by path: see the table below
	answers = []; // of the responder, as they went

	constructor(folder) {
		this.folder = folder;
		this.server = http.createServer((req, res) => this.take(req, res));
	}

	async up(port) {
		await new Promise((resolve, reject) => this.server
			.once('error', reject).listen(port, '127.0.0.1', resolve));
		this.port = this.server.address().port;
		return this;
	}

	get url() {
		return `http://localhost:${this.port}`;
	}

	count(where) {
		return this.hits.filter((hit) => hit === where).length;
	}

	async close() {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	misbehave = {
		slow: () => {}, // never answers
		gone: (res) => res.writeHead(404).end('not here'),
		broken: (res) => res.writeHead(500).end('no'),
		moved: (res) => res.writeHead(302,
			{ location: `${this.url}/moved.crl` }).end(),
		garbage: (res) => res.writeHead(200).end('\x30\x82\x01\x00garbage'),
		page: (res) => res.writeHead(200, { 'content-type': 'text/html' })
			.end('<html>Please log in</html>'),
		empty: (res) => res.writeHead(200).end(),
		huge: (res) => res.writeHead(200).end(Buffer.alloc(huge, 0x30)),
		foreign: (res) => res.writeHead(200)
			.end(readFileSync(path.join(this.folder, 'foreign.crl'))),
		pem: (res) => res.writeHead(200)
			.end(readFileSync(path.join(this.folder, 'issuing.crl.pem'))),
		replay: (res) => res.writeHead(200).end(this.answers[0]),
	};

	async take(req, res) {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		this.hits.push(req.url);
		const fault = this.faults[req.url];
		if (fault)
			return this.misbehave[fault](res);
		if (req.url === '/ocsp')
			return this.ask(Buffer.concat(parts), res);
		return res.writeHead(200).end(readFileSync(
			path.join(this.folder, path.basename(req.url))));
	}

	// The responder speaks HTTP/1.0 and closes.
	ask(body, res) {
		const req = http.request({ port: this.responder, method: 'POST',
			agent: false, headers: { 'content-length': body.length,
				'content-type': 'application/ocsp-request' } });
		req.once('response', async (answer) => {
			const parts = [];
			for await (const part of answer)
				parts.push(part);
			this.answers.push(Buffer.concat(parts));
			res.writeHead(answer.statusCode).end(this.answers.at(-1));
		});
		req.once('error', () => res.destroy());
		req.end(body);
	}
}
