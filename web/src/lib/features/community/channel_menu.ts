// SPDX-License-Identifier: Apache-2.0
/** What this person may do with a channel or a room. */
import { m } from '$lib/paraglide/messages';
import { app, type Channel } from '$lib/state';
import type { MenuItem } from '$lib/ui/menu';
import { dialogs } from '../shell/dialogs.svelte';

/** @param ways of entering and seeing a room; `null` or absent where they make no sense */
export function channelMenu(
	channel: Channel,
	ways: { see?: (() => void) | null; enter?: (() => void) | null } = {}
): MenuItem[] {
	const items: MenuItem[] = [];
	if (ways.enter) items.push({ label: m.room_enter(), icon: 'volume', onselect: ways.enter });
	if (ways.see) items.push({ label: m.room_see(), icon: 'eye', onselect: ways.see });
	if (app.communities.can(channel.community_id, 'manage_channels')) {
		items.push(
			{ label: m.channel_rename(), icon: 'edit', onselect: () => dialogs.open({ kind: 'rename-channel', channel }) },
			{
				label: channel.kind === 'room' ? m.channel_delete_room() : m.channel_delete_text(),
				icon: 'trash',
				danger: true,
				onselect: () => dialogs.open({ kind: 'delete-channel', channel })
			}
		);
	}
	return items;
}
