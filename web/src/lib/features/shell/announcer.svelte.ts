// SPDX-License-Identifier: Apache-2.0
/** One polite voice for the whole page: sentences wait for each other, so that none is swallowed or stumbles over another. */

/** A screen reader needs about this long before the next sentence may replace the last. */
const PACE_MS = 1_500;
const LONGEST_QUEUE = 5;

/** What can change faster than it is said. Of these only one sentence waits, and the newest takes its place. */
type Matter = 'own microphone' | 'own hearing';

interface Waiting {
	/** Made when its turn comes: until then what it says may be old. */
	sentence: () => string;
	matter: Matter | null;
}

class Announcer {
	/** What the live region holds. */
	text = $state('');
	/** What is shown for a while as well, with a button that closes it. */
	toast: string | null = $state(null);

	private queue: Waiting[] = [];
	private speaking = false;
	private toastTimer: ReturnType<typeof setTimeout> | undefined;

	say(sentence: string | (() => string), matter: Matter | null = null): void {
		if (matter !== null) this.queue = this.queue.filter((waiting) => waiting.matter !== matter);
		this.queue.push({ sentence: typeof sentence === 'string' ? () => sentence : sentence, matter });
		if (this.queue.length > LONGEST_QUEUE) this.queue.shift();
		if (!this.speaking) this.next();
	}

	/** Says it and shows it. */
	show(sentence: string, matter: Matter | null = null): void {
		this.toast = sentence;
		this.say(sentence, matter);
		clearTimeout(this.toastTimer);
		this.toastTimer = setTimeout(() => (this.toast = null), 8_000);
	}

	closeToast(): void {
		clearTimeout(this.toastTimer);
		this.toast = null;
	}

	private next(): void {
		const waiting = this.queue.shift();
		this.speaking = waiting !== undefined;
		this.text = waiting?.sentence() ?? '';
		if (this.speaking) setTimeout(() => this.next(), PACE_MS);
	}
}

export const announcer = new Announcer();
