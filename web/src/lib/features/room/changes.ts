// SPDX-License-Identifier: Apache-2.0
/** Who came into a room and who left it, as sentences for the live region: few words, however many people move. */
import { m } from '$lib/paraglide/messages';
import type { Occupant } from '$lib/state';

/** More names than this are counted instead. */
const NAMED = 2;

/** @returns one sentence per direction; nothing about oneself */
export function roomChanges(before: readonly Occupant[], after: readonly Occupant[], selfId: string): string[] {
	const joined = missing(before, after, selfId);
	const left = missing(after, before, selfId);
	return [...sentences(joined, m.occ_joined, m.occ_joined_many), ...sentences(left, m.occ_left, m.occ_left_many)];
}

function missing(from: readonly Occupant[], of: readonly Occupant[], selfId: string): string[] {
	const known = new Set(from.map((occupant) => occupant.user.id));
	return of
		.filter((occupant) => occupant.user.id !== selfId && !known.has(occupant.user.id))
		.map((occupant) => occupant.user.username);
}

function sentences(
	names: string[],
	one: (inputs: { name: string }) => string,
	many: (inputs: { count: number }) => string
): string[] {
	if (names.length > NAMED) return [many({ count: names.length })];
	return names.map((name) => one({ name }));
}
