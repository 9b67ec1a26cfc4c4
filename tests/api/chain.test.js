// hosogate chain, seen from outside: its options, its exit statuses, its JSON
// (DESIGN 7), the path validation suite of NIST (PKITS) and OCSP answers good
// and bad, all by way of the sandboxed child.  Refusals first.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { parseCsv } from '../setup/csv.js';
import { program, run, top } from '../setup/site.js';

const corpus = path.join(top, '../shared/corpus');
const noCorpus = existsSync(path.join(corpus, 'index.csv')) ? false
	: '../shared/corpus is not here';

let dir;
const at = (name) => path.join(dir, name);
const chain = (...args) => run(program, ['chain', ...args]);

// Keys, extensions and an OCSP responder's list, by openssl alone.
async function openssl(...args) {
	const { code, stderr } = await run('openssl', args, { cwd: dir });
	assert.equal(code, 0, `openssl ${args.join(' ')}: ${stderr}`);
}

async function certificate(name, issuer, ...extensions) {
	// MD5 has no signature algorithm with EC keys.
	const key = [...name.startsWith('rsa-') ? ['-newkey', 'rsa:2048']
		: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
	'-nodes', '-keyout', `${name}.key`];
	const by = issuer === null ? []
		: ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
	const serial = ['-set_serial', `${name.length}${name.charCodeAt(0)}`];

	await openssl('req', '-x509', '-config', 'req.cnf', ...key, ...by,
		...serial, '-subj', `/O=Chain test/CN=${name}`, '-days', '30',
		...extensions.flatMap((e) => ['-addext', e]),
		'-out', `${name}.pem`);
}

const caOnly = ['basicConstraints=critical,CA:TRUE',
	'keyUsage=critical,keyCertSign,cRLSign'];
const signing = ['basicConstraints=critical,CA:FALSE',
	'keyUsage=critical,digitalSignature'];
const ocspSigning = [...signing, 'extendedKeyUsage=OCSPSigning',
	'noCheck=ignored'];

// What a responder answers about the certificate named.
async function answer(out, about, { by = 'root', list = 'good', ca = 'root',
	md } = {}) {
	await openssl('ocsp', '-index', `${list}.txt`, '-CA', `${ca}.pem`,
		'-rsigner', `${by}.pem`, '-rkey', `${by}.key`, '-ndays', '2',
		'-issuer', `${ca}.pem`, '-sha256', '-cert', `${about}.pem`,
		'-respout', `${out}.ors`, '-no_nonce',
		...md ? ['-rmd', md] : []);
}

// A CRL of the RSA root's under that digest; of the day given, or today.
async function revocationList(out, { list = 'good', md = 'sha256', day } = {}) {
	writeFileSync(at('crl.cnf'), `[ca]\ndefault_ca = ca\n[ca]\n` +
		`database = ${at(`${list}.txt`)}\ndefault_md = ${md}\n` +
		'default_crl_days = 30\n');
	await openssl('ca', '-config', 'crl.cnf', '-gencrl', '-cert', 'rsa-root.pem',
		'-keyfile', 'rsa-root.key', '-out', `${out}.crl`, ...day
			? ['-crl_lastupdate', `${day}000000Z`, '-crl_nextupdate',
				'20400101000000Z'] : []);
}

async function serialOf(name) {
	const { stdout } = await run('openssl', ['x509', '-in', at(`${name}.pem`),
		'-noout', '-serial']);
	return stdout.trim().replace('serial=', '');
}

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), 'chain-'));
	writeFileSync(at('req.cnf'),
		'[req]\ndistinguished_name = dn\n[dn]\n');
	writeFileSync(at('ca.ext'), caOnly.join('\n'));
	await certificate('root', null, ...caOnly);
	await certificate('stranger', null, ...caOnly);
	await certificate('middle', 'root', ...caOnly);
	await certificate('signer', 'root', ...signing,
		'certificatePolicies=1.2.3.4');
	await certificate('other', 'root', ...signing);
	await certificate('below', 'middle', ...signing);
	await certificate('rsa-root', null, ...caOnly);
	await certificate('rsa-signer', 'rsa-root', ...signing);
	await certificate('responder', 'root', ...ocspSigning);
	await certificate('plain-responder', 'root', ...signing);
	await certificate('alien-responder', 'stranger', ...ocspSigning);

	const line = (state, serial) => [state, '400101000000Z',
		state === 'R' ? '250101000000Z' : '', serial, 'unknown',
		`/CN=${serial}`].join('\t') + '\n';
	const [signer, other, rsa] = await Promise.all(
		['signer', 'other', 'rsa-signer'].map(serialOf));
	writeFileSync(at('good.txt'), [signer, other, rsa]
		.map((serial) => line('V', serial)).join(''));
	writeFileSync(at('revoked.txt'), line('R', signer) + line('R', rsa));
	writeFileSync(at('unknown.txt'), '');
	await answer('direct', 'signer');
	await answer('delegated', 'signer', { by: 'responder' });
	await answer('of-another', 'other');
	await answer('unknown', 'signer', { list: 'unknown' });
	await answer('revoked', 'signer', { list: 'revoked' });
	await answer('without-usage', 'signer', { by: 'plain-responder' });
	await answer('of-stranger', 'signer', { by: 'alien-responder' });

	// The value of the answer's signature stands behind its algorithm's OID.
	const forged = readFileSync(at('direct.ors'));
	const oid = forged.indexOf(Buffer.from('06082a8648ce3d040302', 'hex'));
	forged[oid + 24] ^= 1;
	writeFileSync(at('forged.ors'), forged);
	writeFileSync(at('bundle.pem'), readFileSync(at('below.pem'), 'utf8') +
		readFileSync(at('middle.pem'), 'utf8'));
	await openssl('x509', '-in', 'signer.pem', '-outform', 'DER',
		'-out', 'signer.der');
});

after(() => rmSync(dir, { recursive: true }));

// The verdicts, and the exit status beside them.
async function judge(...args) {
	const { code, stdout } = await chain('--json', ...args);
	const verdicts = stdout.split('\n').filter((line) => line !== '')
		.map((line) => JSON.parse(line));
	return { code, verdicts, verdict: verdicts[0] };
}

const trusted = () => ['--trust', at('root.pem')];
const unasked = () => [...trusted(), '--revocation', 'off'];

test('what is not an option, or not its value, is 64 and judges nothing',
	async () => {
	const file = at('signer.pem');
	const oid = (s) => ['--policy-oid', s, file];
	const wrong = [[], ['--json'], ['--nonsense', file],
		['--content', file, file], ['--at', 'yesterday', file],
		['--revocation', 'perhaps', file],
		['--trust', at('nobody.pem'), file],
		oid(''), oid('1'), oid('1.'), oid('.1.2'), oid('1..2'),
		oid('3.1'), oid('1.40'), oid('1.02'), oid('anyPolicy'),
		oid('1.2 '), oid('1.2.-3'), oid(`1.2${'.1'.repeat(40)}`),
		Array(17).fill(['--policy-oid', '1.2.3']).flat().concat(file)];

	for (const args of wrong) {
		const { code, stdout, stderr } = await chain(...args);
		assert.equal(code, 64, args.join(' '));
		assert.equal(stdout, '', args.join(' '));
		assert.match(stderr, /^hosogate chain: /m);
	}
});

test('what is no certificate, or not there, is 3', async () => {
	const der = readFileSync(at('signer.der'));
	writeFileSync(at('empty'), '');
	writeFileSync(at('short.der'), der.subarray(0, -1));
	writeFileSync(at('long.der'), Buffer.concat([der, Buffer.from([0])]));
	writeFileSync(at('bad.pem'), '-----BEGIN CERTIFICATE-----\nMAA=\n' +
		'-----END CERTIFICATE-----\n');

	for (const name of ['empty', 'short.der', 'long.der', 'bad.pem', 'nobody',
		'signer.key', 'direct.ors']) {
		const { code, verdict } = await judge(...unasked(), at(name));
		assert.equal(code, 3, name);
		assert.notEqual(verdict.indication, 'TOTAL-PASSED', name);
		assert.deepEqual(verdict.path, [], name);
		assert.equal(verdict.findings[0].code, 'FORMAT', name);
	}
});

test('a path that does not lead to an anchor is 1 and has no path',
	async () => {
	const wrong = [['--revocation', 'off', at('signer.pem')],
		['--revocation', 'off', '--trust', at('stranger.pem'),
			at('signer.pem')],
		['--revocation', 'off', '--untrusted', at('root.pem'),
			at('signer.pem')],
		[...unasked(), at('below.pem')]];

	for (const args of wrong) {
		const { code, verdict } = await judge(...args);
		assert.equal(code, 1, args.join(' '));
		assert.equal(verdict.subindication, 'NO_CERTIFICATE_CHAIN_FOUND');
		assert.deepEqual(verdict.path, []);
		assert.equal(verdict.findings[0].code, 'CHAIN');
	}
});

// Each certifies the next, from the root to the end: how many stand between.
async function ladder(name, steps) {
	let above = 'root';

	for (let i = 0; i < steps; i++) {
		await certificate(`${name}${i}`, above, ...caOnly);
		above = `${name}${i}`;
	}
	await certificate(name, above, ...signing);
	writeFileSync(at(`${name}-all.pem`), [name, ...Array.from(
		{ length: steps }, (_, i) => `${name}${i}`)].map((n) =>
		readFileSync(at(`${n}.pem`), 'utf8')).join(''));
	return at(`${name}-all.pem`);
}

test('a path has at most sixteen certificates between its ends', async () => {
	const most = await judge(...unasked(), await ladder('most', 16));
	const over = await judge(...unasked(), await ladder('over', 17));

	assert.equal(most.code, 0);
	assert.equal(most.verdict.path.length, 18);
	assert.equal(over.code, 1);
	assert.equal(over.verdict.subindication, 'NO_CERTIFICATE_CHAIN_FOUND');
});

test('two authorities that certify each other lead to an end', async () => {
	await certificate('here', 'stranger', ...caOnly);
	await certificate('there', 'here', ...caOnly);
	// The same name and key once more, certified by what it certified.
	await openssl('x509', '-x509toreq', '-in', 'here.pem', '-signkey',
		'here.key', '-out', 'here.csr');
	await openssl('x509', '-req', '-in', 'here.csr', '-CA', 'there.pem',
		'-CAkey', 'there.key', '-set_serial', '77', '-days', '30',
		'-out', 'again.pem', '-copy_extensions', 'none', '-extfile', 'ca.ext');
	await certificate('lost', 'there', ...signing);
	writeFileSync(at('circle.pem'), ['lost', 'there', 'again', 'here']
		.map((n) => readFileSync(at(`${n}.pem`), 'utf8')).join(''));
	const circle = await judge(...unasked(), at('circle.pem'));
	const found = await judge('--revocation', 'off',
		'--trust', at('stranger.pem'), at('circle.pem'));

	assert.equal(circle.code, 1);
	assert.equal(circle.verdict.subindication, 'NO_CERTIFICATE_CHAIN_FOUND');
	assert.equal(found.code, 0, JSON.stringify(found.verdict));
});

// What a stranger puts beside it has the name that is looked for, and no more.
async function impostors(n) {
	const made = [];

	for (let i = 0; i < n; i++) {
		made.push(at(`false-${i}.pem`));
		if (existsSync(made[i]))
			continue;
		await openssl('req', '-x509', '-config', 'req.cnf', '-newkey', 'ec',
			'-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout',
			'false.key', '-subj', '/O=Chain test/CN=middle', '-days',
			`${3000 + i}`, ...caOnly.flatMap((e) => ['-addext', e]),
			'-addext', 'subjectKeyIdentifier=none', '-out', made[i],
			'-CA', 'stranger.pem', '-CAkey', 'stranger.key');
	}
	return made.flatMap((file) => ['--untrusted', file]);
}

test('a certificate of the same name and another key is passed over',
	async () => {
	const right = ['--untrusted', at('middle.pem')];
	const few = await impostors(1);

	for (const hints of [[...few, ...right], [...right, ...few]]) {
		const { code, verdict } = await judge(...unasked(), ...hints,
			at('below.pem'));
		assert.equal(code, 0, JSON.stringify(verdict));
		assert.equal(verdict.path.length, 3);
	}
});

test('thirty-two candidates for a path are tried, and no more', async () => {
	const right = ['--untrusted', at('middle.pem')];
	const most = await judge(...unasked(), ...await impostors(31), ...right,
		at('below.pem'));
	const over = await judge(...unasked(), ...await impostors(32), ...right,
		at('below.pem'));

	assert.equal(most.code, 0, JSON.stringify(most.verdict));
	assert.equal(over.code, 1);
	assert.deepEqual(over.verdict.findings.map((f) => f.code),
		['CHAIN', 'LIMIT']);
});

// RFC 5280, 6.1.4 (k): version 1 cannot say that it is an authority.
test('a certificate of version 1 is an anchor and no authority below it',
	async () => {
	const old = async (name, ...by) => {
		await openssl('req', '-new', '-config', 'req.cnf', '-newkey', 'ec',
			'-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
			'-keyout', `${name}.key`, '-subj', `/O=Chain test/CN=${name}`,
			'-out', 'old.csr');
		await openssl('x509', '-req', '-in', 'old.csr', ...by,
			'-set_serial', '99', '-days', '30', '-out', `${name}.pem`);
		await certificate(`below-${name}`, name, ...signing);
	};
	await old('old', '-CA', 'root.pem', '-CAkey', 'root.key');
	await old('old-root', '-signkey', 'old-root.key');
	writeFileSync(at('all.pem'), ['below-old', 'old'].map((n) =>
		readFileSync(at(`${n}.pem`), 'utf8')).join(''));
	const below = await judge(...unasked(), at('all.pem'));
	const anchor = await judge('--revocation', 'off',
		'--trust', at('old-root.pem'), at('below-old-root.pem'));

	assert.equal(below.code, 1);
	assert.equal(below.verdict.subindication, 'CHAIN_CONSTRAINTS_FAILURE');
	assert.equal(anchor.code, 0, JSON.stringify(anchor.verdict));
});

test('the worst of several certificates decides', async () => {
	const { code, verdicts } = await judge(...unasked(), at('signer.pem'),
		at('empty'), at('below.pem'), at('signer.der'));

	assert.equal(code, 3);
	assert.deepEqual(verdicts.map((v) => v.path.length), [2, 0, 0, 2]);
	assert.deepEqual(verdicts.map((v) => v.indication === 'TOTAL-PASSED'),
		[true, false, false, true]);
});

test('a moment outside the certificate is no pass', async () => {
	for (const when of ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
		const { code, verdict } = await judge(...unasked(), '--at', when,
			at('signer.pem'));
		assert.equal(code, 1, when);
		assert.equal(verdict.subindication, 'OUT_OF_BOUNDS_NO_POE');
	}
});

test('policies that were asked for must be there', async () => {
	const explicit = [...unasked(), '--explicit-policy'];
	const none = await judge(...explicit, at('other.pem'));
	const another = await judge(...explicit, '--policy-oid', '1.2.3.5',
		at('signer.pem'));
	const same = await judge(...explicit, '--policy-oid', '1.2.3.5',
		'--policy-oid', '1.2.3.4', at('signer.pem'));

	for (const { code, verdict } of [none, another]) {
		assert.equal(code, 1);
		assert.equal(verdict.subindication, 'CHAIN_CONSTRAINTS_FAILURE');
	}
	assert.equal(same.code, 0);
});

test('revocation is required unless the caller says otherwise', async () => {
	const asked = await judge(...trusted(), at('signer.pem'));
	const preferred = await judge(...trusted(), '--revocation', 'prefer',
		at('signer.pem'));

	assert.equal(asked.code, 1);
	assert.equal(asked.verdict.subindication, 'TRY_LATER');
	assert.equal(preferred.code, 0);
	assert.equal(preferred.verdict.findings[0].code, 'REVOCATION-UNKNOWN');
});

test('an OCSP answer that has no right to be believed is not', async () => {
	for (const name of ['forged', 'of-another', 'unknown', 'without-usage',
		'of-stranger']) {
		const { code, verdict } = await judge(...trusted(),
			'--ocsp', at(`${name}.ors`), at('signer.pem'));
		assert.equal(code, 1, name);
		assert.equal(verdict.subindication, 'TRY_LATER', name);
	}
	const late = new Date(Date.now() + 5 * 86400e3).toISOString();
	const { verdict } = await judge(...trusted(), '--at', late,
		'--ocsp', at('direct.ors'), at('signer.pem'));
	assert.equal(verdict.subindication, 'TRY_LATER');
});

const byRsa = () => ['--trust', at('rsa-root.pem')];

test('a CRL or an OCSP answer under a digest that was not good on its day ' +
	'proves nothing good', async () => {
	for (const md of ['md5', 'sha1']) {
		await revocationList(md, { md });
		await answer(`${md}-direct`, 'rsa-signer',
			{ by: 'rsa-root', ca: 'rsa-root', md });
		for (const given of [['--crl', at(`${md}.crl`)],
			['--ocsp', at(`${md}-direct.ors`)]]) {
			const { code, verdict } = await judge(...byRsa(), ...given,
				at('rsa-signer.pem'));
			assert.equal(code, 1, given.join(' '));
			assert.equal(verdict.subindication, 'TRY_LATER');
			assert.deepEqual(verdict.findings.map((f) => f.code),
				['REVOCATION-WEAK', 'REVOCATION-UNKNOWN'], given.join(' '));
		}
	}
	await revocationList('sha256');
	const { code, verdict } = await judge(...byRsa(),
		'--ocsp', at('sha1-direct.ors'), '--crl', at('sha256.crl'),
		at('rsa-signer.pem'));
	assert.equal(code, 0, 'another word is enough');
	assert.deepEqual(verdict.findings, []);
});

test('a digest that was good on the day of a CRL is good for that CRL',
	async () => {
	for (const [day, expected] of [['20120731', 0], ['20120801', 1]]) {
		await revocationList(day, { md: 'sha1', day });
		assert.equal((await judge(...byRsa(), '--crl', at(`${day}.crl`),
			at('rsa-signer.pem'))).code, expected, day);
	}
});

test('what is revoked under a weak digest is revoked', async () => {
	await answer('good-rsa', 'rsa-signer', { by: 'rsa-root', ca: 'rsa-root' });
	await revocationList('sha1-revoked', { list: 'revoked', md: 'sha1' });
	const { verdict } = await judge(...byRsa(), '--crl',
		at('sha1-revoked.crl'), '--ocsp', at('good-rsa.ors'), at('rsa-signer.pem'));
	assert.match(verdict.subindication, /^REVOKED/);
});

test('a revoked certificate is no pass', async () => {
	const { code, verdict } = await judge(...trusted(),
		'--ocsp', at('revoked.ors'), '--ocsp', at('direct.ors'),
		at('signer.pem'));

	assert.ok(code === 1 || code === 2);
	assert.match(verdict.subindication, /^REVOKED/);
});

test('a good OCSP answer is enough, by the issuer or its delegate',
	async () => {
	for (const name of ['direct', 'delegated']) {
		const { code, verdict } = await judge(...trusted(),
			'--ocsp', at(`${name}.ors`), at('signer.pem'));
		assert.equal(code, 0, `${name}: ${JSON.stringify(verdict)}`);
		assert.deepEqual(verdict.findings, []);
	}
});

test('the JSON has the fields of the contract, the path in order',
	async () => {
	const { code, verdict } = await judge(...unasked(), at('bundle.pem'));

	assert.equal(code, 0);
	assert.deepEqual(Object.keys(verdict).sort(), ['file', 'findings',
		'indication', 'path', 'policy', 'subindication']);
	assert.deepEqual({ file: verdict.file, indication: verdict.indication,
		subindication: verdict.subindication, path: verdict.path },
	{ file: at('bundle.pem'), indication: 'TOTAL-PASSED',
		subindication: null, path: ['below', 'middle', 'root']
			.map((name) => `CN=${name},O=Chain test`) });
	const hinted = await judge(...unasked(), '--untrusted', at('middle.pem'),
		at('below.pem'));
	assert.deepEqual(hinted.verdict.path, verdict.path);
});

test('without --json a person reads the verdict and the path', async () => {
	const { code, stdout } = await chain(...unasked(), at('signer.der'));

	assert.equal(code, 0);
	assert.match(stdout, /Hợp lệ · TOTAL-PASSED/);
	assert.match(stdout, /1 {2}CN=root,O=Chain test/);
});

// PKITS is of 2011: RSA 2048 and DSA with SHA-1 or SHA-256.  How old an
// algorithm may be is another question than the path's.
const ageless = {
	name: 'ageless',
	digests: { sha1: null, sha224: null, sha256: null },
	keys: ['rsa-pkcs1', 'dsa'].map((family) =>
		({ family, bits: 1, until: null })),
};

// OpenSSL does not inherit DSA parameters (4.1.5): no pass, but no harm.
const notMet = ['40105'];

const list = (s) => s.split(';').filter((word) => word !== '');
const options = (name, words) => words.flatMap((word) => [name, word]);

function pkitsOptions(row) {
	const here = (s) => list(s).map((f) => path.join(corpus, 'pkits', f));

	return [...options('--trust', here(row.trust_anchor)),
		...options('--untrusted', here(row.untrusted_certs)),
		...options('--crl', here(row.crls)),
		...options('--policy-oid', list(row.initial_policy_set)),
		...(row.initial_explicit_policy === 'True'
			? ['--explicit-policy'] : []),
		...(row.initial_policy_mapping_inhibit === 'True'
			? ['--inhibit-map'] : []),
		...(row.initial_any_policy_inhibit === 'True'
			? ['--inhibit-any'] : []),
		'--at', row.validation_time, ...here(row.ee_cert)];
}

test('PKITS: paths are judged as NIST judges them', { skip: noCorpus },
	async (t) => {
	const rows = parseCsv(readFileSync(
		path.join(corpus, 'pkits/index.csv'), 'utf8'));
	let valid = 0;

	writeFileSync(at('ageless.json'), JSON.stringify(ageless));
	assert.ok(rows.length >= 98);
	for (const row of rows) {
		const { code, verdict } = await judge('--policy', at('ageless.json'),
			...pkitsOptions(row));
		const met = row.expected === 'valid' && !notMet.includes(row.id);
		const what = `${row.id} ${row.name}: ${JSON.stringify(verdict)}`;

		assert.equal(verdict.indication === 'TOTAL-PASSED', met, what);
		assert.ok(met ? code === 0 : [1, 2].includes(code), what);
		assert.ok(!verdict.findings.some((f) => f.code === 'VERIFIER'), what);
		valid += met;
	}
	t.diagnostic(`${valid} of ${rows.length} pass`);
	assert.equal(valid, 43);
});

test('OCSP answers of the corpus are refused', { skip: noCorpus },
	async (t) => {
	const rows = parseCsv(readFileSync(
		path.join(corpus, 'ocsp/index.csv'), 'utf8'));

	writeFileSync(at('ageless.json'), JSON.stringify(ageless));
	assert.ok(rows.length >= 11);
	for (const row of rows) {
		const spec = JSON.parse(row.case_json);
		const here = (f) => path.join(corpus, 'ocsp', f);
		const args = ['--policy', at('ageless.json'),
			'--trust', here(spec.root), '--at', spec.moment,
			...options('--untrusted', (spec.other_certs ?? []).map(here)),
			here(spec.cert)];
		const asked = await judge(...options('--ocsp', spec.ocsps.map(here)),
			...args);
		const off = await judge('--revocation', 'off', ...args);
		const what = `${row.name}: ${JSON.stringify(asked.verdict)}`;

		assert.equal(row.expected, 'invalid');
		assert.ok([1, 2].includes(asked.code), what);
		// By its answers alone, as the path itself is sound.
		assert.equal(off.verdict.path.length, spec.path_len, what);
		assert.deepEqual(asked.verdict.path, off.verdict.path, what);
		assert.match(asked.verdict.subindication, /^TRY_LATER|^REVO/, what);
	}
	t.diagnostic(`${rows.length} refused`);
});
