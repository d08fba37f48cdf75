// SPDX-License-Identifier: Apache-2.0
import { doneOf, type Api } from '$lib/api/client';
import type { Result } from '$lib/api/failures';
import type { Member } from '$lib/api/types';

const NOBODY: readonly Member[] = [];

/** Who is in each community. */
export class Members {
	#byCommunity: ReadonlyMap<string, readonly Member[]> = $state.raw(new Map());

	constructor(private readonly api: Api) {}

	/** In the order of joining. */
	of(communityId: string): readonly Member[] {
		return this.#byCommunity.get(communityId) ?? NOBODY;
	}

	get(communityId: string, userId: string): Member | undefined {
		return this.of(communityId).find((member) => member.user.id === userId);
	}

	/** Closes or opens a person's microphone in every room of the community. */
	setVoiceMuted(communityId: string, userId: string, muted: boolean, reason?: string): Promise<Result<void>> {
		return doneOf(
			this.api.PUT('/api/v1/communities/{community_id}/members/{user_id}/voice-mute', {
				params: { path: { community_id: communityId, user_id: userId } },
				body: reason === undefined ? { muted } : { muted, reason }
			})
		);
	}

	replace(communityId: string, members: readonly Member[]): void {
		this.#byCommunity = new Map(this.#byCommunity).set(communityId, members);
	}

	applyJoined(communityId: string, member: Member): void {
		const others = this.of(communityId).filter(({ user }) => user.id !== member.user.id);
		this.replace(communityId, [...others, member]);
	}

	applyVoiceMuted(communityId: string, userId: string, muted: boolean): void {
		this.replace(
			communityId,
			this.of(communityId).map((member) => (member.user.id === userId ? { ...member, voice_muted: muted } : member))
		);
	}

	forget(communityId: string): void {
		this.#byCommunity = new Map([...this.#byCommunity].filter(([id]) => id !== communityId));
	}

	clear(): void {
		this.#byCommunity = new Map();
	}
}
