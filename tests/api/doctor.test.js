// hosogate doctor: says what is wrong and how to mend it, and changes nothing.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { run } from '../setup/site.js';
import { gateway, pki } from './gateway.js';

const doctor = async (g, config = {}, env = {}) => {
	g.options.config = { ...g.options.config, ...config };
	await g.configure();
	const { code, stdout } = await g.cli(['doctor', '-c', g.configFile],
		{ env: { ...g.environment(), ...env } });
	return { code, stdout, wrong: [...stdout.matchAll(/^WRONG {2}(\w+):/gm)]
		.map(([, name]) => name) };
};

test('without its database it says so, and goes on', async (t) => {
	const g = await gateway(t, { start: false });
	const { code, wrong, stdout } = await doctor(g, {
		database: 'host=/nonexistent dbname=none' });
	assert.equal(code, 1);
	assert.deepEqual(wrong, ['database']);
	assert.match(stdout, /Kiểm tra PostgreSQL/);
	assert.match(stdout, /See that PostgreSQL runs/);
	assert.match(stdout, /^ok +disk$/m);
	assert.match(stdout, /^\? +schema:/m);
});

test('what the configuration got wrong is named', async (t) => {
	const g = await gateway(t, { start: false });
	const key = path.join(g.dir, 'open.key');
	copyFileSync(pki('secret/link.key'), key);
	chmodSync(key, 0o644);
	const found = async (config) => (await doctor(g, config)).wrong;
	assert.deepEqual(await found({ link_key_file: key }), ['modes']);
	assert.deepEqual(await found({ link_key_file: pki('secret/head.key') }),
		['secrets']);
	assert.deepEqual(await found({ link_key_file: pki('secret/link.key'),
		crls: [] }), ['crls']);
	assert.deepEqual(await found({ crls: [pki('public')] }),
		['crls']);
	assert.deepEqual(await found({ crls: [pki('crl')],
		trust_public: [], trust_government: [] }), ['trust']);
	assert.deepEqual(await found({ trust_public: [pki('public')],
		tls_certificate: pki('secret/link.key') }), ['tls']);
	const { code, stdout } = await doctor(g, { no_such_option: 'x' });
	assert.equal(code, 1);
	assert.equal(stdout, '');
});

test('a schema of another version and dead messages are found', async (t) => {
	const g = await gateway(t, { start: false });
	const well = await doctor(g);
	assert.equal(well.code, 0, well.stdout);
	assert.deepEqual(well.wrong, []);

	await g.psql("UPDATE outbox_channel SET paused_at = now() WHERE channel = 'mail'");
	assert.deepEqual((await doctor(g)).wrong, ['queue']);
	await g.psql(`INSERT INTO migration (number, name, sha256)
		VALUES (9999, 'later', sha256(''))`);
	const { wrong, stdout } = await doctor(g);
	assert.deepEqual(wrong, ['schema', 'queue']);
	assert.match(stdout, /schema 9999, this program speaks \d+/);
});

test('trust that no verifier can open is named, and nothing starts with it',
	async (t) => {
	const g = await gateway(t, { start: false });
	const bad = path.join(g.dir, 'bad');
	const good = { trust_public: [pki('public')], crls: [pki('crl')],
		policy_file: '' };
	writeFileSync(bad, '{"name": "cut short"');
	for (const wrong of [{ trust_public: [bad] }, { policy_file: bad }]) {
		const { stdout, ...seen } = await doctor(g, { ...good, ...wrong });
		assert.deepEqual(seen.wrong, ['trust'], stdout);
		assert.match(stdout, /the service does not start without/);
		const { code, stderr } = await g.cli(['serve', '-c', g.configFile],
			{ timeout: 20000 });
		assert.equal(code, 1);
		assert.match(stderr, /nothing of its kind|policy/);
	}
	assert.deepEqual((await doctor(g, good)).wrong, []);
});

// A key with a certificate that is good for so many days.
async function keyFor(g, days) {
	const at = (name) => path.join(g.dir, `days-${days}.${name}`);
	for (const args of [['req', '-x509', '-newkey', 'rsa:2048', '-noenc',
		'-subj', '/CN=x', '-days', days, '-keyout', at('key'),
		'-out', at('crt')], ['pkcs12', '-export', '-inkey', at('key'),
		'-in', at('crt'), '-out', at('p12'), '-passout', 'pass:']]) {
		const { code, stderr } = await run('openssl', args.map(String));
		assert.equal(code, 0, stderr);
	}
	chmodSync(at('p12'), 0o600);
	return at('p12');
}

test('keys that sign are asked for their certificates, 30, 14, 7 and 1 days ' +
	'before', async (t) => {
	const g = await gateway(t, { start: false });
	for (const [days, said] of [[31, null], [29, 30], [13, 14], [6, 7],
		[1, 1]]) {
		const { wrong, stdout } = await doctor(g, { form_password_file: '',
			form_key_file: await keyFor(g, days) });
		assert.deepEqual(wrong, said === null ? [] : ['keys'], stdout);
		if (said !== null)
			assert.match(stdout, new RegExp(`less than ${said} days`));
	}
	const found = async (config) => (await doctor(g, { form_key_file: '',
		...config })).wrong;
	assert.deepEqual(await found({ receipt_password_file: '' }), ['keys']);
	assert.deepEqual(await found({ receipt_key_file: '',
		smime_key_file: pki('secret/link.key') }), ['keys']);
});

test('without its font no paper can be made, and it says so', async (t) => {
	const g = await gateway(t, { start: false });
	const fonts = path.join(g.dir, 'fonts.conf');
	writeFileSync(fonts, '<fontconfig></fontconfig>');
	const { wrong, stdout } = await doctor(g, {}, { FONTCONFIG_FILE: fonts });
	assert.deepEqual(wrong, ['font'], stdout);
	assert.match(stdout, /fonts-liberation2/);
});
