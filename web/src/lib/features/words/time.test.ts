// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { dayText, isSameDay, untilText } from './time';

overwriteGetLocale(() => 'pt-BR');
const now = new Date(2026, 10, 24, 15, 0);

test('near days have words, others a date, other years the year', () => {
	expect(dayText(new Date(2026, 10, 24, 0, 1), now)).toBe('hoje');
	expect(dayText(new Date(2026, 10, 23, 23, 59), now)).toBe('ontem');
	expect(dayText(new Date(2026, 10, 20), now)).toBe('sexta-feira, 20 de novembro');
	expect(dayText(new Date(2025, 10, 20), now)).toBe('20 de novembro de 2025');
});

test('an end today says so', () => {
	expect(untilText(new Date(2026, 10, 24, 18, 0), now)).toBe('hoje, 18:00');
	expect(untilText(new Date(2026, 10, 30, 18, 0), now)).toBe('30 de novembro, 18:00');
});

test('days end at midnight of the device', () => {
	expect(isSameDay(new Date(2026, 10, 24, 0, 0), new Date(2026, 10, 24, 23, 59))).toBe(true);
	expect(isSameDay(new Date(2026, 10, 24, 23, 59), new Date(2026, 10, 25, 0, 0))).toBe(false);
});
