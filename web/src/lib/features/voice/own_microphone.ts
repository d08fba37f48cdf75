// SPDX-License-Identifier: Apache-2.0
/** This person's microphone, as it is now and as its buttons and keys press it. */
import { page } from '$app/state';
import { app } from '$lib/state';
import { announcer } from '../shell/announcer.svelte';
import { microphoneTroubleText } from '../words/voice';
import { microphoneLook, type MicrophoneLook } from './microphone_look';

/** Reactive: for `$derived`. */
export function ownMicrophone(): MicrophoneLook {
	const { voice } = app;
	return microphoneLook({
		microphone: voice.microphone,
		inRoom: voice.inRoom,
		// Who is deafened is muted too.
		selfMuted: voice.selfMuted || voice.selfDeafened,
		moderated: isModerated(),
		pushToTalk: app.preferences.values.microphoneMode === 'push_to_talk',
		transmitting: voice.transmitting
	});
}

/** In the community of the room; before a room in the one that is shown; where none is, in all of them. */
function isModerated(): boolean {
	const selfId = app.session.me?.user.id ?? '';
	const communityId = app.channels.get(app.voice.channelId ?? '')?.community_id ?? page.params['community'];
	const ids = communityId === undefined ? app.communities.list.map(({ id }) => id) : [communityId];
	return ids.length > 0 && ids.every((id) => app.members.get(id, selfId)?.voice_muted);
}

/** Where it does not open, that is told on whatever screen the person is. @returns whether it did what was asked */
export async function pressMicrophone(): Promise<boolean> {
	const trouble = await app.voice.pressMicrophone();
	if (trouble !== null) announcer.show(microphoneTroubleText(trouble), 'own microphone');
	return trouble === null;
}
