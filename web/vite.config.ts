// SPDX-License-Identifier: Apache-2.0
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

// `npm run dev` talks to a running `voz serve`.
const server = process.env['VOZ_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
	plugins: [
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
