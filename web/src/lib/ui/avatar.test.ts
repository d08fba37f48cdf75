// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { avatarGround, avatarLetter, tileLetters } from './avatar';

test('a name has the same ground in any case', () => {
	expect(avatarGround('Lia')).toBe(avatarGround('lia'));
	for (const name of ['ana', 'beto', 'çã', '']) {
		expect(avatarGround(name)).toBeGreaterThanOrEqual(1);
		expect(avatarGround(name)).toBeLessThanOrEqual(6);
	}
});

test('grounds are spread over names', () => {
	const names = ['ana', 'beto', 'caio', 'davi', 'elisa', 'fabio', 'gabi', 'hugo', 'igor', 'julia', 'lia', 'marta'];
	expect(new Set(names.map(avatarGround)).size).toBeGreaterThanOrEqual(4);
});

test('letters are whole characters', () => {
	expect(avatarLetter('água')).toBe('Á');
	expect(avatarLetter('🙂 rosto')).toBe('🙂');
});

test('a community tile skips short words and takes two letters of a single one', () => {
	expect(tileLetters('Escola Jacarandá')).toBe('EJ');
	expect(tileLetters('Casa da Vó')).toBe('CD');
	expect(tileLetters('Rede de Bairros')).toBe('RB');
	expect(tileLetters('Oficina')).toBe('OF');
	expect(tileLetters('  ')).toBe('?');
});
