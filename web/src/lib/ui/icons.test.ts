// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

test('every name has its drawing, and every drawing its name', () => {
	const drawings = [...read('IconSprite.svelte').matchAll(/<symbol id="([^"]+)"/g)].map((match) => match[1]);
	const names = [...read('icons.ts').matchAll(/\| '([^']+)'/g)].map((match) => match[1]);
	expect(drawings.length).toBeGreaterThan(50);
	expect(names).toEqual(drawings);
});
