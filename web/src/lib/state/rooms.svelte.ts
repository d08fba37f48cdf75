// SPDX-License-Identifier: Apache-2.0
import { doneOf, type Api } from '$lib/api/client';
import type { Result } from '$lib/api/failures';
import type { Occupant, VoiceRoom, VoiceSpeaking } from '$lib/api/types';

const NOBODY: readonly Occupant[] = [];

/** Who is in each room, and who speaks. */
export class Rooms {
	#byChannel: ReadonlyMap<string, VoiceRoom> = $state.raw(new Map());

	/** @param heardEarly whether this device hears that number begin to speak in that room, ahead of the event */
	constructor(
		private readonly api: Api,
		private readonly heardEarly: (channelId: string, voiceNumber: number) => boolean
	) {}

	/** In the order of joining; empty when nobody is inside. */
	occupants(channelId: string): readonly Occupant[] {
		return this.#byChannel.get(channelId)?.occupants ?? NOBODY;
	}

	isSpeaking(channelId: string, voiceNumber: number): boolean {
		const told = this.#byChannel.get(channelId)?.speakers.includes(voiceNumber) ?? false;
		return told || this.heardEarly(channelId, voiceNumber);
	}

	/** The room a person is in. */
	whereIs(userId: string): string | null {
		for (const room of this.#byChannel.values()) {
			if (room.occupants.some(({ user }) => user.id === userId)) return room.channel_id;
		}
		return null;
	}

	/** Takes a person out of a room. */
	removeOccupant(channelId: string, userId: string): Promise<Result<void>> {
		return doneOf(
			this.api.DELETE('/api/v1/channels/{channel_id}/occupants/{user_id}', {
				params: { path: { channel_id: channelId, user_id: userId } }
			})
		);
	}

	applyRoom(room: VoiceRoom): void {
		this.#byChannel = new Map(this.#byChannel).set(room.channel_id, room);
		if (room.occupants.length === 0) this.forget([room.channel_id]);
	}

	applySpeaking({ channel_id: channelId, epoch, speakers }: VoiceSpeaking): void {
		const room = this.#byChannel.get(channelId);
		// Voice numbers belong to one epoch.
		if (room?.epoch === epoch) this.applyRoom({ ...room, speakers });
	}

	/** Who speaks is told no more, in this room or in all of them; who is inside stays the last that is known. */
	applySilence(channelId: string | null): void {
		this.#byChannel = new Map(
			[...this.#byChannel].map(([id, room]) => [
				id,
				channelId === null || id === channelId ? { ...room, speakers: [] } : room
			])
		);
	}

	/** Of these channels, the rooms with somebody inside; the others are empty. */
	replace(channelIds: readonly string[], rooms: readonly VoiceRoom[]): void {
		this.forget(channelIds);
		for (const room of rooms) this.applyRoom(room);
	}

	forget(channelIds: readonly string[]): void {
		this.#byChannel = new Map([...this.#byChannel].filter(([id]) => !channelIds.includes(id)));
	}

	clear(): void {
		this.#byChannel = new Map();
	}
}
