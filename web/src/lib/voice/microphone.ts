// SPDX-License-Identifier: Apache-2.0
/**
 * The microphone: one track at most, and one question to the browser at a time.
 *
 * Invariant: after `close` no track of ours is live, also when the browser allows one only later.
 */
import type { MicrophoneSettings, VoiceDevices } from './boundary';
import { microphoneCode, type MicrophoneCode } from './codes';

/** `none`: not opened, and nothing is known that speaks against it; a code: why it gives no sound. */
export type MicrophoneState = 'open' | 'none' | MicrophoneCode;

export class Microphone {
	#track: MediaStreamTrack | null = null;
	#state: MicrophoneState = 'none';
	#wanted = false;
	/** What the track was opened with. */
	#openedWith: MicrophoneSettings | null = null;
	#opening: Promise<void> | null = null;

	/**
	 * @param onEnded the open track ended by itself: the device went away, or the permission
	 * @param onSilenced the system let the open track give no sound, or give it again
	 */
	constructor(
		private readonly devices: VoiceDevices,
		private readonly settings: () => MicrophoneSettings,
		private readonly onEnded: () => void,
		private readonly onSilenced: () => void
	) {}

	/** Live, or null. */
	get track(): MediaStreamTrack | null {
		return this.#track?.readyState === 'live' ? this.#track : null;
	}
	get state(): MicrophoneState {
		return this.#state;
	}

	/** Asks for it unless it is open; who asks while the browser is asking waits for the same answer. Never rejects. */
	open(): Promise<void> {
		this.#wanted = true;
		return this.track === null ? this.#askOnce() : Promise.resolve();
	}

	/**
	 * Opens it anew where the settings are others now. It is let go first: browsers give a device that is in use with
	 * the settings that it has. Never rejects.
	 */
	async renew(): Promise<void> {
		await this.#opening;
		if (this.track === null || isSame(this.#openedWith, this.settings())) return;
		this.#drop();
		await this.#askOnce();
	}

	/** Lets it go. Why it could not be opened stays known. */
	close(): void {
		this.#wanted = false;
		this.#drop();
		if (this.#state === 'open' || this.#state === 'V-MIC-CALADO') this.#state = 'none';
	}

	/** Who wants to listen only has no trouble with a microphone. */
	forget(): void {
		this.close();
		this.#state = 'none';
	}

	/** Finds out, without asking the person, whether it could be opened. @returns whether it could */
	async look(): Promise<boolean> {
		const trouble = await this.devices.microphoneTrouble();
		if (this.track === null && this.#opening === null) this.#state = trouble ?? 'none';
		return trouble === null;
	}

	#drop(): void {
		if (this.#track === null) return;
		this.#track.onended = this.#track.onmute = this.#track.onunmute = null;
		this.#track.stop();
		this.#track = null;
	}

	#askOnce(): Promise<void> {
		this.#opening ??= this.#ask().finally(() => {
			this.#opening = null;
		});
		return this.#opening;
	}

	async #ask(): Promise<void> {
		const settings = this.settings();
		let track: MediaStreamTrack;
		try {
			track = await this.devices.openMicrophone(settings);
		} catch (error) {
			this.#track = null;
			// Who meanwhile chose to listen only has no trouble.
			if (this.#wanted) this.#state = microphoneCode(error);
			return;
		}
		// Left while the browser was asking: the microphone's light must go out again.
		if (!this.#wanted) {
			track.stop();
			return;
		}
		track.onended = () => {
			if (this.#track !== track) return;
			this.#track = null;
			this.#state = 'none';
			this.onEnded();
		};
		track.onmute = track.onunmute = () => {
			this.#state = stateOf(track);
			this.onSilenced();
		};
		this.#track = track;
		this.#openedWith = settings;
		this.#state = stateOf(track);
	}
}

function stateOf(track: MediaStreamTrack): MicrophoneState {
	return track.muted ? 'V-MIC-CALADO' : 'open';
}

function isSame(one: MicrophoneSettings | null, other: MicrophoneSettings): boolean {
	return (
		one?.echoCancellation === other.echoCancellation &&
		one.noiseSuppression === other.noiseSuppression &&
		one.autoGainControl === other.autoGainControl
	);
}
