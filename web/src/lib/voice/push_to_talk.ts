// SPDX-License-Identifier: Apache-2.0
/**
 * Push-to-talk on a key or mouse button: down = talking, up = silent after the release delay, loss of focus = silent
 * at once. DOM-free; `key_listener.ts` feeds it.
 */
import type { Clock } from '$lib/time/clock';

/** `KeyboardEvent.code`, or `Mouse` and the number of `MouseEvent.button` (`Mouse3`, `Mouse4`; `Mouse1` is the wheel). */
export type KeyCode = string;

/** Where the keyboard is pointed at when a key goes down; a control that was clicked is `elsewhere`. */
export type Target = 'text' | 'control' | 'elsewhere';

/** Keys that write nothing and move nothing in a text field: they talk there too. */
const NON_TYPING =
	/^(F\d{1,2}|(Control|Alt|Meta)(Left|Right)|CapsLock|NumLock|ScrollLock|Pause|PrintScreen|Insert|ContextMenu|Mouse\d+|Media\w+|AudioVolume\w+|Launch\w+|Browser\w+)$/;
/** Keys that press the button or follow the link in focus. */
export const ACTIVATING = /^(Space|Enter|NumpadEnter)$/;

export interface PushToTalkSettings {
	key: KeyCode;
	releaseMs: number;
}

export class PushToTalk {
	#held = new Set<'key' | 'button'>();
	#talking = false;
	#cancelRelease: () => void = () => {};

	constructor(
		private readonly clock: Clock,
		private readonly settings: () => PushToTalkSettings,
		private readonly onTalking: (talking: boolean) => void
	) {}

	get talking(): boolean {
		return this.#talking;
	}

	/** @returns whether the key was taken: the page must not act on it too */
	down(key: KeyCode, target: Target): boolean {
		if (key !== this.settings().key) return false;
		if (target === 'text' && !NON_TYPING.test(key)) return false;
		if (target === 'control' && ACTIVATING.test(key)) return false;
		this.#hold('key');
		return true;
	}

	/** @returns whether the key was taken */
	up(key: KeyCode): boolean {
		if (key !== this.settings().key || !this.#held.has('key')) return false;
		this.#release('key');
		return true;
	}

	/** A button on the screen, for who has no key. */
	button(down: boolean): void {
		if (down) this.#hold('button');
		else this.#release('button');
	}

	/** The page lost focus, or push-to-talk was switched off: the key's `up` may never come. */
	reset(): void {
		this.#held.clear();
		this.#cancelRelease();
		this.#set(false);
	}

	#hold(by: 'key' | 'button'): void {
		this.#held.add(by);
		this.#cancelRelease();
		this.#set(true);
	}

	#release(by: 'key' | 'button'): void {
		if (!this.#held.delete(by) || this.#held.size > 0) return;
		const { releaseMs } = this.settings();
		this.#cancelRelease();
		if (releaseMs <= 0) this.#set(false);
		else this.#cancelRelease = this.clock.after(releaseMs, () => this.#set(false));
	}

	#set(talking: boolean): void {
		if (this.#talking === talking) return;
		this.#talking = talking;
		this.onTalking(talking);
	}
}
