// SPDX-License-Identifier: Apache-2.0
import { m } from '$lib/paraglide/messages';

/** A key as its cap says: `KeyV` → V, `Space` → Espaço, `Mouse4` → Botão 5 do mouse. */
export function keyName(code: string): string {
	if (code === '') return m.ptt_key_none();
	if (code === 'Space') return m.ptt_key_space();
	const letter = /^(?:Key|Digit)(.)$/.exec(code)?.[1];
	if (letter !== undefined) return letter;
	// Buttons count from 0 in events and from 1 for people.
	const button = /^Mouse(\d+)$/.exec(code)?.[1];
	if (button !== undefined) return m.ptt_key_mouse({ number: Number(button) + 1 });
	return code.replace(/^Numpad/, 'Num ').replace(/([a-z])(Left|Right)$/, '$1 $2');
}
