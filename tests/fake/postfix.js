// Debian's Postfix on loopback, with a configuration of its own: mail for
// example.com and tphcm.gov.vn goes into Maildirs, all else is refused.  It
// starts as root alone; postfixHere() says why it cannot, or false.
//
//	const mail = await startPostfix({ key, cert });
// relay: mail for gone.example goes on to the SMTP server on that port.
//
//	mail.url, mail.mails, mail.maildir, mail.log
//	await mail.down(), mail.up(), mail.close()
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync,
	readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { freePort, top, until } from '../setup/site.js';
import { readMail } from './mailserver.js';

const idOf = (name, flag) =>
	Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));

export function postfixHere() {
	if (process.getuid() !== 0)
		return 'Postfix needs root to start';
	try {
		execFileSync(path.join(top, 'tests/setup/postfix.sh'),
			{ stdio: ['ignore', 'pipe', 'pipe'] });
		return false;
	} catch (e) {
		return `${e.stderr ?? e}`.trim();
	}
}

const options = (root, dir, { key, cert, relay }) => ({
	...relay !== undefined && {
		relay_domains: 'gone.example',
		transport_maps: `inline:{gone.example=smtp:[127.0.0.1]:${relay}}`,
	},
	compatibility_level: '3.6',
	queue_directory: `${dir}/queue`,
	data_directory: `${dir}/data`,
	command_directory: `${root}/usr/sbin`,
	daemon_directory: `${root}/usr/lib/postfix/sbin`,
	shlib_directory: `${root}/usr/lib/postfix`,
	meta_directory: `${root}/etc/postfix`,
	import_environment: 'MAIL_CONFIG LD_LIBRARY_PATH PATH',
	mail_owner: 'mail',
	setgid_group: 'staff',
	inet_interfaces: '127.0.0.1',
	inet_protocols: 'ipv4',
	mynetworks: '',
	mydestination: '',
	smtpd_relay_restrictions: 'reject_unauth_destination',
	smtpd_tls_security_level: 'encrypt',
	smtpd_tls_cert_file: cert,
	smtpd_tls_key_file: key,
	virtual_mailbox_domains: 'example.com tphcm.gov.vn',
	virtual_mailbox_maps: 'static:all/',
	virtual_mailbox_base: `${dir}/box`,
	virtual_minimum_uid: '1',
	virtual_uid_maps: `static:${idOf('mail', '-u')}`,
	virtual_gid_maps: `static:${idOf('mail', '-g')}`,
	maillog_file: `${dir}/log`,
	maillog_file_prefixes: '/',
});

const services = (port) => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
smtp unix - - n - - smtp
relay unix - - n - - smtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;

const answers = (port) => new Promise((resolve) => {
	const socket = net.connect(port, '127.0.0.1');
	socket.once('data', () => {
		socket.end('QUIT\r\n');
		resolve(true);
	});
	socket.once('error', () => resolve(false));
});

class Postfix {
	constructor(tls) {
		this.tls = tls;
		this.root = path.join(top, '.run/postfix');
		this.dir = mkdtempSync(path.join(os.tmpdir(), 'postfix-'));
	}

	prepare() {
		const queue = ['active', 'bounce', 'corrupt', 'defer', 'deferred',
			'flush', 'hold', 'incoming', 'private', 'public', 'maildrop',
			'saved', 'trace'].map((name) => `queue/${name}`);
		chmodSync(this.dir, 0o755);
		mkdirSync(path.join(this.dir, 'queue/pid'), { recursive: true });
		for (const name of [...queue, 'data', 'box']) {
			mkdirSync(path.join(this.dir, name), { recursive: true });
			chownSync(path.join(this.dir, name), idOf('mail', '-u'),
				idOf('mail', '-g'));
		}
		writeFileSync(path.join(this.dir, 'main.cf'), Object.entries(
			options(this.root, this.dir, this.tls))
			.map(([name, value]) => `${name} = ${value}\n`).join(''));
		writeFileSync(path.join(this.dir, 'master.cf'),
			services(this.port));
	}

	get url() {
		return `smtp://localhost:${this.port}`;
	}

	get log() {
		const file = path.join(this.dir, 'log');
		return existsSync(file) ? readFileSync(file, 'utf8') : '';
	}

	get maildir() {
		return path.join(this.dir, 'box/all');
	}

	get mails() {
		const folder = path.join(this.maildir, 'new');
		return !existsSync(folder) ? [] : readdirSync(folder).map((name) =>
			readMail(readFileSync(path.join(folder, name), 'utf8')));
	}

	async up() {
		if (this.port === undefined) {
			this.port = await freePort();
			this.prepare();
		}
		this.child = spawn(path.join(this.root,
			'usr/lib/postfix/sbin/master'), ['-c', this.dir, '-d'], {
			stdio: 'ignore', env: { PATH: process.env.PATH,
				MAIL_CONFIG: this.dir,
				LD_LIBRARY_PATH: `${this.root}/usr/lib/postfix` } });
		this.ended = new Promise((resolve) =>
			this.child.once('exit', resolve));
		await until(() => answers(this.port), { what: 'Postfix answers' });
	}

	async down() {
		this.child?.kill('SIGTERM');
		await this.ended;
	}

	async close() {
		await this.down();
		rmSync(this.dir, { recursive: true, force: true });
	}
}

export async function startPostfix(tls) {
	const postfix = new Postfix(tls);
	await postfix.up();
	return postfix;
}
