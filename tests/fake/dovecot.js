// Debian's Dovecot on loopback, with a configuration of its own: IMAP under TLS
// on a Maildir that somebody else fills.  It looks for its parts in /usr and
// nowhere else, so it gets a /usr of its own with them in it: that takes root,
// who may mount; dovecotHere() says why it cannot start, or false.
//
//	const imap = await startDovecot({ key, cert, maildir });
//	imap.url, imap.userFile, await imap.close()
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { freePort, top, until } from '../setup/site.js';

const idOf = (name, flag) =>
	Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));

// A command that sees Dovecot where Debian's package would put it.
const among = (command) => ['-m', 'sh', '-c', 'mount -t overlay overlay -o ' +
	`"lowerdir=${top}/.run/dovecot/usr:/usr" /usr && exec ${command}`];

export function dovecotHere() {
	if (process.getuid() !== 0)
		return 'Dovecot needs root to start';
	try {
		const silent = { stdio: ['ignore', 'pipe', 'pipe'] };
		execFileSync(path.join(top, 'tests/setup/dovecot.sh'), silent);
		execFileSync('unshare', among('dovecot --version'), silent);
		return false;
	} catch (e) {
		return `${e.stderr ?? e}`.trim();
	}
}

const options = (dir, { key, cert, maildir, port }) => `
base_dir = ${dir}/base
state_dir = ${dir}/state
log_path = ${dir}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = mail
default_internal_group = mail
default_login_user = nobody
ssl = required
ssl_cert = <${cert}
ssl_key = <${key}
mail_location = maildir:${maildir}
first_valid_uid = 1
passdb {
  driver = static
  args = password=dovecot-secret
}
userdb {
  driver = static
  args = uid=${idOf('mail', '-u')} gid=${idOf('mail', '-g')} home=${dir}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${port}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
namespace inbox {
  inbox = yes
}
`;

const answers = (port) => new Promise((resolve) => {
	const socket = net.connect(port, '127.0.0.1');
	socket.once('connect', () => {
		socket.end();
		resolve(true);
	});
	socket.once('error', () => resolve(false));
});

export async function startDovecot(given) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'dovecot-'));
	const port = await freePort();
	const userFile = path.join(dir, 'user');
	execFileSync('chmod', ['755', dir]);
	for (const name of ['base', 'state', 'home'])
		mkdirSync(path.join(dir, name));
	execFileSync('chown', ['mail:mail', path.join(dir, 'home')]);
	writeFileSync(userFile, 'unit\ndovecot-secret\n', { mode: 0o600 });
	writeFileSync(path.join(dir, 'conf'), options(dir,
		{ ...given, port }));
	const child = spawn('unshare', among(`dovecot -F -c ${dir}/conf`),
		{ stdio: 'ignore' });
	const ended = new Promise((resolve) => child.once('exit', resolve));
	await until(() => answers(port), { what: 'Dovecot answers' });
	return { url: `imaps://localhost:${port}`, userFile, dir,
		async close() {
			child.kill('SIGTERM');
			await ended;
			rmSync(dir, { recursive: true, force: true });
		} };
}
