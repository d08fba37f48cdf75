// SPDX-License-Identifier: Apache-2.0
/** A community with a text channel and a room, as the gateway tells it. */
import type { GatewayEvent, Message, Occupant, User } from '$lib/api/types';
import { ME } from './gateway_server';

export const STREAM = 'community:c1';
export const BETO: User = { id: 'u-beto', username: 'beto' };

export function snapshot(cursor: string): GatewayEvent {
	return {
		type: 'community_snapshot',
		stream: STREAM,
		cursor,
		data: {
			community: { id: 'c1', name: 'Escola', owner_id: ME.user.id, rules: { version: 1, text: 'Respeito' } },
			channels: [
				{ id: 't1', community_id: 'c1', kind: 'text', name: 'geral', position: 0 },
				{ id: 'r1', community_id: 'c1', kind: 'room', name: 'Sala 1', position: 0 }
			],
			members: [{ user: ME.user, role: 'owner', voice_muted: false }],
			permissions: ['view_channels', 'manage_channels'],
			voice_rooms: []
		}
	};
}

export function created(message: Message, cursor: string, prev: string): GatewayEvent {
	return { type: 'message_created', stream: STREAM, cursor, prev, data: message };
}

export function occupant(user: User, voiceNumber: number): Occupant {
	return {
		user,
		voice_number: voiceNumber,
		self_muted: false,
		self_deafened: false,
		server_muted: false,
		connected: true
	};
}
