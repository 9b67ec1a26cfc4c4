// A mail server that offers PIPELINING before STARTTLS, after it, or both: what
// counts is what it says under TLS (RFC 3207, 4.2).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';

import { citizen, gateway, pki, until } from './gateway.js';
import { deliveries, quick } from './peers.js';

const context = tls.createSecureContext({ key: readFileSync(pki('tls/smtp.key')),
	cert: readFileSync(pki('tls/smtp.crt')) });

// Answers each command, and keeps every piece that came under TLS.
function converse(socket, pieces, offer) {
	let text = false;
	socket.on('error', () => {});
	socket.on('data', (chunk) => {
		const piece = chunk.toString('latin1');
		pieces.push(piece);
		for (const line of piece.split('\r\n').slice(0, -1)) {
			if (text && line !== '.')
				continue;
			const verb = text ? 'end' : line.split(/[ :]/)[0];
			text = verb === 'DATA';
			socket.write({ EHLO: `250-here\r\n${offer}250 HELP\r\n`,
				DATA: '354 go\r\n', QUIT: '221 bye\r\n' }[verb] ??
				'250 ok\r\n');
		}
	});
}

// Plain until STARTTLS.
async function startServer(t, { before, after }) {
	const pieces = [];
	const server = net.createServer((socket) => {
		socket.on('error', () => {});
		socket.write('220 here\r\n');
		socket.on('data', function plain(chunk) {
			if (!`${chunk}`.startsWith('STARTTLS')) {
				socket.write(`250-here\r\n${before}250 STARTTLS\r\n`);
				return;
			}
			socket.off('data', plain);
			socket.write('220 go\r\n');
			converse(new tls.TLSSocket(socket, { isServer: true,
				secureContext: context }), pieces, after);
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => server.close());
	return { url: `smtp://localhost:${server.address().port}`, pieces };
}

// The two mails of a new dossier.
async function mails(t, offers) {
	const server = await startServer(t, offers);
	const g = await gateway(t, { config: { ...quick, couriers: 1,
		smtp_sessions: 1, smtp_url: server.url } });
	await g.submit();
	const sent = await until(async () => {
		const found = await deliveries(g, `status = 'sent'`);
		return found.length === 2 && found;
	});
	assert.ok(sent.every((d) => d.tls && d.code === 250));
	return server.pieces.slice(server.pieces.findIndex((piece) =>
		piece.startsWith('MAIL')));
}

const offer = '250-PIPELINING\r\n';

test('what was offered before STARTTLS is forgotten', async (t) => {
	const [first] = await mails(t, { before: offer, after: '' });

	assert.equal(first, 'MAIL FROM:<sgddt@tphcm.gov.vn>\r\n');
});

test('what is offered under TLS is used, for the next mail as well',
	async (t) => {
	const [first, second] = await mails(t, { before: '', after: offer });

	const envelope = 'MAIL FROM:<sgddt@tphcm\\.gov\\.vn>\r\n' +
		`RCPT TO:<(${citizen.email}|sgddt@tphcm\\.gov\\.vn)>\r\nDATA\r\n$`;
	assert.match(first, new RegExp(`^${envelope}`));
	assert.match(second, new RegExp(`\r\n\\.\r\n${envelope}`));
});
