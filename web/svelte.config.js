// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';
import { withStrictCsp } from './scripts/adapter-csp.js';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		adapter: withStrictCsp(adapter({ pages: 'build', assets: 'build', fallback: 'index.html' }), 'build'),
		paths: { relative: false },
		// The default is the time of the build, which would make two builds of one source differ.
		version: { name: version }
	}
};
