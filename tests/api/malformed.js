// Requests that no honest client sends, as bytes, and a socket that sends
// them.  Each names the rule of RFC 9112 or 9110 that it breaks; what they
// have in common is that a proxy and a server may read them differently.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

import { pki } from '../setup/site.js';

const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const smuggled = head('GET /smuggled HTTP/1.1', 'Host: localhost');

export const malformed = {
	'Content-Length and Transfer-Encoding (9112, 6.1)':
		head('POST /v1/sessions HTTP/1.1', 'Host: localhost',
			'Content-Length: 5', 'Transfer-Encoding: chunked') +
		`0\r\n\r\n${smuggled}`,
	'two different Content-Length (9112, 6.3)':
		head('POST /v1/sessions HTTP/1.1', 'Host: localhost',
			'Content-Length: 0', 'Content-Length: 40') + smuggled,
	'a Content-Length that is no number (9112, 6.3)':
		head('POST /v1/sessions HTTP/1.1', 'Host: localhost',
			'Content-Length: +5') + 'hello',
	'no Host (9112, 3.2)': head('GET /healthz HTTP/1.1'),
	'two Host (9112, 3.2)':
		head('GET /healthz HTTP/1.1', 'Host: localhost', 'Host: other'),
	'a space before the colon (9112, 5.1)':
		head('POST /v1/sessions HTTP/1.1', 'Host: localhost',
			'Content-Length : 40') + smuggled,
	'NUL in a value (9110, 5.5)':
		head('GET /healthz HTTP/1.1', 'Host: localhost', 'X-A: a\0b'),
	'a folded line (9112, 5.2)':
		head('GET /healthz HTTP/1.1', 'Host: localhost', 'X-A: a', ' b: c'),
	'an unknown method': head('BREW /healthz HTTP/1.1', 'Host: localhost'),
	'gzip before chunked (9112, 6.1)':
		head('POST /v1/sessions HTTP/1.1', 'Host: localhost',
			'Transfer-Encoding: gzip, chunked') + '0\r\n\r\n',
	'a chunk size that is none (9112, 7.1)':
		head('POST /v1/sessions HTTP/1.1', 'Host: localhost',
			'Content-Type: application/json',
			'Transfer-Encoding: chunked') + `zz\r\n{}\r\n0\r\n\r\n${smuggled}`,
	'HTTP/3.7': head('GET /healthz HTTP/3.7', 'Host: localhost'),
	'40 KB of header': head('GET /healthz HTTP/1.1', 'Host: localhost',
		`X-A: ${'a'.repeat(40960)}`),
};

// Sends bytes and answers with all that came back until the other side closed
// or was silent for a while.
export function exchange(where, bytes, { silence = 1500 } = {}) {
	return new Promise((resolve) => {
		const socket = where.socketPath ? net.connect(where.socketPath)
			: tls.connect({ host: 'localhost', port: where.port,
				ca: readFileSync(pki('tls/ca.crt')) });
		const parts = [];
		const done = (closed) => {
			socket.destroy();
			const text = Buffer.concat(parts).toString('latin1');
			resolve({ text, closed, statuses: [...text.matchAll(
				/^HTTP\/1\.[01] (\d{3})/gm)].map(([, s]) => Number(s)) });
		};
		socket.setTimeout(silence, () => done(false));
		socket.on('data', (part) => parts.push(part));
		socket.on('error', () => done(true));
		socket.on('close', () => done(true));
		socket.write(bytes, 'latin1');
	});
}
