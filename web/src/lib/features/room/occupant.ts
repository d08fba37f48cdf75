// SPDX-License-Identifier: Apache-2.0
/** What is shown of a person in a room. Closed beats speaking: what nobody hears is not called speech. */
import { m } from '$lib/paraglide/messages';
import type { Occupant } from '$lib/state';
import type { IconName } from '$lib/ui/icons';

export type OccupantState = 'moderated' | 'deafened' | 'muted' | 'connecting' | 'speaking' | 'open';

export function occupantState(occupant: Occupant, speaking: boolean): OccupantState {
	if (occupant.server_muted) return 'moderated';
	if (occupant.self_deafened) return 'deafened';
	if (occupant.self_muted) return 'muted';
	if (!occupant.connected) return 'connecting';
	return speaking ? 'speaking' : 'open';
}

/** Drawing, word on a tile, word in a row. An open microphone needs no word in a row. */
export function occupantLook(state: OccupantState): { icon: IconName; word: string; row: string } {
	switch (state) {
		case 'moderated':
			return { icon: 'mic-blocked', word: m.occ_moderated(), row: m.occ_moderated_row() };
		case 'deafened':
			return { icon: 'headphones-off', word: m.occ_deafened(), row: m.occ_deafened_row() };
		case 'muted':
			return { icon: 'mic-off', word: m.occ_muted(), row: m.occ_muted_row() };
		case 'connecting':
			return { icon: 'wifi-weak', word: m.occ_connecting(), row: m.occ_connecting_row() };
		case 'speaking':
			return { icon: 'mic', word: m.occ_speaking(), row: m.occ_speaking_row() };
		case 'open':
			return { icon: 'mic', word: m.occ_open(), row: '' };
	}
}
