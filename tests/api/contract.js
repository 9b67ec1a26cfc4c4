// The API's description held against every answer that a test sees: a path, a
// status or a field that schemas/api/openapi.json does not know fails the test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { top } from '../setup/site.js';

export const api = JSON.parse(readFileSync(
	path.join(top, 'schemas/api/openapi.json'), 'utf8'));

// A client has to ignore what it does not know; our own tests must not, or a
// field could be served for years without being described.
function close(node) {
	if (Array.isArray(node))
		return node.map(close);
	if (node === null || typeof node !== 'object')
		return node;
	const out = Object.fromEntries(Object.entries(node)
		.map(([key, value]) => [key, close(value)]));
	if (out.type === 'object' && out.properties &&
		out.additionalProperties === undefined && !out.allOf)
		out.unevaluatedProperties = false;
	return out;
}

const ajv = new Ajv.default({ strict: false, validateSchema: false,
	allErrors: true });
addFormats.default(ajv);
ajv.addSchema(close(api), 'api');

const pointer = (...keys) => keys.map((key) =>
	encodeURIComponent(String(key).replace(/~/g, '~0').replace(/\//g, '~1')))
	.join('/');
const compiled = new Map();
const validator = (...keys) => {
	const ref = `api#/${pointer(...keys)}`;
	if (!compiled.has(ref))
		compiled.set(ref, ajv.compile({ $ref: ref }));
	return compiled.get(ref);
};

const templates = Object.keys(api.paths).map((template) => [template,
	new RegExp(`^${template.replace(/\./g, '\\.')
		.replace(/\{[^}]+\}/g, '[^/]+')}$`)]);
export const operation = (method, where) => {
	const bare = where.split('?')[0];
	const found = templates.find(([, regex]) => regex.test(bare));
	return found && [found[0], api.paths[found[0]][method.toLowerCase()]];
};

const problem = validator('components', 'schemas', 'Problem');
const fail = (what, validate) => assert.fail(`${what}: ` +
	ajv.errorsText(validate.errors, { separator: '\n' }));

function follow(response) {
	return response?.$ref
		? ['components', 'responses', response.$ref.split('/').pop()] : null;
}

// Answers with what it was given, so that a caller can pass it on.
export function check({ method, path: where }, answer) {
	const what = `${method} ${where} ${answer.status}`;
	const [template, op] = operation(method, where) ?? [];
	if (answer.status >= 400 && answer.json &&
		/problem\+json/.test(answer.headers['content-type'])) {
		if (!problem(answer.json))
			fail(what, problem);
		if (!op)
			return answer;
	}
	if (!op) {
		assert.ok([404, 405].includes(answer.status), `${what}: not described`);
		return answer;
	}
	const response = op.responses[answer.status];
	assert.ok(response, `${what}: the status is not described`);
	const at = follow(response) ?? ['paths', template, method.toLowerCase(),
		'responses', answer.status];
	const resolved = at.reduce((node, key) => node[key], api);
	const type = (answer.headers['content-type'] ?? '').split(';')[0];
	const media = resolved.content?.[type];
	if (type === '' || (!media && resolved.content?.['*/*']))
		return answer;
	assert.ok(media, `${what}: ${type} is not described`);
	if (answer.json !== undefined && media.schema) {
		const validate = validator(...at, 'content', type, 'schema');
		if (!validate(answer.json))
			fail(what, validate);
	}
	return answer;
}

// What a form or a callback carries, held against a named schema.
export function conforms(name, value) {
	const validate = validator('components', 'schemas', name);
	if (!validate(value))
		fail(name, validate);
}
