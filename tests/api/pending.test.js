// Dossiers whose signatures cannot be judged yet ("chờ xác minh"): taken in,
// judged again, and accepted by nobody before.  Refusals first.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { program, run } from '../setup/site.js';
import { citizen, document, gateway, pki, until } from './gateway.js';
import { peers } from './peers.js';

// The CRL of the citizens' CA is not there until it comes.
const issuing = 'issuing.crl';
function withoutCrl(g) {
	const dir = path.join(g.dir, 'crls');
	mkdirSync(dir);
	for (const name of readdirSync(pki('crl')))
		if (name !== issuing)
			copyFileSync(pki(`crl/${name}`), path.join(dir, name));
	return { crls: [dir] };
}
const crlComes = (g) => {
	copyFileSync(pki(`crl/${issuing}`), path.join(g.dir, 'crls', issuing));
	g.child.kill('SIGHUP');
};

async function site(t, start, config = {}) {
	const { g, ...rest } = await start(t);
	await g.stop();
	g.options.config = { ...g.options.config, ...withoutCrl(g), tick_ms: 20,
		pending_retry_seconds: 1, ...config };
	await g.configure();
	await g.start();
	return { g, ...rest };
}
const alone = async (t) => ({ g: await gateway(t) });

// A dossier with one document, signed by who says that he is the applicant.
const form = (file = 'application-signed.pdf', applicant = citizen) => ({
	dossier: { procedure: '1.005092.H29', applicant,
		documents: [{ name: 'application' }] },
	application: { file, type: 'application/pdf', data: document(file) },
	transcript: null, 'transcript-signature': null, declaration: null });

const shown = async (g, code) => (await g.get(`/v1/dossiers/${code}`)).json;
const decided = (g, code) => until(async () => {
	const d = await shown(g, code);
	return d.verification !== 'waiting' && d;
}, { within: 60000, what: `${code} is decided` });
const accept = async (g, code, fields) => g.post(
	`/v1/dossiers/${code}/actions`, { action: 'accept', ...fields },
	{ as: 'ptdung', match: `v${(await shown(g, code)).version}` });

test('with pending_hours 0, or by another person, it is not taken in',
	async (t) => {
	const { g } = await site(t, alone);
	for (const file of ['application-citizen2.pdf', 'application-tampered.pdf',
		'application-stranger.pdf']) {
		await assert.rejects(g.submit(form(file)), /4\d\d/, file);
	}
	await g.stop();
	g.options.config.pending_hours = 0;
	await g.configure();
	await g.start();
	await assert.rejects(g.submit(form()), /evidence-not-at-hand/);
	assert.deepEqual(await g.psql('SELECT 1 FROM dossier'), []);
});

test('the inbox finds what waits, and no longer once it is proved', async (t) => {
	const { g } = await site(t, alone);
	const waits = await g.submit(form());
	const found = async (query) => (await g.get(`/v1/dossiers${query}`,
		{ as: 'ptdung' })).json.items.map((d) => [d.code, d.verification]);
	await g.psql(`INSERT INTO dossier (tenant_id, code, unit_id, procedure_id,
			state, channel, applicant, received_at, moved_at, intake_due_at)
		SELECT tenant_id, 'sound', unit_id, procedure_id, 1, 'online',
			applicant, now(), now(), now() + interval '9 days' FROM dossier`);

	assert.deepEqual(await found('?verification=waiting'),
		[[waits.code, 'waiting']]);
	assert.deepEqual(await found('?verification=passed'),
		[['sound', 'passed']]);
	assert.deepEqual(await found('?verification=failed'), []);
	assert.deepEqual(await found(''),
		[[waits.code, 'waiting'], ['sound', 'passed']]);

	crlComes(g);
	await decided(g, waits.code);
	assert.deepEqual(await found('?verification=waiting'), []);
	assert.deepEqual(await found('?verification=passed'),
		[[waits.code, 'passed'], ['sound', 'passed']]);
});

test('what waits is accepted by nobody, and by an officer once it is proved',
	async (t) => {
	const { g } = await site(t, alone);

	const d = await g.submit(form());

	assert.equal(d.verification, 'waiting');
	const [waiting] = (await shown(g, d.code)).documents;
	assert.deepEqual([waiting.indication, waiting.subindication],
		['INDETERMINATE', 'TRY_LATER']);
	const early = await accept(g, d.code, { reason: 'x' });
	assert.equal(early.status, 409, early.text);
	assert.equal(early.json.code, 'unverified');
	await until(async () => Number((await g.psql(
		'SELECT tries FROM dossier_pending'))[0][0]) > 1,
	{ what: 'it was judged again' });
	assert.equal((await shown(g, d.code)).verification, 'waiting');

	crlComes(g);

	const proved = await decided(g, d.code);
	assert.equal(proved.verification, 'passed');
	assert.equal(proved.documents[0].indication, 'TOTAL-PASSED');
	const told = proved.history.find((h) => h.event === 'verified');
	assert.equal(told.data.documents[0].sha256, proved.documents[0].sha256);
	assert.equal((await accept(g, d.code)).status, 200);
	await assert.rejects(g.psql(`UPDATE dossier_pending SET outcome = 'failed'`),
		/decided once/);
	const folder = path.join(g.dir, 'out');
	await g.must('audit', 'export', '-c', g.configFile, d.code, folder);
	await g.must('audit', 'verify', '-c', g.configFile);
	const again = await run(program, ['audit', 'rejudge', folder], { env: {} });
	assert.equal(again.code, 0, again.stdout + again.stderr);
	assert.match(again.stdout, /TRY_LATER: như đã ghi/);
	assert.match(again.stdout, /TOTAL-PASSED: như đã ghi/);
});

test('what turns out to be revoked is accepted by nobody, and its desk is told',
	async (t) => {
	const { g, mail } = await site(t, peers);
	const d = await g.submit(form('application-revoked.pdf',
		{ ...citizen, name: 'LÊ VĂN CŨ', id: '079200000003' }));
	assert.equal(d.verification, 'waiting');

	crlComes(g);

	const failed = await decided(g, d.code);
	assert.equal(failed.verification, 'failed');
	assert.match(failed.documents[0].subindication, /^REVOKED/);
	const res = await accept(g, d.code, { reason: 'Đã kiểm tra' });
	assert.equal(res.json.code, 'unverified');
	await until(() => mail.mails.find((m) =>
		m.subject.includes('a signature is not valid')));
	await g.act(d.code, 'refuse', { reason: 'Chứng thư số đã bị thu hồi',
		ground: 'Điều 17 Nghị định 118/2025/NĐ-CP' });
});

test('when the time is over an officer decides, and says why', async (t) => {
	const { g, mail } = await site(t, peers);
	const d = await g.submit(form());

	await g.psql(`UPDATE dossier_pending SET began_at = began_at -
		interval '3 days', until_at = now() - interval '1 s'`);

	assert.equal((await decided(g, d.code)).verification, 'undecided');
	await until(() => mail.mails.find((m) =>
		m.subject.includes('signatures still not verified')));
	const silent = await accept(g, d.code);
	assert.equal(silent.status, 400, silent.text);
	assert.equal(silent.json.errors[0].pointer, '/reason');
	const res = await accept(g, d.code,
		{ reason: 'Đã đối chiếu bản gốc với người nộp' });
	assert.equal(res.status, 200, res.text);
	assert.equal(res.json.verification, 'undecided');
});
