// SPDX-License-Identifier: Apache-2.0

/** One of six grounds, the same for a name wherever it stands. */
export function avatarGround(name: string): number {
	let sum = 0;
	for (const character of name.toLowerCase()) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
	return (sum % 6) + 1;
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
