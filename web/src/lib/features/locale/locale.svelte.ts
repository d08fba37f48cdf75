// SPDX-License-Identifier: Apache-2.0
/** The language of the screen. Messages follow it at once, without a reload, so that nobody loses a room or a form. */
import {
	getLocale as storedLocale,
	locales,
	overwriteGetLocale,
	setLocale as storeLocale,
	type Locale
} from '$lib/paraglide/runtime';

/** Languages, each by its own name. */
export const LANGUAGES: { value: Locale; label: string; lang: Locale }[] = [
	{ value: 'pt-BR', label: 'Português', lang: 'pt-BR' },
	{ value: 'en', label: 'English', lang: 'en' },
	{ value: 'es', label: 'Español', lang: 'es' }
];

class ScreenLocale {
	current: Locale = $state(storedLocale());

	constructor() {
		overwriteGetLocale(() => this.current);
	}

	set(locale: Locale): void {
		if (!locales.includes(locale)) return;
		this.current = locale;
		void storeLocale(locale, { reload: false });
	}
}

export const locale = new ScreenLocale();
