// SPDX-License-Identifier: Apache-2.0

/** One of six grounds, the same for a name wherever it stands. */
export function avatarGround(name: string): number {
	// FNV-1a; the high bits are the well mixed ones.
	let hash = 0x811c9dc5;
	for (const character of name.toLowerCase()) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
	return ((hash >>> 16) % 6) + 1;
}

/** First letter of a person's name. */
export function avatarLetter(name: string): string {
	return firstCharacter(name).toUpperCase();
}

/** Up to two letters for a community: of its first two words, else the first two of the only one. */
export function tileLetters(name: string): string {
	const words = name.split(/\s+/).filter(Boolean);
	if (words.length === 0) return '?';
	const long = words.filter((word) => [...word].length > 2);
	const [first, second] = long.length >= 2 ? long : words;
	if (second === undefined) return [...(first ?? '')].slice(0, 2).join('').toUpperCase();
	return (firstCharacter(first ?? '') + firstCharacter(second)).toUpperCase();
}

function firstCharacter(word: string): string {
	return [...word][0] ?? '?';
}
