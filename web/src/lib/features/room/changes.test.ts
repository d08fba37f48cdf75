// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import type { Occupant } from '$lib/state';
import { roomChanges } from './changes';

overwriteGetLocale(() => 'pt-BR');

function people(...names: string[]): Occupant[] {
	return names.map((name, i) => ({
		user: { id: name, username: name },
		voice_number: i,
		self_muted: false,
		self_deafened: false,
		server_muted: false,
		connected: true
	}));
}

test('coming and going are told by name', () => {
	expect(roomChanges(people('lia', 'beto'), people('lia', 'Ana'), 'lia')).toEqual([
		'Ana entrou na sala',
		'beto saiu da sala'
	]);
});

test('many at once are counted', () => {
	expect(roomChanges([], people('a', 'b', 'c'), 'lia')).toEqual(['3 pessoas entraram na sala']);
});

test('nothing is told about oneself', () => {
	expect(roomChanges(people('lia'), [], 'lia')).toEqual([]);
});
