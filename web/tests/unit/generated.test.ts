// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { externalizeScripts } from '../../scripts/adapter-csp.js';
import { generateTypes } from '../../scripts/generate-types.js';

it('src/lib/api/schema.ts is what docs/openapi.json says (else run `npm run types`)', async () => {
	const committed = readFileSync(new URL('../../src/lib/api/schema.ts', import.meta.url), 'utf8');
	expect(committed === (await generateTypes())).toBe(true);
});

it('the lock file names no registry', () => {
	const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
		packages: Record<string, { resolved?: string }>;
	};
	expect(Object.values(lock.packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([]);
});

it('a page’s inline script moves to a file named by its content', () => {
	const files = new Map<string, string>();
	const page = externalizeScripts('<div><script>start();</script></div>', (name, body) => files.set(name, body));
	const [name] = [...files.keys()];
	expect(page).toBe(`<div><script src="/_app/immutable/entry/${name}"></script></div>`);
	expect([...files.values()]).toEqual(['start();']);
});

it.each([
	'<p style="color:red">',
	'<style>p{}</style>',
	'<button onclick="f()">',
	'<script type="module">f()</script>'
])('the build fails on %s', (html) => {
	expect(() => externalizeScripts(html, () => {})).toThrow(/content security policy/);
});
