// What an API test stands on: the real program on a real PostgreSQL, with a
// database of its own, ended and looked over when the test ends.  A sanitizer
// report, a crash or a gateway that does not drain fails the test.
//
//	tests/setup/with-cluster.sh node --test tests/api/
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { multipart } from '../setup/http.js';
import { paid } from '../setup/ipn.js';
import { document, password, psql, run, secret, Site, until }
	from '../setup/site.js';
import { ground, load, submission } from '../setup/sample.js';
import { check } from './contract.js';

export { document, pki, sha256, until } from '../setup/site.js';
export { paid, signed } from '../setup/ipn.js';
export { citizen, papers, procedure, submission } from '../setup/sample.js';

let count = 0;

class Gateway extends Site {
	tokens = new Map();

	// as: 'portal', 'nobody', a login or a token.
	async credentials(as = 'portal') {
		if (as === 'nobody')
			return {};
		if (as === 'portal')
			return { authorization: `Bearer ${secret('client.key')}` };
		const token = as.startsWith('hs_') ? as : await this.login(as);
		return { authorization: `Bearer ${token}` };
	}

	async login(login, given = password) {
		if (!this.tokens.has(login)) {
			const res = await this.post('/v1/sessions',
				{ login, password: given }, { as: 'nobody', key: null });
			assert.equal(res.status, 201, res.text);
			this.tokens.set(login, res.json.token);
		}
		return this.tokens.get(login);
	}

	async send(method, where, { as, key, match, headers, ...rest } = {}) {
		const request = { method, path: where, ...rest, headers: {
			...await this.credentials(as),
			...method === 'POST' && key !== null && {
				'idempotency-key': `"${key ?? randomUUID()}"` },
			...match !== undefined && { 'if-match': `"${match}"` },
			...headers } };
		return check(request, await this.call(request));
	}

	get(where, options) {
		return this.send('GET', where, options);
	}

	delete(where, options) {
		return this.send('DELETE', where, options);
	}

	// body: an object, or text that is sent as it stands.
	post(where, body, { headers, ...options } = {}) {
		return this.send('POST', where, { ...options,
			headers: { 'content-type': 'application/json', ...headers },
			body: typeof body === 'string' ? body : JSON.stringify(body) });
	}

	form(where, parts, { headers, ...options } = {}) {
		const { body, type } = multipart(parts);
		return this.send('POST', where, { ...options, body,
			headers: { 'content-type': type, ...headers } });
	}

	psql(sql) {
		return psql(this.database, sql);
	}

	// What was answered, and what the gateway wrote before that.
	why({ text }) {
		return `${text.slice(-1000)}\n${this.log.slice(-2000)}`;
	}

	// Hands in the sample procedure's dossier; changes override its form.
	async submit(changes = {}, options = {}) {
		const res = await this.form('/v1/dossiers', submission(changes),
			options);
		assert.equal(res.status, 201, this.why(res));
		return res.json;
	}

	async act(code, action, { as = 'ptdung', match, ...fields } = {}) {
		const seen = match ?? `v${(await this.get(`/v1/dossiers/${code}`, {
			as })).json.version}`;
		const res = await this.post(`/v1/dossiers/${code}/actions`,
			{ action, ...fields }, { as, match: seen });
		assert.equal(res.status, 200, this.why(res));
		return res.json;
	}

	// The whole feed.  It waits for every older transaction of the cluster,
	// another test's among them.
	feed() {
		return until(async () => {
			const { items } = (await this.get('/v1/events?limit=200')).json;
			const [[all]] = await this.psql(
				'SELECT count(*) FROM event WHERE dossier_id <> 0');
			return items.length === Number(all) && items;
		}, { what: 'the feed has every event' });
	}

	// Starts an attempt and lets the provider say that it was paid.
	async pay(code, changes = {}) {
		const res = await this.post(`/v1/dossiers/${code}/payments`,
			{ provider: 'vnpay' });
		assert.equal(res.status, 201, res.text);
		const told = await this.get('/v1/payments/callbacks/vnpay?' +
			paid(res.json.pay_url, changes), { as: 'nobody' });
		assert.equal(told.json.RspCode, '00', this.why(told));
		return res.json;
	}

	// A dossier brought to a state by the steps that anyone would take.
	async dossier({ in: state = 'registered' } = {}) {
		const d = await this.submit();
		for (const step of steps[state] ?? assert.fail(`no way to ${state}`))
			await step(this, d.code);
		const res = await this.get(`/v1/dossiers/${d.code}`);
		assert.equal(res.json.state, state);
		return res.json;
	}
}

// The locks on a table of this database, to be read FROM: those of every other
// test stand beside them, and their tables have the same numbers.
export const locks = (table) => `(SELECT l.* FROM pg_locks l
	JOIN pg_database d ON d.oid = l.database
	WHERE d.datname = current_database()
	  AND l.relation = '${table}'::regclass) AS locks`;

// What another's reader finds in a PDF; it stays in the site's folder.
export async function pdfText(g, bytes, name = 'receipt.pdf') {
	const file = path.join(g.dir, name);
	writeFileSync(file, bytes);
	const { code, stdout } = await run('pdftotext', ['-layout', file, '-']);
	assert.equal(code, 0);
	return stdout.replace(/\s+/g, ' ');
}

// The sample's fee is due once it is accepted: that pauses the clock at once.
const act = (action, fields) => (g, code) => g.act(code, action, fields);
const accept = act('accept');
const pay = (g, code) => g.pay(code);
const reason = 'Theo yêu cầu (thử nghiệm)';
const resolve = async (g, code) => {
	const res = await g.form(`/v1/dossiers/${code}/documents`, {
		dossier: { documents: [{ name: 'result' }] },
		result: { file: 'result.pdf', data: document('result-signed.pdf') },
	}, { as: 'ptdung' });
	assert.equal(res.status, 201, res.text);
};
const steps = {
	registered: [],
	refused: [act('refuse', { reason, ground })],
	withdrawn: [act('withdraw', { as: 'portal', reason })],
	'awaiting-payment': [accept],
	processing: [accept, pay],
	'awaiting-supplement': [accept, pay,
		act('request-supplement', { reason, ground })],
	stopped: [accept, pay, act('stop', { reason, ground })],
	resolved: [accept, pay, resolve],
	returned: [accept, pay, resolve, act('return')],
};

// options: {config, env, port} as Site takes them; callback: the portal's URL
// for callbacks; start: false leaves it to the caller; beside: a gateway whose
// database this one shares.
export async function gateway(t, { beside, ...options } = {}) {
	const name = `g${process.pid}x${++count}`;
	if (!beside)
		await psql('postgres', `CREATE DATABASE ${name} TEMPLATE template
			OWNER hosogate_owner`);
	const g = new Gateway(name, beside?.database ?? name, options);
	t.after(async () => {
		const code = await g.stop();
		g.close();
		if (!beside)
			await psql('postgres', `DROP DATABASE ${name} WITH (FORCE)`);
		assert.equal(g.sanitizerReport, '', 'no sanitizer report');
		assert.ok([undefined, 0, 'SIGKILL'].includes(code),
			`the gateway ended with ${code}:\n${g.log.slice(-4000)}`);
	});
	await g.configure();
	if (options.callback)
		await load(g, options.callback);
	if (options.start !== false)
		await g.start();
	return g;
}
