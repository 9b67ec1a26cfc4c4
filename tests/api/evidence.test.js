// What a verdict rested on: in the report, in the record once, and on a
// machine that has nothing but the exported folder.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { program, run } from '../setup/site.js';
import { document, gateway, pki, sha256, submission, until }
	from './gateway.js';

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const files = (folder) => readdirSync(folder).sort();

async function exported(g, code, name) {
	const folder = path.join(g.dir, name);
	const done = await g.cli(
		['audit', 'export', '-c', g.configFile, code, folder]);
	assert.equal(done.code, 0, done.stderr);
	return folder;
}

const verdicts = (report) => [report, ...report.signatures].map((s) =>
	[s.indication, s.subindication, s.integrity]);

test('a piece of evidence is kept once, whoever rests on it', async (t) => {
	const g = await gateway(t);
	const { documents } = await g.submit();
	const { evidence } = documents[0].report;
	const count = () => g.psql('SELECT kind, count(*) FROM evidence ' +
		'GROUP BY kind ORDER BY kind');
	const links = async () => Number((await g.psql(
		'SELECT count(*) FROM document_evidence'))[0][0]);
	const [first, linked] = [await count(), await links()];

	assert.deepEqual(evidence.map((e) => `${e.kind} ${e.place}`).sort(), [
		'anchor bundle', 'certificate bundle', 'certificate document',
		'crl bundle', 'crl bundle', 'policy built-in']);
	assert.deepEqual(evidence.find((e) => e.kind === 'anchor').purposes,
		['public']);
	const crl = sha256(readFileSync(pki('crl/issuing.crl')));
	assert.ok(evidence.some((e) => e.sha256 === crl));
	assert.deepEqual(await g.psql(
		`SELECT kind FROM evidence WHERE sha256 = '\\x${crl}'`), [['crl']]);

	await g.submit();
	assert.deepEqual(await count(), first);
	assert.equal(await links(), 2 * linked);
});

test('evidence is not taken back or changed', async (t) => {
	const g = await gateway(t);
	await g.submit();
	for (const table of ['evidence', 'document_evidence', 'paper_evidence',
		'paper_verdict'])
		for (const sql of [`DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`,
			`UPDATE ${table} SET sha256 = sha256`])
			await assert.rejects(g.psql(sql), /append-only/, sql);
	await assert.rejects(g.psql(`INSERT INTO evidence SELECT tenant_id,
		'\\x00'::bytea, kind, bytes, added_at FROM evidence LIMIT 1`),
	/violates check/);
});

test('a refused submission leaves no evidence', async (t) => {
	const g = await gateway(t);
	const changed = Buffer.from(document('application-signed.pdf'));
	changed[200] ^= 1;
	const refused = await g.form('/v1/dossiers', { ...submission(),
		application: { file: 'application.pdf', data: changed } });
	assert.equal(refused.json.code, 'signature-refused', refused.text);
	assert.deepEqual(await g.psql('SELECT count(*) FROM evidence'), [['0']]);
});

test('an exported dossier is judged again alone, to the same verdicts',
	async (t) => {
	const g = await gateway(t, { config: { tick_ms: 20,
		form_key_file: pki('people/agency.p12'),
		form_password_file: pki('people/.password') } });
	const d = await g.dossier({ in: 'returned' });
	await until(async () => (await g.psql('SELECT 1 FROM dossier_paper'))
		.length === 2, { what: 'form 01 and the receipt are made' });
	const folder = await exported(g, d.code, 'out');
	await g.stop();

	const sums = await run('sha256sum', ['-c', '--quiet', '--strict',
		'manifest.sha256'], { cwd: folder });
	assert.equal(sums.code, 0, sums.stdout);
	const listed = json(path.join(folder, 'verdicts.json'));
	assert.ok(listed.length >= 4);
	assert.ok(listed.some((v) => v.contents.length === 1));
	const papers = listed.filter((v) => /^(form|receipt)-\d+\.pdf$/
		.test(v.document));
	assert.deepEqual(papers.map((v) => v.report.indication),
		['TOTAL-PASSED', 'TOTAL-PASSED']);
	assert.ok(papers.every((v) => v.report.evidence.some((e) =>
		e.kind === 'crl' && e.place === 'bundle')));

	const again = await run(program, ['audit', 'rejudge', folder],
		{ env: {} });
	assert.equal(again.code, 0, again.stdout + again.stderr);
	assert.match(again.stdout, new RegExp(`as recorded +${listed.length}\n`));
	assert.match(again.stdout, /different +0\n/);

	// By hand, as docs/verification.md says it.
	for (const { document: file, contents, report } of listed) {
		const at = (name) => path.join(folder, name);
		const [policy] = files(at('evidence/policy'));
		const { stdout } = await run(program, ['verify', '--json',
			'--at', report.validation_time, '--revocation', report.revocation,
			'--policy', at(`evidence/policy/${policy}`),
			'--trust', at('evidence/trust'),
			'--untrusted', at('evidence/untrusted'),
			'--crl', at('evidence/crl'), '--ocsp', at('evidence/ocsp'),
			...contents.flatMap((c) => ['--content', at(c.file)]),
			at(file)]);
		assert.deepEqual(verdicts(JSON.parse(stdout)), verdicts(report), file);
	}
});

test('a folder that was tampered with is not judged as recorded',
	async (t) => {
	const g = await gateway(t);
	const { code } = await g.submit();
	const folder = await exported(g, code, 'out');
	const rejudge = () => run(program, ['audit', 'rejudge', folder]);
	const file = path.join(folder, 'verdicts.json');
	const listed = json(file);
	const change = async (edit, what) => {
		const copy = structuredClone(listed);
		edit(copy);
		writeFileSync(file, JSON.stringify(copy));
		const { code: status, stdout, stderr } = await rejudge();
		assert.equal(status, 1, stdout);
		assert.match(stdout + stderr, what);
	};

	await change((v) => { v[0].report.signatures[0].integrity = 'broken'; },
		/DIFFERS/);
	await change((v) => { v[0].report.validation_time =
		'2016-01-01T00:00:00Z'; }, /DIFFERS/);
	await change((v) => { v[0].report.evidence = v[0].report.evidence
		.filter((e) => e.kind !== 'crl'); }, /DIFFERS/);
	await change((v) => { v[0].document = '../../etc/passwd'; }, /verdicts/);
	await change((v) => { v[0].report.evidence[0].kind = 'oracle'; },
		/evidence/);
	writeFileSync(file, JSON.stringify(listed));

	const [name] = files(path.join(folder, 'evidence/trust'));
	writeFileSync(path.join(folder, 'evidence/trust', name),
		readFileSync(pki('unknown/root.crt')));
	const swapped = await rejudge();
	assert.equal(swapped.code, 1);
	assert.match(swapped.stderr, /another hash/);
});

test('the sample policy judges as the built-in one does', async () => {
	const judged = async (...more) => {
		const { stdout } = await run(program, ['verify', '--json', '--trust',
			pki('public/root.crt'), '--untrusted', pki('untrusted'), '--crl',
			pki('crl'), ...more, '.run/documents/application-signed.pdf',
			'.run/documents/declaration.xml']);
		return stdout.trim().split('\n').map((line) => {
			const report = JSON.parse(line);
			delete report.validation_time;
			for (const e of report.evidence)
				if (e.kind === 'policy')
					e.place = 'anywhere';
			return report;
		});
	};
	const own = await judged();
	assert.equal(own[0].indication, 'TOTAL-PASSED');
	assert.equal(own[0].policy_version, '2');
	assert.deepEqual(own,
		await judged('--policy', 'schemas/policy/policy.json'));
});

test('a policy narrows formats, key usages and the age of lists', async (t) => {
	const dir = mkdtempSync(path.join(tmpdir(), 'policy-'));
	t.after(() => rmSync(dir, { recursive: true }));
	const policy = json('schemas/policy/policy.json');
	const judged = async (change, hours = 0) => {
		const file = path.join(dir, 'policy.json');
		writeFileSync(file, JSON.stringify({ ...policy, ...change }));
		const { stdout } = await run(program, ['verify', '--json', '--trust',
			pki('public/root.crt'), '--untrusted', pki('untrusted'), '--crl',
			pki('crl'), '--policy', file,
			'--at', new Date(Date.now() + hours * 3600e3).toISOString(),
			'.run/documents/application-signed.pdf']);
		const [signature] = JSON.parse(stdout).signatures;
		return [signature.indication, signature.subindication];
	};

	assert.deepEqual(await judged({}), ['TOTAL-PASSED', null]);
	assert.deepEqual(await judged({ formats: ['cades', 'xades'] }),
		['INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE']);
	assert.deepEqual(await judged({ key_usage: ['nonRepudiation'] }),
		['TOTAL-PASSED', null]);
	const aged = { revocation: { max_age_hours: 48 } };
	assert.deepEqual(await judged({}, 20 * 24), ['TOTAL-PASSED', null]);
	assert.deepEqual(await judged(aged, 20 * 24),
		['INDETERMINATE', 'TRY_LATER']);
});
