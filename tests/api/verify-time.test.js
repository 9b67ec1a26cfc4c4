// What becomes of a signature while the years pass, by the hands of openssl
// alone: signed by `openssl cms`, stamped by `openssl ts`, revoked by
// `openssl ca`, and judged by `hosogate verify --at`.  Refusals first.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { addUnsigned, attribute, TIMESTAMP, value } from '../fixtures/cms.js';
import { program, run } from '../setup/site.js';

const DAY = 86400000;
const config = `
[ca]
default_ca = here
[here]
dir = .
database = index
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = root.pem
private_key = root.key
default_md = sha256
policy = any
[any]
commonName = supplied
[signer]
keyUsage = critical, digitalSignature, nonRepudiation
[tsa]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[stamps]
serial = stamps
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[req]
distinguished_name = dn
[dn]
`;

let dir;
const at = (days) => new Date(Date.now() + days * DAY);
const asn1 = (date) => `${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`;
const inside = (name) => path.join(dir, name);

async function openssl(...args) {
	const { code, stderr } = await run('openssl', args, { cwd: dir });
	assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
}

async function certify(name, profile, end) {
	await openssl('req', '-new', '-config', 'cnf', '-newkey', 'ec', '-pkeyopt',
		'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`,
		'-subj', `/CN=${name}`, '-out', `${name}.csr`);
	await openssl('ca', '-config', 'cnf', '-batch', '-notext', '-extensions',
		profile, '-startdate', asn1(at(-1)), '-enddate', asn1(end),
		'-in', `${name}.csr`, '-out', `${name}.pem`);
}

async function crl(name) {
	await openssl('ca', '-config', 'cnf', '-gencrl', '-crl_lastupdate',
		asn1(at(-0.5)), '-crl_nextupdate', asn1(at(90)), '-out', name);
}

async function sign(name) {
	await openssl('cms', '-sign', '-cades', '-binary', '-nodetach', '-in',
		'content', '-signer', `${name}.pem`, '-inkey', `${name}.key`,
		'-outform', 'DER', '-out', `${name}.p7m`);
	const signed = readFileSync(inside(`${name}.p7m`));
	writeFileSync(inside('value'), value(signed));
	await openssl('ts', '-query', '-data', 'value', '-sha256', '-cert',
		'-out', 'query');
	await openssl('ts', '-reply', '-config', 'cnf', '-section', 'stamps',
		'-queryfile', 'query', '-signer', 'tsa.pem', '-inkey', 'tsa.key',
		'-token_out', '-out', 'token');
	writeFileSync(inside(`${name}-stamped.p7m`), addUnsigned(signed,
		attribute(TIMESTAMP, readFileSync(inside('token')))));
}

// openssl revokes as of now; its database is a text.
async function revoke(name, date) {
	await openssl('ca', '-config', 'cnf', '-revoke', `${name}.pem`);
	const lines = readFileSync(inside('index'), 'utf8').split('\n')
		.map((line) => line.startsWith('R') && line.endsWith(`/CN=${name}`)
			? line.replace(/^(R\t\w+\t)\w+/, `$1${asn1(date).slice(2)}`)
			: line);
	writeFileSync(inside('index'), lines.join('\n'));
}

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), 'verify-time-'));
	writeFileSync(inside('cnf'), config);
	for (const name of ['serial', 'crlnumber', 'stamps'])
		writeFileSync(inside(name), '01\n');
	appendFileSync(inside('index'), '');
	writeFileSync(inside('content'), 'Đơn đề nghị\n');
	await openssl('req', '-x509', '-config', 'cnf', '-newkey', 'ec', '-pkeyopt',
		'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'root.key', '-subj',
		'/CN=root', '-days', '3650', '-out', 'root.pem', '-addext',
		'basicConstraints=critical,CA:TRUE', '-addext',
		'keyUsage=critical,keyCertSign,cRLSign');
	await certify('tsa', 'tsa', at(3000));
	await certify('short', 'signer', at(5));
	await certify('long', 'signer', at(3000));
	await sign('short');
	await sign('long');
	await crl('before.crl');
	await revoke('long', at(3));
	await crl('after.crl');
});

after(() => rmSync(dir, { recursive: true }));

async function judge(name, days, list) {
	const { code, stdout } = await run(program, ['verify', '--json', '--at',
		at(days).toISOString(), '--trust', inside('root.pem'), '--crl',
		inside(list), inside(name)]);
	const report = JSON.parse(stdout);

	assert.equal(report.signatures[0].integrity, 'intact');
	return [code, report.indication, report.subindication];
}

const passed = [0, 'TOTAL-PASSED', null];

test('an expired certificate without a timestamp is doubt', async () => {
	assert.deepEqual(await judge('short.p7m', 10, 'before.crl'),
		[1, 'INDETERMINATE', 'OUT_OF_BOUNDS_NOT_REVOKED']);
});

test('a revoked certificate without a timestamp is doubt', async () => {
	assert.deepEqual(await judge('long.p7m', 10, 'after.crl'),
		[1, 'INDETERMINATE', 'REVOKED_NO_POE']);
});

test('a timestamp proves nothing when nobody knows whether it was revoked',
	async () => {
	assert.deepEqual(await judge('short-stamped.p7m', 100, 'before.crl'),
		[1, 'INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE']);
});

test('what was signed in time is good while nothing has ended', async () => {
	for (const name of ['short.p7m', 'short-stamped.p7m', 'long.p7m',
		'long-stamped.p7m'])
		assert.deepEqual(await judge(name, 1, 'before.crl'), passed, name);
});

test('what was stamped before the end stays good', async () => {
	assert.deepEqual(await judge('short-stamped.p7m', 10, 'before.crl'),
		passed);
	assert.deepEqual(await judge('long-stamped.p7m', 10, 'after.crl'), passed);
});

test('the text tells each timestamp with its kind and its own verdict',
	async () => {
	const { stdout } = await run(program, ['verify', '--trust',
		inside('root.pem'), '--crl', inside('before.crl'),
		inside('short-stamped.p7m')]);

	assert.match(stdout, new RegExp('Dấu thời gian · Timestamp: ' +
		'chữ ký · signature, [0-9T:.-]+Z: Hợp lệ · TOTAL-PASSED'));
});
