// Chromium as Debian ships it, driven by playwright-core; axe-core looks for
// what keeps people out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// One browser for a test file; contexts are cheap.
export async function browser(t) {
	const running = await chromium.launch({
		executablePath: '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-dev-shm-usage'] });
	t.after(() => running.close());
	return running;
}

// A page of its own.  What its console says of errors is in page.complaints,
// but for those of others' pages: a provider may have no icon.
export async function open(running, url, options = {}) {
	const context = await running.newContext({ ignoreHTTPSErrors: true,
		locale: 'vi-VN', viewport: { width: 1280, height: 900 },
		...options });
	const page = await context.newPage();
	page.complaints = [];
	page.on('console', (m) => m.type() === 'error' &&
		m.location().url.startsWith(new URL(url).origin) &&
		page.complaints.push(m.text()));
	page.on('pageerror', (e) => page.complaints.push(String(e)));
	await page.goto(url);
	return page;
}

// No violation of axe's rules, and nothing that has to be scrolled sideways,
// on a telephone and on a desk.  axe runs beside the page's own policy.
export async function accessible(page) {
	for (const width of [320, 1280]) {
		await page.setViewportSize({ width, height: 900 });
		assert.ok(await page.evaluate(() =>
			document.documentElement.scrollWidth <= window.innerWidth),
		`no sideways scrolling at ${width}`);
		const { violations } = await page.evaluate(
			`(() => { ${axe}; return axe.run(); })()`);
		assert.deepEqual(violations.map((v) => [v.id,
			v.nodes.map((n) => n.html)]), [], `${page.url()} at ${width}`);
	}
}
