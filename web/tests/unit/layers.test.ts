// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');
const LONGEST_FILE = 600;

/** What each layer may import of ours: `ui ← features → state → gateway | voice | api`, time below all. */
const MAY_IMPORT: Record<string, readonly string[]> = {
	time: [],
	api: ['time'],
	gateway: ['api', 'time'],
	voice: ['api', 'time'],
	state: ['gateway', 'voice', 'api', 'time'],
	ui: ['paraglide'],
	features: ['ui', 'state', 'paraglide'],
	routes: ['features', 'ui', 'state', 'paraglide']
};

/** Layers that decide and so must run without a page; the edges are named. */
const WITHOUT_DOM = /^lib\/(time|api|gateway|voice|state)\//;
const DOM_EDGES = /\/(browser_\w+|key_listener|platform|clock)\.ts$/;
const DOM =
	/(?<![.\w])(document|localStorage|sessionStorage|navigator)\s*\.|\bnew (WebSocket|RTCPeerConnection|Audio)\b|\bDate\.now\b|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b/;

interface Source {
	/** From `src`. */
	path: string;
	layer: string;
	text: string;
}

const sources: Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
	.filter((path) => /\.(ts|js|svelte)$/.test(path) && !path.startsWith('lib/paraglide/'))
	.map((path) => ({ path, layer: layerOf(path), text: readFileSync(join(SRC, path), 'utf8') }));

function layerOf(path: string): string {
	const [first, second] = path.split('/');
	return first === 'lib' ? (second ?? '') : (first ?? '');
}

/** Layers that a file imports, its own left out. */
function importsOf({ path, layer, text }: Source): string[] {
	const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
	return specifiers
		.map((specifier) => {
			if (specifier.startsWith('$lib/')) return layerOf(`lib/${specifier.slice('$lib/'.length)}`);
			if (specifier.startsWith('.')) return layerOf(relative(SRC, resolve(SRC, dirname(path), specifier)));
			return layer;
		})
		.filter((imported) => imported !== layer);
}

describe('layers', () => {
	it('have something in each of them, and no file lies outside', () => {
		const seen = new Set(sources.map(({ layer }) => layer));
		for (const layer of Object.keys(MAY_IMPORT)) expect(seen, layer).toContain(layer);
		const strays = sources.filter(({ layer, path }) => !(layer in MAY_IMPORT) && !/^(app|hooks)\./.test(path));
		expect(strays.map(({ path }) => path)).toEqual([]);
	});

	it('import downwards only', () => {
		const wrong = sources.flatMap((source) =>
			importsOf(source)
				.filter((imported) => !MAY_IMPORT[source.layer]?.includes(imported) && imported !== 'app.css')
				.map((imported) => `${source.path} imports ${imported}`)
		);
		expect(wrong).toEqual([]);
	});

	it('take time, chance and the page from their boundary where they decide', () => {
		const wrong = sources
			.filter(({ path }) => WITHOUT_DOM.test(path) && !DOM_EDGES.test(path))
			.map(({ path, text }) => {
				const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
				return { path, found: code.match(DOM)?.[0] };
			})
			.filter(({ found }) => found !== undefined);
		expect(wrong).toEqual([]);
	});
});

describe('files', () => {
	it('have no more than 600 lines', () => {
		const long = sources.filter(
			({ path, text }) => path !== 'lib/api/schema.ts' && text.split('\n').length > LONGEST_FILE
		);
		expect(long.map(({ path }) => path)).toEqual([]);
	});

	it('name their licence', () => {
		const without = sources.filter(({ text }) => !text.split('\n')[0]?.includes('SPDX-License-Identifier: Apache-2.0'));
		expect(without.map(({ path }) => path)).toEqual([]);
	});
});
