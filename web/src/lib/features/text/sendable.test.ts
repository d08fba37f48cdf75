// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { sendable } from './sendable';

describe('what is sent of a text', () => {
	it.each([
		['zero-width space', 'a\u200bb', 'ab'],
		['byte order mark', '\ufeffoi', 'oi'],
		['embeddings and overrides', '\u202aa\u202b\u202c\u202d\u202eb', 'ab'],
		['isolates', '\u2066a\u2067\u2068b\u2069', 'ab'],
		['control characters', 'a\u0000\u0007\u001b\u007f\u0085b', 'ab'],
		['all kinds of line ends', 'a\r\nb\rc\nd\u2028e\u2029f', 'a\nb\nc\nd\ne\nf'],
		['space around it', ' \n a \t', 'a'],
		['nothing that can be seen', '\u200b \u2066\u2069', '']
	])('%s', (_, text, sent) => expect(sendable(text)).toBe(sent));

	it.each(['👩\u200d🚀', '👩\u200d❤\ufe0f\u200d👨', 'نمی\u200cدانم', 'a\u200e\u200fb', 'a\tb', '🇧🇷 água'])(
		'leaves what scripts and emoji need: %s',
		(text) => expect(sendable(text)).toBe(text)
	);
});
