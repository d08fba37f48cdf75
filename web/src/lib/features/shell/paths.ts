// SPDX-License-Identifier: Apache-2.0
/** Addresses of the screens. */
import { resolve } from '$app/paths';
import { app } from '$lib/state';

const LAST_PLACE = 'voz.last-place';

export function channelPath(communityId: string, channelId: string): string {
	return resolve('/(app)/c/[community]/[[channel]]', { community: communityId, channel: channelId });
}

export function communityPath(communityId: string): string {
	return resolve('/(app)/c/[community]/[[channel]]', { community: communityId });
}

/** Where a signed-in person lands: the place last seen, else the first community; `null` without any. */
export function landingPath(): string | null {
	const last = app.channels.get(localStorage.getItem(LAST_PLACE) ?? '');
	if (last !== undefined) return channelPath(last.community_id, last.id);
	const first = app.communities.list[0];
	return first === undefined ? null : communityPath(first.id);
}

export function rememberPlace(channelId: string): void {
	localStorage.setItem(LAST_PLACE, channelId);
}
