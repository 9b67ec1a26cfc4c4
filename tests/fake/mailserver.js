// The mail server of the tests: Python's aiosmtpd, an SMTP server that is not
// ours, with a Maildir.  Here are its start and stop, and a reader of mail.
//
//	const mail = await startMail({ key, cert, tls: 'require' });
//	mail.url                      smtp://localhost:port
//	mail.mails                    all that arrived, oldest first:
//	    {from, to, tls, headers, subject, messageId, text, html, files, raw};
//	    a file is {type, name, bytes}
//	mail.refuse('a@b', '550 no')  such a recipient gets that; '*': everyone
//	mail.welcome()                nobody does any more
//	mail.hold(), mail.release()   messages are kept and not answered meanwhile;
//	                              hold('EHLO'): nobody is even welcomed
//	mail.peak                     how many sessions there were at once, at most
//	await mail.down(), mail.up(), mail.close()
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { freePort } from '../setup/site.js';

const program = fileURLToPath(new URL('mailserver.py', import.meta.url));

// RFC 2047 as it should be read: words side by side join without the blank.
export function decodeWords(value) {
	return value.replace(/(\?=)\s+(?==\?)/g, '$1')
		.replace(/=\?utf-8\?b\?([^?]*)\?=/gi,
			(_, text) => `\u0000${text}\u0001`)
		.replace(/(?:\u0000[^\u0001]*\u0001)+/g, (run) => Buffer.concat(
			run.match(/\u0000[^\u0001]*/g).map((w) =>
				Buffer.from(w.slice(1), 'base64'))).toString('utf8'));
}

function readHeaders(text) {
	const headers = {};
	for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
		const colon = line.indexOf(':');
		headers[line.slice(0, colon).toLowerCase()] =
			line.slice(colon + 1).trim();
	}
	return headers;
}

function split(text) {
	const end = text.search(/\r?\n\r?\n/);
	return { headers: readHeaders(text.slice(0, end)),
		body: text.slice(end).replace(/^\r?\n\r?\n/, '') };
}

// The leaves of a multipart, however deep: {type, name, bytes}.
function leaves({ headers, body }) {
	const kind = headers['content-type'];
	const boundary = /boundary="([^"]+)"/.exec(kind)?.[1];
	if (boundary !== undefined)
		return body.split(`--${boundary}`).slice(1, -1).flatMap((text) =>
			leaves(split(text.replace(/^\r?\n/, ''))));
	const name = [.../filename\*(?:\d+\*)?=(?:UTF-8'')?([^;]*)/gi[Symbol
		.matchAll](headers['content-disposition'] ?? '')]
		.map((m) => decodeURIComponent(m[1])).join('');
	return [{ type: kind.split(';')[0], name,
		bytes: Buffer.from(body, 'base64') }];
}

// One message of the kind that hosogate sends, or anyone who keeps to MIME.
export function readMail(raw) {
	const { headers, body } = split(raw);
	const parts = leaves({ headers, body });
	const text = (type) => parts.find((part) => part.type === type)
		?.bytes.toString('utf8');
	return { from: headers['x-mailfrom'], to: headers['x-rcptto'],
		tls: headers['x-tls'] === 'yes', headers,
		subject: decodeWords(headers.subject),
		messageId: headers['message-id'],
		text: text('text/plain'), html: text('text/html'),
		files: parts.filter((part) => part.name !== ''), raw };
}

// Maildir names begin with the second, microsecond and number of delivery.
const order = (name) => {
	const [, sec, us, , n] = /^(\d+)\.M(\d+)P(\d+)Q(\d+)/.exec(name);
	return Number(sec) * 1e9 + Number(us) * 1e2 + Number(n) % 100;
};

class Mail {
	constructor({ key, cert, tls = 'require', port, dir }) {
		this.options = { key, cert, tls };
		this.port = port;
		this.ours = dir === undefined;
		this.dir = dir ?? mkdtempSync(path.join(os.tmpdir(), 'maildir-'));
	}

	get url() {
		return `smtp://localhost:${this.port}`;
	}

	get mails() {
		const folder = path.join(this.dir, 'mail/new');
		try {
			return readdirSync(folder)
				.sort((a, b) => order(a) - order(b))
				.map((name) => readMail(
					readFileSync(path.join(folder, name), 'utf8')));
		} catch {
			return []; // nothing has come yet
		}
	}

	async up() {
		const { key, cert, tls } = this.options;
		this.port ??= await freePort();
		this.child = spawn('/usr/bin/python3', [program, '--port',
			`${this.port}`, '--dir', this.dir, '--tls', tls,
			...tls === 'none' ? [] : ['--cert', cert, '--key', key]],
		{ stdio: ['ignore', 'pipe', 'ignore'] });
		this.ended = new Promise((resolve) =>
			this.child.once('exit', resolve));
		const lines = createInterface({ input: this.child.stdout });
		await Promise.race([
			new Promise((resolve) => lines.once('line', resolve)),
			this.ended.then((code) => {
				throw new Error(`the mail server ended with ${code}`);
			})]);
	}

	async down() {
		this.child?.kill('SIGKILL');
		await this.ended;
	}

	async close() {
		await this.down();
		if (this.ours)
			rmSync(this.dir, { recursive: true, force: true });
	}

	refuse(address, reply) {
		writeFileSync(path.join(this.dir, 'rules'), `${address} ${reply}\n`);
	}

	welcome() {
		rmSync(path.join(this.dir, 'rules'), { force: true });
	}

	// How many sessions there have been at once.
	get peak() {
		try {
			return Number(readFileSync(path.join(this.dir, 'peak'), 'utf8')
				.trim().split('\n').pop());
		} catch {
			return 0; // nobody has come yet
		}
	}

	hold(verb = 'DATA') {
		writeFileSync(path.join(this.dir, 'hold'), verb);
	}

	release() {
		rmSync(path.join(this.dir, 'hold'), { force: true });
	}
}

export async function startMail(options) {
	const mail = new Mail(options);
	await mail.up();
	return mail;
}
