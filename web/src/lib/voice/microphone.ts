// SPDX-License-Identifier: Apache-2.0
/**
 * The microphone: one track at most, and one question to the browser at a time.
 *
 * Invariant: after `close` no track of ours is live, also when the browser allows one only later.
 */
import type { MicrophoneSettings, VoiceDevices } from './boundary';
import { microphoneCode, type MicrophoneCode } from './codes';

/** `none`: not opened, and nothing is known that speaks against it; a code: why it can't be opened. */
export type MicrophoneState = 'open' | 'none' | MicrophoneCode;

export class Microphone {
	#track: MediaStreamTrack | null = null;
	#state: MicrophoneState = 'none';
	#wanted = false;
	#opening: Promise<void> | null = null;

	/** @param onEnded the open track ended by itself: the device went away, or the permission */
	constructor(
		private readonly devices: VoiceDevices,
		private readonly settings: () => MicrophoneSettings,
		private readonly onEnded: () => void
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
		if (this.track !== null) return Promise.resolve();
		this.#opening ??= this.#ask().finally(() => {
			this.#opening = null;
		});
		return this.#opening;
	}

	/** Lets it go. Why it could not be opened stays known. */
	close(): void {
		this.#wanted = false;
		if (this.#track !== null) {
			this.#track.onended = null;
			this.#track.stop();
			this.#track = null;
		}
		if (this.#state === 'open') this.#state = 'none';
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

	async #ask(): Promise<void> {
		let track: MediaStreamTrack;
		try {
			track = await this.devices.openMicrophone(this.settings());
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
		this.#track = track;
		this.#state = 'open';
	}
}
