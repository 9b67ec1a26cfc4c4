// A gateway as an operator has it: a folder with a configuration and the files
// it names, a database, the program.  Tests, the demo, the fault and the speed
// tests all stand on this; none of it is known to the program.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, mkdirSync, mkdtempSync,
	openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { call } from './http.js';

export const top = path.resolve(fileURLToPath(import.meta.url), '../../..');
export const pki = (name) => path.join(top, '.run/pki', name);
export const secret = (name) =>
	readFileSync(pki(`secret/${name}`), 'utf8').trim();
export const document = (name) =>
	readFileSync(path.join(top, '.run/documents', name));
export const program = path.resolve(process.env.HOSOGATE ??
	path.join(top, 'hosogate'));
export const password = 'demo-password';

// What with-cluster.sh has started.
const cluster = () => {
	const name = process.env.HOSOGATE_CLUSTER;
	if (!name)
		throw new Error('no PostgreSQL: run this by ' +
			'tests/setup/with-cluster.sh COMMAND...');
	return { dir: path.join(top, '.run', name),
		socket: process.env.PGHOST };
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Waits for a condition, never for a time.
export async function until(condition, { within = 20000, what = '' } = {}) {
	const end = Date.now() + within;
	for (;;) {
		const value = await condition();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`not within ${within} ms: ` +
				(what || condition.toString()));
		await pause(20);
	}
}

export function run(file, args, options = {}) {
	return new Promise((resolve) => {
		const child = execFile(file, args, { cwd: top, maxBuffer: 1 << 26,
			...options }, (error, stdout, stderr) => resolve({
			code: error === null ? 0 : error.code ?? error.signal,
			stdout, stderr }));
		child.stdin?.end(options.input);
	});
}

// Below those that the kernel gives to clients, which would have it a moment later.
const anyPort = () => 10240 + Math.floor(Math.random() * 22000);

// A port that is free now: the wanted one, if it is.
export async function freePort(wanted = anyPort()) {
	const server = net.createServer();
	const listening = await new Promise((resolve) => server
		.once('error', () => resolve(false))
		.listen(wanted, '127.0.0.1', () => resolve(true)));
	if (!listening)
		return freePort();
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

// Not /usr/bin/psql: Debian's is a Perl script that looks for clusters.
const psqlProgram = '/usr/lib/postgresql/15/bin/psql';
const psqlOptions = (database) => ['-XAtq', '-F', '\x1f', '-R', '\x1e', '-v',
	'ON_ERROR_STOP=1', '-h', cluster().socket, '-U', 'postgres', '-d', database];

export async function psql(database, sql) {
	const done = await run(psqlProgram, [...psqlOptions(database), '-c', sql]);
	if (done.code !== 0)
		throw new Error(`psql: ${done.stderr}`);
	const text = done.stdout.replace(/\n$/, '');
	return text === '' ? [] :
		text.split('\x1e').map((row) => row.split('\x1f'));
}

// A transaction of somebody else's, open until commit() or the test's end; say()
// rejects where a statement failed.
export async function transaction(t, database) {
	const child = spawn(psqlProgram, psqlOptions(database));
	let told = '', wrong = '';

	t.after(() => child.kill());
	child.stdout.on('data', (text) => { told += text; });
	child.stderr.on('data', (text) => { wrong += text; });
	const say = async (sql) => {
		told = '';
		child.stdin.write(`${sql};\n\\echo done\n`);
		await until(() => told.includes('done') || child.exitCode !== null,
			{ what: sql });
		if (child.exitCode !== null)
			throw new Error(`psql: ${wrong}`);
	};
	await say('BEGIN');
	return { say, commit: () => say('COMMIT') };
}

const quoted = (value) =>
	`"${String(value).replace(/[\\"]/g, '\\$&')}"`;

// libconfuse: strings in quotes, lists in braces, numbers bare.
const option = ([name, value]) => `${name} = ${Array.isArray(value)
	? `{${value.map(quoted).join(', ')}}`
	: typeof value === 'number' ? value : quoted(value)}\n`;

const sanitizer =
	/ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:/;

// Our own functions in a sanitizer's report, by name, file and line.
const named = (report) => report.replace(
	/\((\S*\/hosogate)\+(0x[0-9a-f]+)\)/g, (at, file, offset) =>
		execFileSync('addr2line', ['-fpe', file, offset]).toString().trim());

export class Site {
	// database exists already; options override the configuration's.
	constructor(name, database, options = {}) {
		this.dir = path.join(cluster().dir, name);
		this.database = database;
		this.options = options;
		// A connection is given up before the gateway would, in whose 30 s
		// one may be reused at the very moment that it ends.
		this.agent = new https.Agent({ keepAlive: true, maxSockets: 256,
			timeout: 20000, ca: readFileSync(pki('tls/ca.crt')) });
		rmSync(this.dir, { recursive: true, force: true });
		mkdirSync(this.dir, { recursive: true });
		this.logFile = path.join(this.dir, 'log');
		this.configFile = path.join(this.dir, 'hosogate.conf');
		// A socket's path has to fit into 108 bytes.
		this.sockets = this.dir.length < 90 ? this.dir
			: mkdtempSync('/tmp/hosogate-');
		this.operatorSocket = path.join(this.sockets, 'op');
		this.unixSocket = path.join(this.sockets, 'http');
	}

	conninfo(role) {
		return `host=${cluster().socket} dbname=${this.database} user=${role}`;
	}

	async configure() {
		this.port = this.options.port ?? await freePort();
		this.url = `https://localhost:${this.port}`;
		this.config = {
			public_url: this.url,
			listen_https: `127.0.0.1:${this.port}`,
			tls_certificate: pki('tls/gateway.crt'),
			tls_key: pki('tls/gateway.key'),
			listen_unix: this.unixSocket,
			listen_operator: this.operatorSocket,
			workers: 4,
			verifiers: 2,
			database: this.conninfo('hosogate_gateway'),
			database_owner: this.conninfo('hosogate_owner'),
			trust_public: [pki('public')],
			trust_government: [pki('government')],
			trust_timestamp: [pki('timestamp')],
			untrusted: [pki('untrusted')],
			crls: [pki('crl')],
			link_key_file: pki('secret/link.key'),
			head_key_file: pki('secret/head.key'),
			receipt_key_file: pki('people/agency.p12'),
			receipt_password_file: pki('people/.password'),
			http_ca_file: pki('tls/ca.crt'),
			smtp_ca_file: pki('tls/ca.crt'),
			vnpay_terminal: 'DEMO0001',
			vnpay_secret_files: [pki('secret/vnpay.secret')],
			vnpay_pay_url: 'https://localhost:9/paymentv2/vpcpay.html',
			vnpay_api_url: 'https://localhost:9/merchant_webapi/api/transaction',
			...this.options.config,
		};
		writeFileSync(this.configFile, Object.entries(this.config)
			.map(option).join(''));
	}

	environment() {
		return { ...process.env, ...this.options.env };
	}

	async cli(args, options = {}) {
		const done = await run(program, args,
			{ env: this.environment(), ...options });
		return sanitizer.test(done.stderr)
			? { ...done, stderr: named(done.stderr) } : done;
	}

	// A command that has to succeed.
	async must(...args) {
		const done = await this.cli(args);
		if (done.code !== 0)
			throw new Error(`hosogate ${args.join(' ')}: ${done.code}\n` +
				done.stdout + done.stderr);
		return done;
	}

	async start({ within = 60000 } = {}) {
		const log = openSync(this.logFile, 'a');
		this.child = spawn(program, ['serve', '-c', this.configFile], {
			cwd: top, env: this.environment(),
			stdio: ['ignore', log, log] });
		closeSync(log);
		appendFileSync(path.join(cluster().dir, 'pids'),
			`${this.child.pid}\n`);
		this.exited = new Promise((resolve) => this.child.once('exit',
			(code, signal) => {
				this.child.gone = true;
				resolve(signal ?? code);
			}));
		await until(() => this.ready(), { within, what: 'the gateway is ready' });
	}

	async ready() {
		if (this.child.gone)
			throw new Error(`the gateway ended: ${await this.exited}\n` +
				this.log);
		try {
			return (await this.operator('/readyz')).status === 200;
		} catch {
			return false;
		}
	}

	get log() {
		return existsSync(this.logFile)
			? readFileSync(this.logFile, 'utf8') : '';
	}

	get sanitizerReport() {
		const { log } = this;
		const at = log.search(sanitizer);
		return at < 0 ? '' : named(log.slice(Math.max(0, at - 200), at + 6000));
	}

	operator(where) {
		return call({ socketPath: this.operatorSocket }, { path: where,
			ms: 5000 });
	}

	call(request) {
		return call({ port: this.port, agent: this.agent }, request);
	}

	callUnix(request) {
		return call({ socketPath: this.unixSocket }, request);
	}

	async signal(name, within = 30000) {
		if (!this.child || this.child.gone)
			return this.exited;
		this.child.kill(name);
		await until(() => this.child.gone, { within,
			what: `the gateway ends on ${name}` });
		return this.exited;
	}

	kill() {
		return this.signal('SIGKILL');
	}

	// Answers with the exit status; a gateway that does not drain is killed.
	async stop() {
		try {
			return await this.signal('SIGTERM');
		} catch (e) {
			await this.kill();
			throw e;
		}
	}

	async restart() {
		await this.stop();
		await this.start();
	}

	close() {
		this.agent.destroy();
		if (this.sockets !== this.dir)
			rmSync(this.sockets, { recursive: true, force: true });
	}
}

export const sha256 = (bytes) =>
	createHash('sha256').update(bytes).digest('hex');

// SHA-256 of a certificate's DER, as an import file names it.
export const fingerprint = (file) => sha256(Buffer.from(
	readFileSync(file, 'utf8').split('-----')[2], 'base64'));
