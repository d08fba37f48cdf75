// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { localVoice } from './rules_voice';

const local = (lang: string) => ({ lang, localService: true });
const remote = (lang: string) => ({ lang, localService: false });

test('no voice where the device has none', () => {
	expect(localVoice([], 'pt-BR')).toBeUndefined();
});

test('a remote voice is never taken, however well it fits', () => {
	expect(localVoice([remote('pt-BR')], 'pt-BR')).toBeUndefined();
	expect(localVoice([remote('pt-BR'), local('pt-PT')], 'pt-BR')).toEqual(local('pt-PT'));
});

test('a voice of another language is none', () => {
	expect(localVoice([local('es-ES'), local('en-US')], 'pt-BR')).toBeUndefined();
});

test('the language of the country goes before the rest of the language', () => {
	expect(localVoice([local('pt-PT'), local('pt-BR')], 'pt-BR')).toEqual(local('pt-BR'));
	expect(localVoice([local('pt-PT'), local('pt_BR')], 'pt-BR')).toEqual(local('pt_BR'));
	expect(localVoice([local('pt-BR'), local('es-MX')], 'es')).toEqual(local('es-MX'));
});
