// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { earlier, later, rangeOf, THE_NEWEST } from './shown';

function items(from: number, to: number): { key: string }[] {
	return Array.from({ length: to - from }, (_, at) => ({ key: String(from + at) }));
}

test('the newest are shown first; all of a short history', () => {
	expect(rangeOf(items(0, 5_000), THE_NEWEST)).toEqual({ from: 4_900, to: 5_000 });
	expect(rangeOf(items(0, 7), THE_NEWEST)).toEqual({ from: 0, to: 7 });
	expect(rangeOf([], THE_NEWEST)).toEqual({ from: 0, to: 0 });
});

test('a reader can go through all of it, up and down, and never has more than some hundreds', () => {
	const all = items(0, 5_000);
	const seen = new Set<number>();
	let range = rangeOf(all, THE_NEWEST);
	for (const [go, arrived] of [
		[earlier, () => range.from === 0],
		[later, () => range.to === all.length]
	] as const) {
		while (!arrived()) {
			const before = range;
			range = rangeOf(all, go(all, range));
			expect(range.to - range.from).toBeLessThanOrEqual(200);
			expect(Math.max(range.from, before.from), 'what was shown and what is shown touch').toBeLessThan(
				Math.min(range.to, before.to)
			);
			for (let at = range.from; at < range.to; at += 1) seen.add(at);
		}
	}
	expect(seen.size).toBe(all.length);
});

test('what is shown stays when older and newer ones come', () => {
	const shown = earlier(items(0, 500), { from: 300, to: 400 });
	expect(rangeOf(items(0, 500), shown)).toEqual({ from: 250, to: 400 });
	expect(rangeOf(items(-50, 600), shown)).toEqual({ from: 300, to: 450 });
});

test('newer ones are shown where the end was', () => {
	const shown = earlier(items(0, 500), { from: 400, to: 500 });
	expect(rangeOf(items(0, 503), shown)).toEqual({ from: 350, to: 503 });
});

test('an edge whose message is gone gives way', () => {
	expect(rangeOf(items(0, 500), { first: 'gone', last: '399' })).toEqual({ from: 300, to: 400 });
	expect(rangeOf(items(0, 500), { first: '450', last: 'gone' })).toEqual({ from: 450, to: 500 });
	expect(rangeOf(items(0, 500), { first: '450', last: '20' })).toEqual({ from: 0, to: 21 });
});
