// SPDX-License-Identifier: Apache-2.0
/** What the microphone's button says. */
import { m } from '$lib/paraglide/messages';
import type { MicrophoneCode } from '$lib/state';
import type { IconName } from '$lib/ui/icons';

export interface MicrophoneLook {
	icon: IconName;
	/** The state in a word, and where there is room. */
	word: string;
	state: string;
	look: 'plain' | 'lit' | 'off';
	/** Nothing leaves this device: a press opens the microphone, or asks for it. */
	closed: boolean;
}

export interface MicrophoneSituation {
	/** As in `app.voice`. */
	microphone: 'open' | 'none' | MicrophoneCode;
	inRoom: boolean;
	/** By mute, or by not hearing. */
	selfMuted: boolean;
	/** A moderator closed it. */
	moderated: boolean;
	pushToTalk: boolean;
	transmitting: boolean;
}

/** What the browser says comes first: a microphone that gives no sound is neither open nor closed by anyone. */
export function microphoneLook(now: MicrophoneSituation): MicrophoneLook {
	const off = (word: string, icon: IconName = 'mic-off') => lookOf(icon, word, 'off', true);
	switch (now.microphone) {
		case 'V-MIC-NEGADO':
		case 'V-MIC-INSEGURO':
			return off(m.mic_blocked(), 'mic-blocked');
		case 'V-MIC-AUSENTE':
			return off(m.mic_none());
		case 'V-MIC-OCUPADO':
			return off(m.mic_busy());
		case 'V-MIC-ERRO':
			return off(m.mic_failed());
		case 'V-MIC-CALADO':
			return off(m.mic_silenced());
		case 'none':
			if (now.inRoom) return off(m.mic_off());
			break;
		case 'open':
			break;
	}
	if (now.selfMuted) return off(m.mic_closed());
	if (now.moderated) return { ...lookOf('mic-blocked', m.mic_moderated(), 'off', false), state: m.occ_moderated() };
	if (now.pushToTalk && !now.transmitting) return lookOf('keyboard', m.mic_ptt(), 'plain', false);
	return lookOf('mic', m.mic_open(), now.inRoom ? 'lit' : 'plain', false);
}

function lookOf(icon: IconName, word: string, look: MicrophoneLook['look'], closed: boolean): MicrophoneLook {
	return { icon, word, state: word, look, closed };
}
