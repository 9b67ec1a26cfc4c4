// So many requests a second, whatever becomes of them: the next one is due when
// its time has come and not when an answer has, and waits count from then.  wrk
// has no rate; it asks again once it was answered, and so never sees the queue
// that it would have stood in.
import tls from 'node:tls';

const between = 2; // ms between two looks at what is due

// A connection that asks one thing at a time, over TLS and kept alive.
async function connect(port, ca) {
	const socket = tls.connect({ port, ca, servername: 'localhost' });
	const c = { socket, done: null };
	let text = '';
	socket.setNoDelay(true);
	socket.setEncoding('latin1');
	socket.on('data', (part) => {
		text += part;
		const head = text.indexOf('\r\n\r\n');
		const length = head < 0 ? null
			: /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head));
		if (length === null || text.length < head + 4 + Number(length[1]))
			return;
		const body = text.slice(head + 4);
		text = '';
		c.done(body);
	});
	await new Promise((resolve, reject) => socket
		.once('secureConnect', resolve).once('error', reject));
	return c;
}

// A request as it goes over the wire; the headers beside Host.
export const request = (method, path, headers = {}, body = '') => Buffer.concat([
	Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n` +
		Object.entries({ ...headers, 'content-length': body.length })
			.map(([name, value]) => `${name}: ${value}\r\n`).join('') + '\r\n'),
	Buffer.from(body)]);

// requests, at so many a second, over so many connections; the times in ms, the
// smallest first, and how many answers were as expected.
export async function paced({ port, ca, requests, rate, connections, expected }) {
	const idle = await Promise.all(Array.from({ length: connections }, () =>
		connect(port, ca)));
	const all = [...idle];
	const times = [];
	let sent = 0, right = 0;
	const began = performance.now();
	const due = (i) => began + i * 1000 / rate;

	// In turns, as one that is idle for long is closed.
	await new Promise((resolve, reject) => {
		for (const c of all)
			c.socket.once('close', () => reject(new Error('closed')));
		const send = () => {
			while (idle.length > 0 && sent < requests.length &&
				due(sent) <= performance.now()) {
				const c = idle.shift(), at = due(sent);
				c.done = (body) => {
					times.push(performance.now() - at);
					right += expected.test(body) ? 1 : 0;
					idle.push(c);
					if (times.length === requests.length)
						resolve(clearInterval(timer));
					else
						send();
				};
				c.socket.write(requests[sent++]);
			}
		};
		const timer = setInterval(send, between);
	});
	const took = performance.now() - began;
	for (const c of all)
		c.socket.destroy();
	times.sort((a, b) => a - b);
	return { times, right, rate: requests.length / took * 1000,
		p99: times[Math.ceil(times.length * 0.99) - 1],
		p50: times[Math.ceil(times.length * 0.5) - 1] };
}
