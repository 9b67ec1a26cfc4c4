// The portal of the demo: a program of its own that calls the gateway by
// plain HTTPS with its bearer key, and receives callbacks, whose signatures it
// checks itself.  Steered by JSON lines on standard input, it answers by JSON
// lines on standard output:
//
//	{"n":1,"method":"POST","path":"/v1/dossiers","form":{…}}
//	    form: {part: {file: path} or an object}; json: a body; key
//	{"n":2,"received":true}      what came by callbacks so far
//
//	node tests/demo/portal.js --url https://localhost:N
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { startPortal } from '../fake/portal.js';
import { call, multipart } from '../setup/http.js';
import { pki, secret } from '../setup/site.js';

const { values: { url } } = parseArgs({ options: { url: { type: 'string' } } });
const where = { port: new URL(url).port,
	agent: new https.Agent({ keepAlive: true,
		ca: readFileSync(pki('tls/ca.crt')) }) };
const portal = await startPortal({ cert: pki('tls/portal.crt'),
	key: pki('tls/portal.key'), secret: pki('secret/webhook.secret') });
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const files = (form) => multipart(Object.fromEntries(Object.entries(form)
	.map(([name, part]) => [name, part.file === undefined ? part
		: { data: readFileSync(part.file), file: path.basename(part.file) }])));

async function ask({ method, path: at, form, json, headers }) {
	const { body, type } = form ? files(form)
		: json ? { body: JSON.stringify(json), type: 'application/json' } : {};
	const answer = await call(where, { method, path: at, body, headers: {
		authorization: `Bearer ${secret('client.key')}`,
		...body && { 'content-type': type,
			'idempotency-key': `"${randomUUID()}"` }, ...headers } });
	return { status: answer.status, headers: answer.headers,
		text: answer.text, json: answer.json };
}

say({ callbacks: portal.url });
for await (const line of createInterface({ input: process.stdin })) {
	const order = JSON.parse(line);
	if (order.received)
		say({ n: order.n, received: portal.received.map(
			({ id, type, timestamp, data }) => ({ id, type, timestamp, data })),
		refused: portal.refused.length });
	else
		ask(order).then((answer) => say({ n: order.n, ...answer }),
			(e) => say({ n: order.n, error: e.message }));
}
where.agent.destroy();
await portal.close();
