// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { keyName } from './key_name';

overwriteGetLocale(() => 'pt-BR');

test('keys are called as their caps say', () => {
	expect(keyName('KeyV')).toBe('V');
	expect(keyName('Digit7')).toBe('7');
	expect(keyName('Space')).toBe('Espaço');
	expect(keyName('F8')).toBe('F8');
	expect(keyName('ControlLeft')).toBe('Control Left');
	expect(keyName('Numpad0')).toBe('Num 0');
});

test('a known layout names the signs', () => {
	const abnt = new Map([
		['KeyQ', 'q'],
		['Semicolon', 'ç']
	]);
	expect(keyName('Semicolon', abnt)).toBe('Ç');
	expect(keyName('KeyQ', abnt)).toBe('Q');
	expect(keyName('Backquote', abnt)).toBe('Tecla abaixo do Esc');
});

test('mouse buttons count from one', () => {
	expect(keyName('Mouse3')).toBe('Botão 4 do mouse');
});
