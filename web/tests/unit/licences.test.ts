// SPDX-License-Identifier: Apache-2.0
// What the web client is built of may be used in Apache-2.0 software. The crates' licences are deny.toml's.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const WEB = resolve(import.meta.dirname, '../..');

const denyToml = readFileSync(join(WEB, '../deny.toml'), 'utf8');
/** Of what may become part of the page: those of the crates, and one that asks for nothing. */
const SHIPPED = [...(/^allow = \[(.*)\]$/m.exec(denyToml)?.[1] ?? '').matchAll(/"(.+?)"/g)].map(([, name]) => name!);
SHIPPED.push('0BSD');
/** Of tools: they run here, and nothing of them is in the page. */
const TOOLS = [...SHIPPED, 'MPL-2.0', 'Python-2.0', '(MIT OR CC0-1.0)', '(Apache-2.0 WITH LLVM-exception)'];
/** Vite's compiler of styles: a tool that the lock file does not know as one, because SvelteKit needs Vite. */
const TOOL_BY_NAME = /\/lightningcss(-[\w-]+)?$/;
/** Packages whose manifest names no licence. The text beside the code does; of the last one its parent's does. */
const READ_BY_A_PERSON: Record<string, string> = {
	'node_modules/svelte-toolbelt': 'MIT',
	'node_modules/@inlang/plugin-message-format': 'MIT',
	'node_modules/@lix-js/sdk-linux-x64': 'MIT'
};

interface Package {
	license?: string;
	dev?: boolean;
}

it('every package has a licence that allows what we do with it', () => {
	const lock = JSON.parse(readFileSync(join(WEB, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, Package>;
	};
	const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
	expect(packages.length).toBeGreaterThan(100);
	const refused = packages.flatMap(([path, { license = READ_BY_A_PERSON[path], dev = false }]) => {
		const allowed = dev || TOOL_BY_NAME.test(path) ? TOOLS : SHIPPED;
		return license !== undefined && allowed.includes(license) ? [] : [`${path}: ${license ?? 'none'}`];
	});
	expect(refused).toEqual([]);
});
