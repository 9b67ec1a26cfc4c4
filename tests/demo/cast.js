// The programs that play beside the gateway in the demo: the portal, VNPay's
// simulator and the mail server.  Each a process of its own.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { startMail } from '../fake/mailserver.js';
import { load } from '../setup/sample.js';
import { freePort, pki, psql, Site, top } from '../setup/site.js';

// Starts a program that prints JSON lines; first is its first one.
export async function start(file, args) {
	const child = spawn(process.execPath, [path.join(top, file), ...args],
		{ stdio: ['pipe', 'pipe', 'inherit'], cwd: top });
	const lines = createInterface({ input: child.stdout });
	const ended = new Promise((resolve) => child.once('exit', resolve));
	const first = JSON.parse(await Promise.race([
		new Promise((resolve) => lines.once('line', resolve)),
		ended.then((code) => {
			throw new Error(`${file} ended with ${code}`);
		})]));
	return { child, lines, first, async stop() {
		child.kill('SIGTERM');
		await ended;
	} };
}

async function startPortal(url) {
	const program = await start('tests/demo/portal.js', ['--url', url]);
	const waiting = new Map();
	program.lines.on('line', (line) => {
		const answer = JSON.parse(line);
		waiting.get(answer.n)(answer);
		waiting.delete(answer.n);
	});
	let n = 0;
	const order = (what) => new Promise((resolve, reject) => {
		waiting.set(++n, (answer) => answer.error
			? reject(new Error(answer.error)) : resolve(answer));
		program.child.stdin.write(`${JSON.stringify({ n, ...what })}\n`);
	});
	return { callbacks: program.first.callbacks, order,
		get: (at) => order({ method: 'GET', path: at }),
		form: (at, form) => order({ method: 'POST', path: at, form }),
		post: (at, json) => order({ method: 'POST', path: at, json }),
		received: () => order({ received: true }), stop: program.stop };
}

const startVnpay = (port, site) => start('tests/fake/vnpay.js', [
	'--port', `${port}`, '--cert', pki('tls/vnpay.crt'),
	'--key', pki('tls/vnpay.key'), '--terminal', 'DEMO0001',
	'--secret-file', pki('secret/vnpay.secret'), '--ca', pki('tls/ca.crt'),
	'--ipn', `${site.url}/v1/payments/callbacks/vnpay`,
	'--retry-ms', '2000']);

// A site with all of them, configured and not yet migrated or started.
export async function cast(name, options = {}) {
	const known = await psql('postgres',
		`SELECT 1 FROM pg_database WHERE datname = '${name}'`);
	if (known.length === 0)
		await psql('postgres', `CREATE DATABASE ${name} OWNER hosogate_owner`);
	const vnpayPort = await freePort();
	const mail = await startMail({ cert: pki('tls/smtp.crt'),
		key: pki('tls/smtp.key'), tls: 'require' });
	const site = new Site(name, name, { ...options, config: {
		smtp_url: mail.url,
		head_seconds: 1,
		tick_ms: 100,
		vnpay_pay_url: `https://localhost:${vnpayPort}/paymentv2/vpcpay.html`,
		vnpay_api_url:
			`https://localhost:${vnpayPort}/merchant_webapi/api/transaction`,
		...options.config } });
	site.port = await freePort(options.port);
	site.url = `https://localhost:${site.port}`;
	const portal = await startPortal(site.url);
	const vnpay = await startVnpay(vnpayPort, site);
	site.options.port = site.port;
	site.options.config.http_allow_private = [
		`localhost:${new URL(portal.callbacks).port}`, `localhost:${vnpayPort}`,
		...options.allow ?? []];
	await site.configure();
	return { site, mail, portal, vnpay, vnpayPort,
		load: () => load(site, portal.callbacks),
		async stop() {
			const code = await site.stop();
			site.close();
			await portal.stop();
			await vnpay.stop();
			await mail.close();
			return code;
		} };
}
