// SPDX-License-Identifier: Apache-2.0
import { m } from '$lib/paraglide/messages';

const NAMED: Readonly<Record<string, () => string>> = {
	'': m.ptt_key_none,
	Space: m.ptt_key_space,
	// Its sign is dead on many keyboards; its place is the same on all.
	Backquote: m.ptt_key_below_escape,
	ArrowUp: m.ptt_key_up,
	ArrowDown: m.ptt_key_down,
	ArrowLeft: m.ptt_key_left,
	ArrowRight: m.ptt_key_right,
	Backspace: m.ptt_key_backspace,
	Delete: m.ptt_key_delete,
	CapsLock: m.ptt_key_caps,
	Home: m.ptt_key_home,
	End: m.ptt_key_end,
	PageUp: m.ptt_key_page_up,
	PageDown: m.ptt_key_page_down,
	PrintScreen: m.ptt_key_print,
	ContextMenu: m.ptt_key_menu
};

/** What the caps of keys say that there are twice. */
const SIDED: Readonly<Record<string, string>> = { Control: 'Ctrl', Alt: 'Alt', Shift: 'Shift', Meta: 'Win/⌘' };

const NUMPAD: Readonly<Record<string, string>> = {
	Add: '+',
	Subtract: '-',
	Multiply: '*',
	Divide: '/',
	Equal: '='
};

/**
 * A key as its cap says: `KeyV` → V, `Space` → Espaço, `Mouse4` → Botão 5 do mouse.
 * @param layout what the caps of this keyboard say, where it is known
 */
export function keyName(code: string, layout: ReadonlyMap<string, string> | null = null): string {
	const named = NAMED[code];
	if (named !== undefined) return named();
	const cap = layout?.get(code)?.trim();
	if (cap) return cap.toUpperCase();
	const letter = /^(?:Key|Digit)(.)$/.exec(code)?.[1];
	if (letter !== undefined) return letter;
	if (/^F\d+$/.test(code)) return code;
	// Buttons count from 0 in events and from 1 for people.
	const button = /^Mouse(\d+)$/.exec(code)?.[1];
	if (button !== undefined) return m.ptt_key_mouse({ number: Number(button) + 1 });
	const [, sided = '', side] = /^([A-Z][a-z]+)(Left|Right)$/.exec(code) ?? [];
	const key = SIDED[sided];
	if (key !== undefined) return side === 'Left' ? m.ptt_key_on_left({ key }) : m.ptt_key_on_right({ key });
	const numpad = /^Numpad(.+)$/.exec(code)?.[1];
	if (numpad !== undefined) return `Num ${NUMPAD[numpad] ?? numpad}`;
	return m.ptt_key_other({ key: code });
}
