// One of the simulators as a program, for people who try the gateway out:
//
//	serve.js NAME '{"port":…,"key":"FILE",…}'     prints one JSON line
//
//	GET  /pay/ID                 what a payer sees, with a button for each end
//	POST /pay/ID/WHAT            lets it happen; what the gateway answered
//	POST /transfer {qr, …}       sepay, payos: a transfer, with changes
import { startDvcqg } from './dvcqg.js';
import { startKeypay } from './keypay.js';
import { startMomo } from './momo.js';
import { startPayos } from './payos.js';
import { startSepay } from './sepay.js';
import { startZalopay } from './zalopay.js';

const starts = { dvcqg: startDvcqg, keypay: startKeypay, momo: startMomo,
	payos: startPayos, sepay: startSepay, zalopay: startZalopay };
const ends = ['success', 'fail', 'drop', 'forge', 'other-amount', 'duplicate'];

const [, , name, options] = process.argv;
const fake = await starts[name](JSON.parse(options));
const provider = fake.take.bind(fake);

const page = (id) => '<!doctype html><html lang="vi"><meta charset="utf-8">' +
	`<title>${name}</title><h1>${name} (giả lập · simulator)</h1>` +
	ends.map((what) => `<form method="post" action="/pay/${id}/${what}">` +
		`<button>${what}</button></form>`).join('');

async function bodyOf(req) {
	const parts = [];
	for await (const part of req)
		parts.push(part);
	return JSON.parse(Buffer.concat(parts).toString());
}

fake.take = async (req, res) => {
	const [, id, what] = /^\/pay\/(\w+)(?:\/([\w-]+))?$/.exec(req.url) ?? [];
	const json = (value) => res.writeHead(200,
		{ 'content-type': 'application/json' }).end(JSON.stringify(value));
	if (req.method === 'GET' && id)
		return res.writeHead(200, { 'content-type': 'text/html' }).end(page(id));
	if (req.method === 'POST' && ends.includes(what))
		return json(await fake.pay(`/${id}`, what));
	if (req.method === 'POST' && req.url === '/transfer' && fake.transfer) {
		const { qr, ...changes } = await bodyOf(req);
		return json(await fake.transfer(qr, changes));
	}
	return provider(req, res);
};
console.log(JSON.stringify({ url: fake.url }));
for (const signal of ['SIGTERM', 'SIGINT'])
	process.once(signal, () => fake.close());
