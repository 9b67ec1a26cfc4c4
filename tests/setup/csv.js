// CSV with a line of names (RFC 4180): an object for each line after it.
export function parseCsv(text) {
	const rows = [[]];
	for (const [, quoted, plain, end] of text.matchAll(
		/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
		rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
		if (end !== ',')
			rows.push([]);
	}
	const [names, ...body] = rows.filter((r) => r.length > 1);
	return body.map((r) =>
		Object.fromEntries(names.map((n, i) => [n, r[i]])));
}
