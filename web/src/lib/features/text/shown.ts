// SPDX-License-Identifier: Apache-2.0
/**
 * Which part of a long history is on the screen: some hundreds of messages round what is read, however many there are.
 * Its edges are messages, not counts, so that neither older nor newer ones that come move it.
 */

/** Keys of the first and the last message shown; null: as many as fit, to the newest. */
export interface Shown {
	readonly first: string | null;
	readonly last: string | null;
}

/** From `from` up to and without `to`. */
export interface Range {
	readonly from: number;
	readonly to: number;
}

type Keyed = readonly { readonly key: string }[];

export const THE_NEWEST: Shown = { first: null, last: null };

/** How many are shown at first, and beside an edge whose message is gone. */
const FEW = 100;
/** How many more come at an edge that the reader gets near to. */
const STEP = 50;
/** How many there are at most while the reader moves. */
const MOST = 200;

export function rangeOf(items: Keyed, shown: Shown): Range {
	const last = shown.last === null ? -1 : items.findLastIndex(({ key }) => key === shown.last);
	const to = last === -1 ? items.length : last + 1;
	const first = shown.first === null ? -1 : items.findIndex(({ key }) => key === shown.first);
	return { from: first === -1 || first >= to ? Math.max(0, to - FEW) : first, to };
}

/** Older ones come above, those furthest below go. */
export function earlier(items: Keyed, range: Range): Shown {
	const from = Math.max(0, range.from - STEP);
	return shownOf(items, { from, to: Math.min(range.to, from + MOST) });
}

/** Newer ones come below, those furthest above go. */
export function later(items: Keyed, range: Range): Shown {
	const to = Math.min(items.length, range.to + STEP);
	return shownOf(items, { from: Math.max(range.from, to - MOST), to });
}

function shownOf(items: Keyed, { from, to }: Range): Shown {
	return {
		first: items[from]?.key ?? null,
		last: to === items.length ? null : (items[to - 1]?.key ?? null)
	};
}
