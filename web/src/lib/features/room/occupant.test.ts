// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Occupant } from '$lib/state';
import { occupantState } from './occupant';

const ana: Occupant = {
	user: { id: 'ana', username: 'ana' },
	voice_number: 1,
	self_muted: false,
	self_deafened: false,
	server_muted: false,
	connected: true
};

test('who is closed is never shown as speaking', () => {
	expect(occupantState({ ...ana, self_muted: true }, true)).toBe('muted');
	expect(occupantState({ ...ana, self_muted: true, self_deafened: true }, true)).toBe('deafened');
	expect(occupantState({ ...ana, server_muted: true, self_muted: true }, true)).toBe('moderated');
});

test('who is on the way is not yet heard', () => {
	expect(occupantState({ ...ana, connected: false }, true)).toBe('connecting');
});

test('open and speaking', () => {
	expect(occupantState(ana, false)).toBe('open');
	expect(occupantState(ana, true)).toBe('speaking');
});
