// SPDX-License-Identifier: Apache-2.0
/** What this person may do about another: rows of the menu on a tile, in the room list and among people. */
import { m } from '$lib/paraglide/messages';
import { app, type User } from '$lib/state';
import type { MenuItem } from '$lib/ui/menu';
import { announcer } from '../shell/announcer.svelte';
import { dialogs } from '../shell/dialogs.svelte';
import { failureText } from '../words/failure';

export function personMenu(communityId: string, user: User): MenuItem[] {
	const items: MenuItem[] = [];
	if (user.id === app.session.me?.user.id) return items;
	if (app.communities.can(communityId, 'mute_members')) {
		if (app.members.get(communityId, user.id)?.voice_muted) {
			items.push({ label: m.mod_unmute(), icon: 'mic', onselect: () => void unmute(communityId, user) });
		} else {
			items.push({
				label: m.mod_mute(),
				icon: 'mic-blocked',
				onselect: () => dialogs.open({ kind: 'mute-member', communityId, user })
			});
		}
	}
	const room = app.channels.get(app.rooms.whereIs(user.id) ?? '');
	if (room?.community_id === communityId && app.communities.can(communityId, 'remove_from_rooms')) {
		items.push({ label: m.mod_remove(), icon: 'exit', danger: true, onselect: () => void remove(room.id, user) });
	}
	return items;
}

/** Whether the menu has anything in it, for lists that ask of everyone. */
export function hasPersonMenu(communityId: string, user: User, inRoom: boolean): boolean {
	if (user.id === app.session.me?.user.id) return false;
	return (
		app.communities.can(communityId, 'mute_members') ||
		(inRoom && app.communities.can(communityId, 'remove_from_rooms'))
	);
}

async function unmute(communityId: string, user: User): Promise<void> {
	const result = await app.members.setVoiceMuted(communityId, user.id, false);
	announcer.show(result.ok ? m.mod_unmuted({ name: user.username }) : failureText(result.failure));
}

async function remove(channelId: string, user: User): Promise<void> {
	const result = await app.rooms.removeOccupant(channelId, user.id);
	announcer.show(result.ok ? m.mod_removed({ name: user.username }) : failureText(result.failure));
}
