// Each unit's forms and each collecting body's receipts are signed with its own
// key; who has none signs with the gateway's.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { program, run } from '../setup/site.js';
import { gateway, pki, until } from './gateway.js';

const password = { form_password_file: pki('people/.password'),
	receipt_password_file: pki('people/.password') };

// A folder of keys: {name in it: whose}.
function folder(g, name, keys) {
	const dir = path.join(g.dir, name);
	mkdirSync(dir);
	for (const [key, who] of Object.entries(keys)) {
		copyFileSync(pki(`people/${who}.p12`), path.join(dir, `${key}.p12`));
		copyFileSync(pki('people/.password'),
			path.join(dir, `${key}.password`));
	}
	return dir;
}

// H29.21 signs with officer2's; nothing is said of the others'.
const certificates = (unit) => unit === 'H29.21' && {
	certificates: [pki('people/officer2.crt')] };

// Starts a gateway with three units, H29.20 to H29.22, that collect under a
// tax code each.
async function units(t, config) {
	const g = await gateway(t, { start: false });
	const file = path.join(g.dir, 'units.json');
	const added = ['H29.21', 'H29.22'];
	writeFileSync(file, JSON.stringify({
		tenant: { code: 'sgddt-hcm', name: 'Sở' },
		units: added.map((code) => ({ code, name: `Phòng ${code}`,
			calendar: 'hcm', mailbox: 'sgddt@tphcm.gov.vn',
			mail_domains: ['tphcm.gov.vn'], ...certificates(code) })),
		receipt_books: added.map((unit) => ({ unit, body: `Phòng ${unit}`,
			tax_code: `03014648${unit.slice(-2)}`, address: 'x',
			form: '01BLP', series: 'C26T', valid_from: '2026-07-01',
			...certificates(unit) })),
	}));
	await g.must('import', '-c', g.configFile, file);
	g.options.config = { tick_ms: 20, ...password, ...config(g) };
	await g.configure();
	await g.start();
	return g;
}

// A start that is expected to fail.
const serve = (g) => g.cli(['serve', '-c', g.configFile], { timeout: 20000 });

// Who signed a PDF, by our verifier.
async function signerOf(g, pdf) {
	const file = path.join(g.dir, 'signed.pdf');
	writeFileSync(file, pdf);
	const { stdout } = await run(program, ['verify', '--json', '--trust',
		pki('government'), '--crl', pki('crl'), file]);
	const [signature] = JSON.parse(stdout).signatures;
	assert.equal(signature.indication, 'TOTAL-PASSED', stdout);
	return signature.signer.name;
}

const names = { agency: 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh',
	officer: 'Phạm Thị Dung', officer2: 'Võ Văn Em' };

const accepted = async (g, unit) => {
	const d = await g.submit({ dossier: { unit } });
	await g.act(d.code, 'accept');
	return d.code;
};

const form = (g, code) => until(async () => {
	const { forms } = (await g.get(`/v1/dossiers/${code}/forms`)).json;
	return forms[0].state !== 'due' && forms[0];
}, { what: `form 01 of ${code}` });

test('a key that cannot be opened stops the start, and doctor names it',
	async (t) => {
	const g = await gateway(t, { start: false });
	const dir = folder(g, 'keys', { 'H29.20': 'agency', 'H29.21': 'officer' });
	writeFileSync(path.join(dir, 'H29.21.password'), 'another\n');
	for (const option of ['form_key_folder', 'receipt_key_folder']) {
		g.options.config = { [option]: dir };
		await g.configure();

		const { code, stderr } = await serve(g);
		assert.equal(code, 1);
		assert.match(stderr, /H29\.21\.p12/);
		const { stdout } = await g.cli(['doctor', '-c', g.configFile]);
		assert.match(stdout, /keys.*H29\.21\.p12/);
	}
	g.options.config = { form_key_folder: path.join(g.dir, 'none') };
	await g.configure();
	assert.match((await serve(g)).stderr, /none: No such file/);
});

test('a form is signed with the key of the dossier\'s unit, else the gateway\'s',
	async (t) => {
	const g = await units(t, (site) => ({
		form_key_file: pki('people/officer.p12'),
		form_key_folder: folder(site, 'keys',
			{ 'H29.20': 'agency', 'H29.21': 'officer2' }) }));

	for (const [unit, who] of [['H29.20', 'agency'], ['H29.21', 'officer2'],
		['H29.22', 'officer']]) {
		const code = await accepted(g, unit);
		assert.ok((await form(g, code)).signed);
		const { bytes } = await g.get(`/v1/dossiers/${code}/forms/01`);
		assert.equal(await signerOf(g, bytes), names[who], unit);
	}
});

test('a unit without a key has forms that nobody signed, whoever else has one',
	async (t) => {
	const g = await units(t, (site) => ({ form_key_folder:
		folder(site, 'keys', { 'H29.21': 'officer2' }) }));

	assert.ok(!(await form(g, await accepted(g, 'H29.20'))).signed);
	assert.ok((await form(g, await accepted(g, 'H29.21'))).signed);
});

test('a receipt is signed with the collecting body\'s key, and waits for one',
	async (t) => {
	const g = await units(t, (site) => ({ receipt_key_file: '',
		receipt_key_folder: folder(site, 'keys',
			{ '0301464893': 'agency', '0301464821': 'officer2' }) }));
	const receipts = async (code) =>
		(await g.get(`/v1/dossiers/${code}`)).json.receipts;

	for (const [unit, who] of [['H29.20', 'agency'], ['H29.21', 'officer2']]) {
		const code = await accepted(g, unit);
		await g.pay(code);
		const [r] = await until(async () => {
			const list = await receipts(code);
			return list[0]?.state === 'issued' && list;
		}, { what: `a receipt of ${unit}` });
		const { bytes } = await g.get(
			`/v1/dossiers/${code}/receipts/${r.number}`);
		assert.equal(await signerOf(g, bytes), names[who], unit);
	}
	const code = await accepted(g, 'H29.22');
	await g.pay(code);
	await until(() => /stays pending: [a-z-]+: no key of 0301464822/
		.test(g.log));
	assert.equal((await receipts(code))[0].state, 'pending');
});

test('a key that is another\'s signs nothing, is named in the log, and doctor ' +
	'says whose it is', async (t) => {
	const g = await units(t, (site) => ({
		form_key_file: pki('people/officer.p12'),
		form_key_folder: folder(site, 'forms', { 'H29.20': 'agency',
			'H29.21': 'agency', 'H29.22': 'officer2' }),
		receipt_key_folder: folder(site, 'receipts',
			{ '0301464822': 'agency' }) }));
	const doctor = async () => (await g.cli(['doctor', '-c', g.configFile]))
		.stdout.match(/.*key holders.*/)[0];
	const refusal = (code, holder) => new RegExp(`the key of ${code} is not ` +
		`that ${holder}'s: its certificate is of .*CN=`);

	for (const unit of ['H29.21', 'H29.22']) {
		const code = await accepted(g, unit);
		await until(() => refusal(unit, 'unit').test(g.log),
			{ what: `${unit} is refused` });
		const { forms } = (await g.get(`/v1/dossiers/${code}/forms`)).json;
		assert.equal(forms[0].state, 'due', 'and the gateway signs not for it');
		if (unit === 'H29.22') {
			await g.pay(code);
			await until(() => refusal('0301464822', 'body').test(g.log));
			assert.equal((await g.get(`/v1/dossiers/${code}`)).json
				.receipts[0].state, 'pending');
		}
	}
	assert.match(await doctor(), refusal('H29.21', 'unit'));

	const own = await accepted(g, 'H29.20');
	assert.ok((await form(g, own)).signed, 'the name of H29.20 is in it');
	const file = path.join(g.dir, 'certificates.json');
	const unit = (code, who) => ({ code, name: `Phòng ${code}`,
		calendar: 'hcm', mailbox: 'sgddt@tphcm.gov.vn',
		mail_domains: ['tphcm.gov.vn'],
		certificates: [pki(`people/${who}.crt`)] });
	writeFileSync(file, JSON.stringify({ tenant: { code: 'sgddt-hcm',
		name: 'Sở' }, units: [unit('H29.21', 'agency'),
		unit('H29.22', 'officer2')] }));
	await g.must('import', '-c', g.configFile, file);
	assert.ok((await form(g, await accepted(g, 'H29.22'))).signed);
	assert.match(await doctor(), refusal('0301464822', 'body'));
});
