// SPDX-License-Identifier: Apache-2.0
/** One polite voice for the whole page: sentences wait for each other, so that none is swallowed or stumbles over another. */

/** A screen reader needs about this long before the next sentence may replace the last. */
const PACE_MS = 1_500;
const LONGEST_QUEUE = 5;

class Announcer {
	/** What the live region holds. */
	text = $state('');
	/** What is shown for a while as well, with a button that closes it. */
	toast: string | null = $state(null);

	private queue: string[] = [];
	private speaking = false;
	private toastTimer: ReturnType<typeof setTimeout> | undefined;

	say(sentence: string): void {
		this.queue.push(sentence);
		if (this.queue.length > LONGEST_QUEUE) this.queue.shift();
		if (!this.speaking) this.next();
	}

	/** Says it and shows it. */
	show(sentence: string): void {
		this.toast = sentence;
		this.say(sentence);
		clearTimeout(this.toastTimer);
		this.toastTimer = setTimeout(() => (this.toast = null), 8_000);
	}

	closeToast(): void {
		clearTimeout(this.toastTimer);
		this.toast = null;
	}

	private next(): void {
		const sentence = this.queue.shift();
		this.speaking = sentence !== undefined;
		this.text = sentence ?? '';
		if (this.speaking) setTimeout(() => this.next(), PACE_MS);
	}
}

export const announcer = new Announcer();
