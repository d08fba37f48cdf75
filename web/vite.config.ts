// SPDX-License-Identifier: Apache-2.0
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// `npm run dev` talks to a running `voz serve`.
const server = process.env['VOZ_URL'] ?? 'http://127.0.0.1:8080';

/** SvelteKit's announcer of page titles has a static style attribute, which the CSP refuses; app.css hides it instead. */
const announcerWithoutStyle: Plugin = {
	name: 'voz:announcer-without-style',
	enforce: 'pre',
	transform(code, id) {
		if (!id.endsWith('/generated/root.svelte')) return null;
		const plain = code.replace(/(<div id="svelte-announcer"[^>]*?) style="[^"]*"/, '$1');
		if (plain === code) this.error('the announcer of page titles looks different: see that it has no style attribute');
		return plain;
	}
};

export default defineConfig({
	plugins: [
		announcerWithoutStyle,
		...(process.env['VITEST']
			? []
			: [
					paraglideVitePlugin({
						project: './project.inlang',
						outdir: './src/lib/paraglide',
						strategy: ['localStorage', 'preferredLanguage', 'baseLocale']
					})
				]),
		sveltekit()
	],
	server: { proxy: { '/api': { target: server, ws: true } } },
	test: { include: ['src/**/*.test.ts', 'tests/unit/**/*.test.ts'], environment: './tests/unit/environment.ts' },
	// Unit tests run what a browser is sent, not what a server would render with.
	...(process.env['VITEST'] ? { resolve: { conditions: ['browser'] } } : {})
});
