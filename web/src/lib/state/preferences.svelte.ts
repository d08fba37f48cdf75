// SPDX-License-Identifier: Apache-2.0
import type { KeyCode } from '$lib/voice/push_to_talk';
import type { MicrophoneMode } from '$lib/voice/voice_client';
import type { KeyValueStorage } from './platform';

const STORED_AS = 'voz.preferences';

/** What a person chose in this browser. */
export interface PreferenceValues {
	microphoneMode: MicrophoneMode;
	pushToTalkKey: KeyCode;
	/** From the key's release to silence, milliseconds: the last syllable is not cut. */
	pushToTalkReleaseMs: number;
	echoCancellation: boolean;
	noiseSuppression: boolean;
	autoGainControl: boolean;
	theme: 'system' | 'dark' | 'light';
}

const DEFAULTS: PreferenceValues = {
	microphoneMode: 'open',
	pushToTalkKey: 'Backquote',
	pushToTalkReleaseMs: 100,
	echoCancellation: true,
	noiseSuppression: true,
	autoGainControl: true,
	theme: 'system'
};

const ACCEPTED: { [K in keyof PreferenceValues]: (value: unknown) => boolean } = {
	microphoneMode: (value) => value === 'open' || value === 'push_to_talk',
	pushToTalkKey: (value) => typeof value === 'string' && value.length > 0 && value.length <= 40,
	pushToTalkReleaseMs: (value) => typeof value === 'number' && value >= 0 && value <= 2_000,
	echoCancellation: (value) => typeof value === 'boolean',
	noiseSuppression: (value) => typeof value === 'boolean',
	autoGainControl: (value) => typeof value === 'boolean',
	theme: (value) => value === 'system' || value === 'dark' || value === 'light'
};

export class Preferences {
	#values: Readonly<PreferenceValues> = $state.raw(DEFAULTS);

	/** @param onChange called after each change, with the values as they are now */
	constructor(
		private readonly storage: KeyValueStorage,
		private readonly onChange: (values: Readonly<PreferenceValues>) => void
	) {
		this.#values = { ...DEFAULTS, ...accepted(parsed(storage.getItem(STORED_AS))) };
	}

	get values(): Readonly<PreferenceValues> {
		return this.#values;
	}

	set(change: Partial<PreferenceValues>): void {
		this.#values = { ...this.#values, ...accepted(change) };
		this.storage.setItem(STORED_AS, JSON.stringify(this.#values));
		this.onChange(this.#values);
	}
}

function parsed(text: string | null): unknown {
	if (text === null) return {};
	try {
		return JSON.parse(text);
	} catch {
		return {};
	}
}

/** The members that are known and have a value they may have. */
function accepted(given: unknown): Partial<PreferenceValues> {
	if (typeof given !== 'object' || given === null) return {};
	return Object.fromEntries(
		Object.entries(given).filter(
			([name, value]) => Object.hasOwn(ACCEPTED, name) && ACCEPTED[name as keyof PreferenceValues](value)
		)
	);
}
