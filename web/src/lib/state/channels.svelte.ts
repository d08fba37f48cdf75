// SPDX-License-Identifier: Apache-2.0
import { doneOf, resultOf, type Api } from '$lib/api/client';
import type { Result } from '$lib/api/failures';
import type { Channel, ChannelKind } from '$lib/api/types';

/** Text channels and rooms, of all communities. */
export class Channels {
	#byId: ReadonlyMap<string, Channel> = $state.raw(new Map());

	constructor(private readonly api: Api) {}

	/** Text channels, by position. */
	text(communityId: string): readonly Channel[] {
		return this.#of(communityId, 'text');
	}

	/** Rooms, by position. */
	rooms(communityId: string): readonly Channel[] {
		return this.#of(communityId, 'room');
	}

	get(channelId: string): Channel | undefined {
		return this.#byId.get(channelId);
	}

	async create(communityId: string, kind: ChannelKind, name: string): Promise<Result<Channel>> {
		const result = await resultOf(
			this.api.POST('/api/v1/communities/{community_id}/channels', {
				params: { path: { community_id: communityId } },
				body: { kind, name }
			})
		);
		// The event may be later than the answer, and the screen goes to the new channel now.
		if (result.ok) this.apply(result.value);
		return result;
	}

	async rename(channelId: string, name: string): Promise<Result<Channel>> {
		const result = await resultOf(
			this.api.PATCH('/api/v1/channels/{channel_id}', { params: { path: { channel_id: channelId } }, body: { name } })
		);
		if (result.ok && this.#byId.has(channelId)) this.apply(result.value);
		return result;
	}

	async remove(channelId: string): Promise<Result<void>> {
		const path = { channel_id: channelId };
		const result = await doneOf(this.api.DELETE('/api/v1/channels/{channel_id}', { params: { path } }));
		// The event may be later than the answer, and the screen goes elsewhere now.
		if (result.ok) this.applyDeleted(channelId);
		return result;
	}

	apply(channel: Channel): void {
		this.#byId = new Map(this.#byId).set(channel.id, channel);
	}

	applyDeleted(channelId: string): void {
		this.#byId = new Map([...this.#byId].filter(([id]) => id !== channelId));
	}

	/**
	 * Replaces a community's channels.
	 * @returns the ids of those that are no more
	 */
	replace(communityId: string, channels: readonly Channel[]): string[] {
		const others = [...this.#byId].filter(([, channel]) => channel.community_id !== communityId);
		const gone = [...this.#byId.values()].filter(
			(channel) => channel.community_id === communityId && !channels.some(({ id }) => id === channel.id)
		);
		this.#byId = new Map([...others, ...channels.map((channel): [string, Channel] => [channel.id, channel])]);
		return gone.map((channel) => channel.id);
	}

	/** Ids of all channels of a community. */
	idsOf(communityId: string): string[] {
		return [...this.#byId.values()].filter((channel) => channel.community_id === communityId).map(({ id }) => id);
	}

	clear(): void {
		this.#byId = new Map();
	}

	#of(communityId: string, kind: ChannelKind): readonly Channel[] {
		return [...this.#byId.values()]
			.filter((channel) => channel.community_id === communityId && channel.kind === kind)
			.sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
	}
}
