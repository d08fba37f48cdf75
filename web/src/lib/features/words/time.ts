// SPDX-License-Identifier: Apache-2.0
/** Times as people read them, in the language of the screen and the zone of the device. */
import { m } from '$lib/paraglide/messages';
import { getLocale } from '$lib/paraglide/runtime';

/** 14:02 */
export function clockText(at: Date): string {
	return new Intl.DateTimeFormat(getLocale(), { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** hoje · ontem · terça-feira, 24 de novembro · 24 de novembro de 2025 */
export function dayText(day: Date, now: Date): string {
	const days = Math.round((startOfDay(now) - startOfDay(day)) / 86_400_000);
	if (days === 0) return m.day_today();
	if (days === 1) return m.day_yesterday();
	const options: Intl.DateTimeFormatOptions =
		day.getFullYear() === now.getFullYear()
			? { weekday: 'long', day: 'numeric', month: 'long' }
			: { day: 'numeric', month: 'long', year: 'numeric' };
	return new Intl.DateTimeFormat(getLocale(), options).format(day);
}

/** hoje, 18:00 · 30 de novembro, 18:00: the end of something. */
export function untilText(at: Date, now: Date): string {
	if (startOfDay(at) === startOfDay(now)) return `${m.day_today()}, ${clockText(at)}`;
	const date = new Intl.DateTimeFormat(getLocale(), { day: 'numeric', month: 'long' }).format(at);
	return `${date}, ${clockText(at)}`;
}

/** Two moments on the same day of the device's calendar. */
export function isSameDay(a: Date, b: Date): boolean {
	return startOfDay(a) === startOfDay(b);
}

function startOfDay(at: Date): number {
	return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
