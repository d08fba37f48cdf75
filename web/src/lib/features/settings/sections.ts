// SPDX-License-Identifier: Apache-2.0
import { m } from '$lib/paraglide/messages';
import type { IconName } from '$lib/ui/icons';

/** The last part of the address of a settings page. */
export type SettingsSection = 'voz' | 'aparencia' | 'idioma' | 'teclado' | 'conta';

export function sections(): { id: SettingsSection; label: string; icon: IconName }[] {
	return [
		{ id: 'voz', label: m.settings_voice(), icon: 'mic' },
		{ id: 'aparencia', label: m.settings_appearance(), icon: 'sun' },
		{ id: 'idioma', label: m.settings_language(), icon: 'globe' },
		{ id: 'teclado', label: m.settings_keyboard(), icon: 'keyboard' },
		{ id: 'conta', label: m.settings_account(), icon: 'person' }
	];
}

export function isSection(value: string): value is SettingsSection {
	return sections().some((section) => section.id === value);
}
