// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '$lib/time/clock';

/** Time that moves when a test says so; promises settle between two timers. */
export class FakeClock implements Clock {
	#now = 0;
	#timers: { at: number; action: () => void }[] = [];

	now(): number {
		return this.#now;
	}

	after(ms: number, action: () => void): () => void {
		const timer = { at: this.#now + ms, action };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	}

	/** Moves time on, running what falls due in its order. */
	async advance(ms: number): Promise<void> {
		const end = this.#now + ms;
		await settle();
		for (;;) {
			const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
			if (next === undefined) break;
			this.#timers = this.#timers.filter((timer) => timer !== next);
			this.#now = Math.max(this.#now, next.at);
			next.action();
			await settle();
		}
		this.#now = end;
	}

	/** The device sleeps: time goes on, timers run late. */
	async sleep(ms: number): Promise<void> {
		this.#now += ms;
		await this.advance(0);
	}

	/** How many timers wait: zero after something ended says that it left nothing behind. */
	get waiting(): number {
		return this.#timers.length;
	}
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
