// SPDX-License-Identifier: Apache-2.0
// Prints how many kB of gzipped script the built web client needs before its first screen: all that
// the start script reaches by static imports, and the nodes of the root layout and of the largest page.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const build = 'build';
const entry = /src="([^"]+\.js)"|href="([^"]+\.js)"/g;
const html = readFileSync(join(build, 'index.html'), 'utf8');
const start = [...html.matchAll(entry)].map((match) => (match[1] ?? match[2]).replace(/^\//, ''));

/** What a script imports: statically (`import … from`), and the nodes it can load later. */
function imports(file) {
	const text = readFileSync(join(build, file), 'utf8');
	const found = (pattern) => [...text.matchAll(pattern)].map((match) => normalize(join(dirname(file), match[1])));
	return {
		now: found(/(?:^|[;}\s])(?:import|export)\s*(?:[\w${},*\s]+?from\s*)?["'](\.[^"']+\.js)["']/g),
		later: found(/import\(\s*["'`](\.[^"'`]+\.js)["'`]\s*\)/g)
	};
}

function reach(files, seen = new Set()) {
	for (const file of files) {
		if (seen.has(file)) continue;
		seen.add(file);
		reach(imports(file).now, seen);
	}
	return seen;
}

const size = (files) => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(build, file)), { level: 9 }).length, 0);

const base = reach(start);
const nodes = [...base].flatMap((file) => imports(file).later);
const boot = nodes.filter((file) => !/\/nodes\//.test(file));
const shell = reach(boot, new Set(base));
const pages = [...new Set([...shell].flatMap((file) => imports(file).later))].filter((file) => /\/nodes\//.test(file));
const heaviest = Math.max(0, ...pages.map((page) => size(reach([page], new Set(shell)))));
process.stdout.write(`${(Math.max(heaviest, size(shell)) / 1000).toFixed(1)}\n`);
