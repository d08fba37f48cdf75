// SPDX-License-Identifier: Apache-2.0
/** Feeds keys and mouse buttons of the page to push-to-talk, and catches the next one for its setting. */
import { ACTIVATING, type KeyCode, type PushToTalk, type Target } from './push_to_talk';

const WITHOUT_TEXT = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);
const CONTROLS =
	'button, a[href], summary, [role="button"], [role="menuitem"], [role="option"], [role="treeitem"], [role="tab"]';

export class KeyListener {
	#capture: ((key: KeyCode | null) => void) | null = null;
	/** What went down for this: its repeats, its up and its click are not the page's either, nor the browser's to go back. */
	#taken: KeyCode | null = null;
	#stop: AbortController | null = null;
	/** Asked once, when the focus comes: Chromium calls it visible with the first key, whoever brought it. */
	#focus: { on: EventTarget | null; byKeyboard: boolean } = { on: null, byKeyboard: false };

	/** @param enabled push-to-talk is on and the person is in a room */
	constructor(
		private readonly pushToTalk: PushToTalk,
		private readonly enabled: () => boolean
	) {}

	start(page: Window): void {
		this.stop();
		const stop = new AbortController();
		this.#stop = stop;
		// Capture phase: a dialog that stops the event must not swallow the end of a word.
		const options = { capture: true, signal: stop.signal };
		const down = (key: KeyCode, event: Event, repeat = false): void => {
			const held = repeat && key === this.#taken;
			this.#taken = key;
			if (held || this.#captured(key)) {
				event.preventDefault();
				event.stopImmediatePropagation();
			} else if (this.enabled() && this.pushToTalk.down(key, this.#targetOf(event))) {
				event.preventDefault();
				// Menus and the tree press without the browser.
				if (ACTIVATING.test(key)) event.stopPropagation();
			} else {
				this.#taken = null;
			}
		};
		const up = (key: KeyCode, event: Event): void => {
			if (this.pushToTalk.up(key) || key === this.#taken) event.preventDefault();
		};
		const letGo = (): void => {
			this.#taken = null;
			this.pushToTalk.reset();
		};
		page.addEventListener('keydown', (event) => down(event.code, event, event.repeat), options);
		page.addEventListener('keyup', (event) => up(event.code, event), options);
		page.addEventListener(
			'mousedown',
			(event) => {
				this.#focus.byKeyboard = false;
				down(`Mouse${event.button}`, event);
			},
			options
		);
		for (const type of ['mouseup', 'auxclick'] as const) {
			page.addEventListener(type, (event) => up(`Mouse${event.button}`, event), options);
		}
		page.addEventListener('focusin', ({ target }) => this.#focused(target), options);
		page.addEventListener('blur', letGo, { signal: stop.signal });
		page.document.addEventListener(
			'visibilitychange',
			() => {
				if (page.document.hidden) letGo();
			},
			{ signal: stop.signal }
		);
	}

	stop(): void {
		this.#stop?.abort();
		this.#stop = null;
		this.cancelCapture();
		this.pushToTalk.reset();
	}

	/** The next key or mouse button; null on Escape or when it is cancelled. The left and right buttons stay the page's. */
	capture(): Promise<KeyCode | null> {
		this.cancelCapture();
		return new Promise((resolve) => {
			this.#capture = resolve;
		});
	}

	cancelCapture(): void {
		this.#capture?.(null);
		this.#capture = null;
	}

	#captured(key: KeyCode): boolean {
		if (this.#capture === null || key === 'Mouse0' || key === 'Mouse2') return false;
		// Tab stays the way out for who has no mouse (WCAG 2.1.2).
		if (key === 'Tab') return false;
		this.#capture(key === 'Escape' ? null : key);
		this.#capture = null;
		return true;
	}

	#focused(on: EventTarget | null): void {
		// It comes to the same element again when the window comes back to the front.
		if (!(on instanceof Element) || on === this.#focus.on) return;
		this.#focus = { on, byKeyboard: on.matches(':focus-visible') };
	}

	#targetOf(event: Event): Target {
		const target = targetOf(event);
		return target === 'control' && !this.#focus.byKeyboard ? 'elsewhere' : target;
	}
}

function targetOf(event: Event): Target {
	const origin = event.composedPath()[0];
	// Keys pressed while nothing is in focus come from the body or from the window itself.
	if (origin === undefined || !('tagName' in origin)) return 'elsewhere';
	const element = origin as HTMLElement;
	switch (element.tagName) {
		case 'TEXTAREA':
		case 'SELECT':
			return 'text';
		case 'INPUT':
			return WITHOUT_TEXT.has((element as HTMLInputElement).type) ? 'control' : 'text';
		default:
			if (element.isContentEditable) return 'text';
			return element.closest(CONTROLS) === null ? 'elsewhere' : 'control';
	}
}
