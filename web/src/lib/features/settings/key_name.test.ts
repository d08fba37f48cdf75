// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, test } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { keyName } from './key_name';

beforeEach(() => overwriteGetLocale(() => 'pt-BR'));

test('keys are called as their caps say', () => {
	expect(keyName('KeyV')).toBe('V');
	expect(keyName('Digit7')).toBe('7');
	expect(keyName('Space')).toBe('Espaço');
	expect(keyName('F8')).toBe('F8');
	expect(keyName('Numpad0')).toBe('Num 0');
	expect(keyName('NumpadAdd')).toBe('Num +');
});

test.each([
	['pt-BR', ['Ctrl esquerdo', 'Shift direito', 'Seta para baixo', 'Backspace (apagar)', 'Page Up', 'Tecla Insert']],
	['en', ['Left Ctrl', 'Right Shift', 'Down arrow', 'Backspace', 'Page Up', 'Insert key']],
	['es', ['Ctrl izquierdo', 'Shift derecho', 'Flecha abajo', 'Retroceso', 'Re Pág', 'Tecla Insert']]
] as const)('keys without a sign are called by words: %s', (locale, names) => {
	overwriteGetLocale(() => locale);
	const codes = ['ControlLeft', 'ShiftRight', 'ArrowDown', 'Backspace', 'PageUp', 'Insert'];
	expect(codes.map((code) => keyName(code))).toEqual(names);
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
