// SPDX-License-Identifier: Apache-2.0
/** This person's microphone, as it is now and as its buttons and keys press it. */
import { app } from '$lib/state';
import { announcer } from '../shell/announcer.svelte';
import { microphoneTroubleText } from '../words/voice';
import { microphoneLook, type MicrophoneLook } from './microphone_look';

/** Reactive: for `$derived`. */
export function ownMicrophone(): MicrophoneLook {
	const { voice } = app;
	const room = app.channels.get(voice.channelId ?? '');
	const selfId = app.session.me?.user.id;
	return microphoneLook({
		microphone: voice.microphone,
		inRoom: voice.inRoom,
		// Who is deafened is muted too.
		selfMuted: voice.selfMuted || voice.selfDeafened,
		moderated:
			room !== undefined && selfId !== undefined && app.members.get(room.community_id, selfId)?.voice_muted === true,
		pushToTalk: app.preferences.values.microphoneMode === 'push_to_talk',
		transmitting: voice.transmitting
	});
}

/** Where it does not open, that is told on whatever screen the person is. @returns whether it did what was asked */
export async function pressMicrophone(): Promise<boolean> {
	const trouble = await app.voice.pressMicrophone();
	if (trouble !== null) announcer.show(microphoneTroubleText(trouble), 'own microphone');
	return trouble === null;
}
