// SPDX-License-Identifier: Apache-2.0
/** The one dialog that is open. Menus, buttons and keys ask for it here; `Dialogs.svelte` draws it. */
import type { Channel, ChannelKind, User } from '$lib/state';

export type OpenDialog =
	| { kind: 'create-channel'; communityId: string; channelKind: ChannelKind }
	| { kind: 'rename-channel'; channel: Channel }
	| { kind: 'delete-channel'; channel: Channel }
	| { kind: 'invite'; communityId: string }
	| { kind: 'rules'; communityId: string }
	| { kind: 'mute-member'; communityId: string; user: User }
	| { kind: 'shortcuts' };

class Dialogs {
	current: OpenDialog | null = $state.raw(null);

	open(dialog: OpenDialog): void {
		this.current = dialog;
	}

	close(): void {
		this.current = null;
	}
}

export const dialogs = new Dialogs();
