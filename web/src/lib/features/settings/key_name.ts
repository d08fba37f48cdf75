// SPDX-License-Identifier: Apache-2.0
import { m } from '$lib/paraglide/messages';

/**
 * A key as its cap says: `KeyV` → V, `Space` → Espaço, `Mouse4` → Botão 5 do mouse.
 * @param layout what the caps of this keyboard say, where it is known
 */
export function keyName(code: string, layout: ReadonlyMap<string, string> | null = null): string {
	if (code === '') return m.ptt_key_none();
	if (code === 'Space') return m.ptt_key_space();
	// Its sign is dead on many keyboards; its place is the same on all.
	if (code === 'Backquote') return m.ptt_key_below_escape();
	const cap = layout?.get(code)?.trim();
	if (cap) return cap.toUpperCase();
	const letter = /^(?:Key|Digit)(.)$/.exec(code)?.[1];
	if (letter !== undefined) return letter;
	// Buttons count from 0 in events and from 1 for people.
	const button = /^Mouse(\d+)$/.exec(code)?.[1];
	if (button !== undefined) return m.ptt_key_mouse({ number: Number(button) + 1 });
	return code.replace(/^Numpad/, 'Num ').replace(/([a-z])(Left|Right)$/, '$1 $2');
}
