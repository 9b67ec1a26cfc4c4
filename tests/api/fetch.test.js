// What a verdict lacks is fetched, of hosts that the operator named: from a
// CA's web server that may misbehave, and from a real responder.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { Distribution } from '../fake/distribution.js';
import { freePort, run } from '../setup/site.js';
import { gateway, pki, submission, until } from './gateway.js';

// A CA with its server, and a gateway that trusts its root and nothing else
// of it.
async function authority(t, { life = 86400, config = {} } = {}) {
	const dir = mkdtempSync(path.join(tmpdir(), 'fetch-'));
	const port = await freePort();
	const ca = await new Distribution(dir).up(port);
	t.after(async () => {
		await ca.close();
		rmSync(dir, { recursive: true, force: true });
	});
	const made = await run('sh', ['tests/fixtures/make-fetch.sh', dir, ca.url,
		String(life)]);
	assert.equal(made.code, 0, made.stderr);
	const g = await gateway(t, { config: {
		trust_public: [pki('public'), path.join(dir, 'root.crt')],
		fetch_hosts: [`localhost:${port}`],
		http_allow_private: [`localhost:${port}`],
		fetch_seconds: 3, tick_ms: 50, pending_hours: 0, ...config } });
	const submit = (signature = 'by-crl') => g.form('/v1/dossiers',
		submission({ 'transcript-signature': { file: 'transcript.p7s',
			data: readFileSync(path.join(dir, `${signature}.p7s`)) } }));
	return { ca, dir, g, submit };
}

async function responder(t, dir) {
	const port = await freePort();
	const child = spawn('openssl', ['ocsp', '-index', 'issuing/index.txt',
		'-CA', 'issuing/ca.crt', '-rsigner', 'issuing/ca.crt', '-rkey',
		'issuing/ca.key', '-port', String(port), '-ndays', '1'],
	{ cwd: dir });
	let said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (text) => { said += text; });
	t.after(() => child.kill());
	await until(() => /waiting for OCSP/.test(said),
		{ what: 'the responder listens' });
	return port;
}

const gauge = async (g, name) => Number((await g.operator('/metrics')).text
	.match(new RegExp(`^hosogate_${name} (\\d+)$`, 'm'))[1]);

const unknown = (res) => {
	assert.equal(res.status, 503, res.text);
	assert.equal(res.json.code, 'evidence-not-at-hand');
	assert.ok(Number(res.headers['retry-after']) > 0);
};

test('a host that is not named is not asked', async (t) => {
	const { ca, g, submit } = await authority(t,
		{ config: { fetch_hosts: ['crl.example.vn', 'localhost'] } });
	const res = await submit();

	assert.notEqual(res.status, 201);
	const { report } = res.json.documents[1];
	assert.equal(report.subindication, 'NO_CERTIFICATE_CHAIN_FOUND');
	assert.deepEqual(report.wants,
		[{ kind: 'issuer', url: `${ca.url}/issuing.crt` }]);
	assert.deepEqual(ca.hits, []);
	assert.deepEqual(await g.psql('SELECT count(*) FROM fetched'), [['0']]);
});

test('a named host at a private address is not asked either', async (t) => {
	const { ca, g, submit } = await authority(t,
		{ config: { http_allow_private: [] } });

	assert.notEqual((await submit()).status, 201);
	assert.deepEqual(ca.hits, []);
	assert.match((await g.psql('SELECT why FROM fetched'))[0][0],
		/not public/);
});

for (const [fault, why] of Object.entries({ slow: /time/i, gone: /404/,
	broken: /500/, moved: /302/, garbage: /not what/, page: /not what/,
	empty: /not what/, huge: /more than/ }))
	test(`a list that comes ${fault} leaves the signature unknown`,
		async (t) => {
		const { ca, g, submit } = await authority(t,
			{ config: { fetch_seconds: 2 } });
		ca.faults['/issuing.crl'] = fault;
		unknown(await submit());

		assert.equal(ca.count('/moved.crl'), 0);
		const [[text, kept]] = await g.psql(`SELECT why, bytes IS NULL
			FROM fetched WHERE url LIKE '%/issuing.crl'`);
		assert.match(text, why);
		assert.equal(kept, 't');
		assert.ok(await gauge(g, 'evidence_fetch_failed_total') >= 1);
		// It is left alone for a while: nobody waits for it again.
		const before = ca.count('/issuing.crl');
		unknown(await submit());
		assert.equal(ca.count('/issuing.crl'), before);
		assert.deepEqual(await g.psql('SELECT count(*) FROM dossier'),
			[['0']]);
	});

test("somebody else's list proves nothing", async (t) => {
	const { ca, submit } = await authority(t);
	ca.faults['/issuing.crl'] = 'foreign';
	unknown(await submit());
});

test('issuer and lists are fetched once, for whoever comes', async (t) => {
	const { ca, g, submit } = await authority(t);
	ca.faults['/issuing.crl'] = 'pem';
	const res = await submit();

	assert.equal(res.status, 201, res.text);
	const { report } = res.json.documents[1];
	assert.deepEqual(report.wants, []);
	const once = ['/issuing.crl', '/issuing.crt', '/root.crl'];
	assert.deepEqual([...ca.hits].sort(), once);
	assert.equal(await gauge(g, 'evidence_fetched_total'), 3);
	// Lists grow old, and are renewed by the ticker; an issuer is not.
	assert.deepEqual(await g.psql(`SELECT kind, renew_at IS NULL
		FROM fetched ORDER BY 1`), [['crl', 'f'], ['crl', 'f'],
		['issuer', 't']]);

	// They are evidence like any other, and no anchors.
	const kinds = await g.psql('SELECT e.kind FROM evidence e ' +
		'JOIN document_evidence l USING (tenant_id, sha256) ' +
		'JOIN document d ON d.id = l.document_id ' +
		`WHERE d.name = 'transcript' AND d.report IS NOT NULL ORDER BY 1`);
	assert.deepEqual(kinds.flat(), ['certificate', 'certificate', 'crl',
		'crl', 'policy']);
	const anchors = report.evidence.filter((e) => e.kind === 'anchor');
	assert.equal(anchors.length, 1);

	assert.equal((await submit()).status, 201);
	assert.deepEqual([...ca.hits].sort(), once);
	// From the bundle, too, once it was read anew.
	g.child.kill('SIGHUP');
	await until(() => /trust: read anew/.test(g.log.slice(-2000)));
	assert.equal((await submit()).status, 201);
	assert.deepEqual([...ca.hits].sort(), once);
});

test('a revoked certificate is found out by the list that was fetched',
	async (t) => {
	const { dir, submit } = await authority(t);
	const ca = (...args) => run('openssl', ['ca', '-config', 'openssl.cnf',
		...args], { cwd: dir, env: { ...process.env, DIR: 'issuing' } });
	assert.equal((await ca('-revoke', 'by-crl.crt')).code, 0);
	assert.equal((await ca('-gencrl', '-out', 'issuing.crl')).code, 0);
	const res = await submit();

	assert.equal(res.status, 422, res.text);
	assert.equal(res.json.documents[1].report.subindication,
		'REVOKED_NO_POE');
});

test('a responder is asked with a nonce, and its answer kept', async (t) => {
	const { ca, dir, g, submit } = await authority(t);
	ca.responder = await responder(t, dir);
	const res = await submit('by-ocsp');

	assert.equal(res.status, 201, res.text);
	assert.equal(ca.count('/ocsp'), 1);
	assert.ok(res.json.documents[1].report.evidence
		.some((e) => e.kind === 'ocsp' && e.place === 'bundle'));
	assert.deepEqual(await g.psql(
		`SELECT count(*) FROM evidence WHERE kind = 'ocsp'`), [['1']]);
	assert.equal((await submit('by-ocsp')).status, 201);
	assert.equal(ca.count('/ocsp'), 1);

	// Its old answer, to another request, has another nonce.
	await g.psql('DELETE FROM fetched');
	ca.faults['/ocsp'] = 'replay';
	unknown(await submit('by-ocsp'));
	assert.match((await g.psql(`SELECT why FROM fetched
		WHERE kind = 'ocsp'`))[0][0], /not what/);
});

test('a list is renewed before it ends, and an old one is told of',
	async (t) => {
	const { ca, dir, g, submit } = await authority(t, { life: 10,
		config: { fetch_renew_percent: 10 } });
	assert.equal((await submit()).status, 201);
	const renewed = async () => (await g.psql(`SELECT until_at FROM fetched
		WHERE url LIKE '%/issuing.crl'`))[0][0];
	const first = await renewed();
	const crl = await run('openssl', ['ca', '-config', 'openssl.cnf',
		'-gencrl', '-crlsec', '10', '-out', 'issuing.crl'],
	{ cwd: dir, env: { ...process.env, DIR: 'issuing' } });
	assert.equal(crl.code, 0, crl.stderr);
	await until(async () => await renewed() !== first,
		{ what: 'the list is renewed' });
	assert.equal(await gauge(g, 'evidence_stale'), 0);
	const doctor = () => g.cli(['doctor', '-c', g.configFile]);
	assert.match((await doctor()).stdout, /^ok +fetched$/m);

	ca.faults['/issuing.crl'] = 'broken';
	await until(async () => await gauge(g, 'evidence_stale') === 1,
		{ what: 'the list is stale', within: 30000 });
	assert.match((await doctor()).stdout, /^WRONG +fetched: 1 CRLs/m);
});
