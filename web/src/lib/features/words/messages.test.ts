// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

type Entry = string | { match: Record<string, string> }[];

const read = (locale: string) =>
	Object.entries(JSON.parse(readFileSync(`messages/${locale}.json`, 'utf8')) as Record<string, Entry>).filter(
		([key]) => !key.startsWith('$')
	);
const texts = (entry: Entry) =>
	typeof entry === 'string' ? [entry] : entry.flatMap(({ match }) => Object.values(match));
const inputs = (entry: Entry) => new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []));

const source = read('pt-BR');

test.each(['en', 'es'])('%s says everything that pt-BR says, with the same values in it', (locale) => {
	const other = new Map(read(locale));
	expect([...other.keys()]).toEqual(source.map(([key]) => key));
	for (const [key, entry] of source) expect(inputs(other.get(key) ?? ''), key).toEqual(inputs(entry));
});

test.each(['pt-BR', 'en', 'es'])('%s has no sentence of more than 15 words', (locale) => {
	const long = read(locale).flatMap(([, entry]) =>
		texts(entry).flatMap((text) => text.split(/[.!?]\s|\n/).filter((sentence) => sentence.split(/\s+/).length > 15))
	);
	expect(long).toEqual([]);
});

test('no message is left over', () => {
	const code = readdirSync('src', { recursive: true, encoding: 'utf8' })
		.filter((file) => /\.(svelte|ts)$/.test(file) && !file.includes('paraglide'))
		.map((file) => readFileSync(join('src', file), 'utf8'))
		.join('\n');
	expect(source.filter(([key]) => !new RegExp(`\\bm\\.${key}\\b`).test(code)).map(([key]) => key)).toEqual([]);
});
