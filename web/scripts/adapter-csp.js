// SPDX-License-Identifier: Apache-2.0
// Wraps a static adapter so that the written pages need no inline script: SvelteKit's start script moves to a file
// named by its hash. The build fails when a page still holds what `script-src 'self'; style-src 'self'` forbids.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/**
 * Moves each inline script of `html` out.
 * @param {string} html a page
 * @param {(name: string, body: string) => void} write stores a file beside the page's other scripts
 * @returns {string} the page without inline scripts
 */
export function externalizeScripts(html, write) {
	const page = html.replace(INLINE_SCRIPT, (_, /** @type {string} */ body) => {
		const hash = createHash('sha256').update(body).digest('base64url').slice(0, 8);
		write(`boot.${hash}.js`, body.trim());
		// A classic script that is neither async nor deferred: `document.currentScript` must stay set.
		return `<script src="/_app/immutable/entry/boot.${hash}.js"></script>`;
	});
	for (const forbidden of [/<script(?![^>]*\ssrc=)/i, /<style[\s>]/i, /\sstyle=/i, /\son[a-z]+=/i]) {
		if (forbidden.test(page)) throw new Error(`a page holds what the content security policy forbids: ${forbidden}`);
	}
	return page;
}

/**
 * @param {import('@sveltejs/kit').Adapter} inner an adapter that writes to `folder` without compressing
 * @param {string} folder where it writes
 * @returns {import('@sveltejs/kit').Adapter}
 */
export function withStrictCsp(inner, folder) {
	return {
		...inner,
		async adapt(builder) {
			await inner.adapt(builder);
			for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
				if (!file.endsWith('.html')) continue;
				const path = join(folder, file);
				const page = externalizeScripts(readFileSync(path, 'utf8'), (name, body) =>
					writeFileSync(join(folder, '_app/immutable/entry', name), body)
				);
				writeFileSync(path, page);
			}
			await builder.compress(folder);
		}
	};
}
