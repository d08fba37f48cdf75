// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { fieldText } from '../words/failure';
import { accountErrors, refusalOf } from './new_account';

const GOOD = { username: 'ana', password: 'jaca rio nuvem' };

test.each(['ana', 'Ana_B', 'j.p-2', ' ana ', 'a1'])('the user name %j is sent', (username) => {
	expect(accountErrors({ ...GOOD, username })).toEqual({});
});

test.each([
	['', 'empty'],
	['  ', 'empty'],
	['João', 'characters'],
	['ana b', 'characters'],
	['a', 'too_short']
])('the user name %j is %s', (username, error) => {
	expect(accountErrors({ ...GOOD, username })).toEqual({ username: error });
});

test('a password is counted in characters, as the server counts', () => {
	expect(accountErrors({ ...GOOD, password: '' })).toEqual({ password: 'empty' });
	expect(accountErrors({ ...GOOD, password: '🍍🍍🍍🍍🍍' })).toEqual({ password: 'too_short' });
	expect(accountErrors({ ...GOOD, password: 'coração mi' })).toEqual({});
});

test.each([
	['pt-BR', /sem acento/],
	['en', /without accents/],
	['es', /sin acento/]
] as const)('a name with an accent is told so: %s', (locale, words) => {
	overwriteGetLocale(() => locale);
	expect(fieldText(refusalOf(accountErrors({ ...GOOD, username: 'João' })), 'username')).toMatch(words);
});
