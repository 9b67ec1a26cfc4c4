// One HTTP call at a time, over TLS or a unix socket, with what a test wants
// to look at.  Node's fetch knows neither a CA of one's own nor unix sockets.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

const parsed = (headers, text) => {
	if (!/\bjson\b/.test(headers['content-type'] ?? ''))
		return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

// where: {port, ca, agent} or {socketPath}.  No answer within ms is an error.
export function call(where, { method = 'GET', path, headers = {}, body,
	ms = 60000 }) {
	const lib = where.socketPath ? http : https;
	return new Promise((resolve, reject) => {
		const req = lib.request({ host: 'localhost', ...where, method, path,
			headers: { ...body !== undefined && {
				'content-length': Buffer.byteLength(body) }, ...headers },
			timeout: ms }, (res) => {
			const parts = [];
			res.on('data', (part) => parts.push(part));
			res.on('error', reject);
			res.on('end', () => {
				const bytes = Buffer.concat(parts);
				const text = bytes.toString();
				resolve({ status: res.statusCode, headers: res.headers,
					bytes, text, json: parsed(res.headers, text) });
			});
		});
		req.on('timeout', () => req.destroy(
			new Error(`no answer to ${method} ${path} in ${ms} ms`)));
		req.on('error', reject);
		req.end(body);
	});
}

// parts: {name: object}, sent as JSON, or {name: {data, file, type}}.
export function multipart(parts) {
	const boundary = `hosogate-${randomUUID()}`;
	const out = [];
	for (const [name, part] of Object.entries(parts)) {
		const isFile = part.data !== undefined;
		const file = isFile && part.file !== undefined
			? `; filename="${part.file}"` : '';
		const type = isFile ? part.type ?? 'application/octet-stream'
			: 'application/json';
		out.push(Buffer.from(`--${boundary}\r\nContent-Disposition: ` +
			`form-data; name="${name}"${file}\r\n` +
			`Content-Type: ${type}\r\n\r\n`));
		out.push(isFile ? Buffer.from(part.data)
			: Buffer.from(JSON.stringify(part)));
		out.push(Buffer.from('\r\n'));
	}
	out.push(Buffer.from(`--${boundary}--\r\n`));
	return { body: Buffer.concat(out),
		type: `multipart/form-data; boundary=${boundary}` };
}
