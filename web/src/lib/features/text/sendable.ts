// SPDX-License-Identifier: Apache-2.0
/**
 * A text as the server takes it: without the characters that `names.rs` refuses, which nobody types and many paste.
 * Joiners and direction marks stay: emoji and right-to-left scripts need them.
 */
export function sendable(text: string): string {
	return text
		.replace(/\r\n?|[\u2028\u2029]/g, '\n')
		.replace(REFUSED, '')
		.trim();
}

const REFUSED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff]/g;
