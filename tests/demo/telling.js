// How the demo tells: headings, facts in columns, and a check that what is
// told is so.
const paint = process.stdout.isTTY && !process.env.NO_COLOR
	? (code, text) => `\x1b[${code}m${text}\x1b[0m` : (_, text) => text;

const began = Date.now();

export function step(n, vi, en) {
	const at = ((Date.now() - began) / 1000).toFixed(1);
	console.log(`\n${paint('1;36', `── Bước ${n} · Step ${n} `)}` +
		paint('2', `(${at} s)`));
	console.log(paint('1', vi));
	console.log(paint('3', en));
}

export function fact(name, value) {
	const wide = [...name].length;
	console.log(`   ${name}${' '.repeat(Math.max(1, 34 - wide))}${value}`);
}

export function note(text) {
	console.log(`   ${paint('2', text)}`);
}

// Says it and, if it is not so, ends the demo.
export function must(condition, what, shown = '') {
	if (!condition) {
		console.log(`   ${paint('1;31', '✗')} ${what} ${shown}`);
		throw new Error(`the story went wrong: ${what} ${shown}`);
	}
	console.log(`   ${paint('32', '✓')} ${what}${shown ? ` ${shown}` : ''}`);
}

export const dong = (n) =>
	`${String(n).replace(/\B(?=(\d{3})+$)/g, '.')} đồng`;

// An instant as a Vietnamese reader has it.
export function vn(time) {
	return time ? new Date(time).toLocaleString('sv-SE', {
		timeZone: 'Asia/Ho_Chi_Minh' }).slice(0, 16) : '–';
}
