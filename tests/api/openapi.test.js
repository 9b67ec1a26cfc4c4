// schemas/api/openapi.json against the program's own tables and its answers.
// That every answer of every other test keeps it is contract.js's work.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { top } from '../setup/site.js';
import { api } from './contract.js';
import { gateway } from './gateway.js';

const source = (name) => readFileSync(path.join(top, name), 'utf8');
const schema = (name) => api.components.schemas[name];
const resolve = (node) => node.$ref
	? node.$ref.slice(2).split('/').reduce((at, key) => at[key], api) : node;

const routes = [...source('gateway/routes.def').matchAll(
	/^(?:ROUTE|BATCH)\((\w+), +"([^"]+)", +(\w+), +(\w+), +(\w+)/gm)]
	.map(([, method, where, who, body, key]) => ({
		method: method.toLowerCase(), where, who, body, key }));

test('every route is described, and nothing else', () => {
	const described = Object.entries(api.paths).flatMap(([where, item]) =>
		Object.keys(item).filter((key) => key !== 'parameters')
			.map((method) => `${method} ${where}`));
	assert.ok(routes.length > 15);
	assert.deepEqual(described.sort(),
		routes.map((r) => `${r.method} ${r.where}`).sort());
});

test('a write that needs an Idempotency-Key says so', () => {
	for (const { method, where, key } of routes) {
		const names = (api.paths[where][method].parameters ?? [])
			.map((p) => resolve(p)).filter((p) => p.required)
			.map((p) => p.name);
		assert.equal(names.includes('Idempotency-Key'), key !== 'NONE',
			`${method} ${where}`);
	}
});

test('a body is described where the route takes one', () => {
	const media = { JSON: 'application/json', FORM: 'multipart/form-data',
		RAW: '*/*' };
	for (const { method, where, body } of routes) {
		const content = api.paths[where][method].requestBody?.content ?? {};
		assert.deepEqual(Object.keys(content), media[body] ? [media[body]] : [],
			`${method} ${where}`);
	}
});

test('the codes of a problem are those of errors.def', () => {
	const names = [...source('base/errors.def').matchAll(
		/^ERR\(\w+, +\d+, "([^"]+)"/gm)].map(([, name]) => name);
	assert.deepEqual([...schema('Problem').properties.code.enum].sort(),
		names.sort());
});

test('the states are those of dossier_state.def and payment_state.def', () => {
	for (const [file, found] of [
		['gateway/dossier_state.def', schema('Dossier').properties.state.enum],
		['gateway/payment_state.def', schema('Payment').properties.attempts
			.items.properties.state.enum]]) {
		const names = [...source(file).matchAll(
			/^STATE\( *\d+, \w+, +"([^"]+)"/gm)].map(([, name]) => name);
		assert.deepEqual(found, names, file);
	}
});

test('the classes are those of difference.def and of the database',
	async (t) => {
	const names = [...source('gateway/difference.def').matchAll(
		/^DIFFERENCE\("([^"]+)"/gm)].map(([, name]) => name);
	assert.deepEqual(schema('Difference').properties.class.enum, names);
	const g = await gateway(t, { start: false });
	const [[held]] = await g.psql(`SELECT pg_get_constraintdef(oid)
		FROM pg_constraint WHERE conname = 'settlement_difference_class_check'`);
	assert.deepEqual([...held.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name)
		.sort(), [...names].sort());
});

// What each C table of fields is in the description.
const bodies = {
	'gateway/api_payment_lookup.c': 'KeypayLookup',
	'gateway/api_session.c': 'SessionOpening',
	'gateway/api_dossier_submit.c': 'DossierSubmission',
	'gateway/applicant.c': 'Applicant',
	'gateway/document.c': 'DocumentEntry',
	'gateway/api_document_add.c': 'DocumentAddition',
	'gateway/api_dossier_act.c': 'DossierAction',
	'gateway/api_payment_start.c': 'PaymentStart',
	'gateway/api_rating_add.c': 'Rating',
	'gateway/api_feedback_add.c': 'Feedback',
	'gateway/api_feedback_act.c': 'FeedbackAction',
	'gateway/api_feedback_more.c': 'FeedbackAddition',
	'gateway/api_stray_act.c': 'StrayAction',
	'gateway/api_difference_act.c': 'DifferenceAction',
};

// Both ways to write a row of a table of fields in C.
const row = new RegExp('\\{\\s*"(?<name>\\w+)",\\s*JSON_KIND_(?<kind>\\w+),' +
	'\\s*(?<must>\\w+),\\s*(?<least>\\d+),\\s*(?<most>\\d+),\\s*\\w+,' +
	'\\s*(?<among>\\w+)\\s*\\}|\\{\\s*\\.name = "(?<named>\\w+)",' +
	'(?<rest>[^}]*)\\}', 'g');

function* fieldsOf(text) {
	for (const { groups: { rest, named, ...plain } } of text.matchAll(row)) {
		const said = (member, otherwise) => rest.match(
			new RegExp(`\\.${member} = (?:JSON_KIND_)?(\\w+)`))?.[1] ?? otherwise;
		yield rest === undefined ? plain : { name: named, kind: said('kind'),
			must: said('required', 'false'), least: said('least', '0'),
			most: said('most', '0'), among: said('among', 'NULL') };
	}
}

function words(text, table) {
	const [, list] = text.match(
		new RegExp(`\\b${table}\\[\\] = \\{([^}]*)\\}`));
	return [...list.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
}

const types = { TEXT: 'string', INT: 'integer', LIST: 'array',
	OBJECT: 'object', BOOL: 'boolean' };

function limits(kind, least, most) {
	switch (kind) {
	case 'TEXT': return { minLength: least, maxLength: most };
	case 'INT': return { minimum: least, maximum: most };
	case 'LIST': return { minItems: least, maxItems: most };
	default: return {};
	}
}

for (const [file, name] of Object.entries(bodies))
	test(`the limits of ${name} are those of ${file}`, () => {
		const text = source(file);
		const fields = [...fieldsOf(text)];
		const { properties, required } = schema(name);

		assert.ok(fields.length > 0);
		assert.deepEqual(fields.map((f) => f.name).sort(),
			Object.keys(properties).sort());
		assert.deepEqual(fields.filter((f) => f.must === 'true')
			.map((f) => f.name).sort(), [...required].sort());
		for (const { name: key, kind, least, most, among } of fields) {
			const node = resolve(properties[key]);
			assert.equal(node.type, types[kind], key);
			if (among !== 'NULL')
				assert.deepEqual(node.enum, words(text, among), key);
			else if (!node.enum)
				for (const [limit, value] of Object.entries(
					limits(kind, Number(least), Number(most))))
					assert.equal(node[limit], value, `${key} ${limit}`);
		}
	});

test('an action is one of the table in api_dossier_act.c', () => {
	const table = source('gateway/api_dossier_act.c')
		.match(/\} actions\[\] = \{([\s\S]*?)\n\};/)[1];
	assert.deepEqual(schema('DossierAction').properties.action.enum,
		[...table.matchAll(/\{ "([a-z-]+)", DOSSIER_EV/g)].map(([, w]) => w));
});

test('the running server serves this very document to anyone', async (t) => {
	const g = await gateway(t);
	const res = await g.get('/openapi.json', { as: 'nobody' });
	assert.equal(res.status, 200);
	assert.deepEqual(res.json, api);
});

test('every described path exists, and refuses strangers as described',
	async (t) => {
	const g = await gateway(t);
	for (const { method, where, who, body } of routes) {
		// An operator's route is on another listener; a provider's method is
		// its own.
		if (who === 'OPERATE' || who === 'MAC')
			continue;
		const concrete = where.replace('{provider}', 'vnpay')
			.replace('{id}', '1').replace(/\{\w+\}/, 'none');
		const res = await g.send(method.toUpperCase(), concrete, {
			as: 'nobody', ...body === 'JSON' && { body: '{}',
				headers: { 'content-type': 'application/json' } } });
		assert.notEqual(res.json?.code, 'method-not-allowed', where);
		if (!['ANYONE', 'BROWSER'].includes(who))
			assert.equal(res.status, 401, `${method} ${where}`);
	}
});

test('an unknown path and a wrong method are problems too', async (t) => {
	const g = await gateway(t);
	const lost = await g.get('/v1/nothing', { as: 'nobody' });
	const wrong = await g.delete('/v1/dossiers', { as: 'nobody' });
	assert.deepEqual([lost.status, lost.json.code], [404, 'not-found']);
	assert.deepEqual([wrong.status, wrong.json.code],
		[405, 'method-not-allowed']);
});
