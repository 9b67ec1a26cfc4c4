// Runs files of tests, several at once: they wait more than they work.
//
//	with-cluster.sh node suite.js AT_ONCE FILE...
//
// node --test takes files by their names, and those with the most in them were
// left to run alone at the end; here the longest files come first.  Whatever a
// test says, no two transactions may have waited for each other: PostgreSQL ends
// such a circle after a second, and the gateway tries again.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { spec as Spec } from 'node:test/reporters';

const [atOnce, ...names] = process.argv.slice(2);
const files = names.map((name) => path.resolve(name))
	.sort((a, b) => statSync(b).size - statSync(a).size);

run({ files, concurrency: Number(atOnce) })
	.on('test:fail', () => { process.exitCode = 1; })
	.compose(new Spec())
	.pipe(process.stdout);

process.on('exit', () => {
	const log = path.join(path.dirname(process.env.PGHOST), 'log');
	const circles = readFileSync(log, 'utf8').split('\n')
		.flatMap((line, i, all) => line.includes('deadlock detected')
			? all.slice(i, i + 9) : []);
	if (circles.length === 0)
		return;
	process.exitCode = 1;
	process.stdout.write(`${circles.join('\n')}\n`);
});
