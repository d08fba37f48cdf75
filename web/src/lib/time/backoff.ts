// SPDX-License-Identifier: Apache-2.0

/** First delay of a row of tries, milliseconds. */
export const FIRST_DELAY_MS = 250;
/** No delay is longer, milliseconds. */
export const LONGEST_DELAY_MS = 5_000;

/** Delays that double from 0.25 s to 5 s; each is shortened at random by up to a quarter so that clients don't come back in step. */
export class Backoff {
	#attempts = 0;

	/** @param random uniform in [0, 1) */
	constructor(private readonly random: () => number) {}

	/** The delay before the next try, and `atLeastMs` where the server asked for that; milliseconds. */
	next(atLeastMs = 0): number {
		const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#attempts, 16));
		this.#attempts += 1;
		return Math.max(atLeastMs, delay * (1 - 0.25 * this.random()));
	}

	/** The next row of tries begins with the first delay. */
	reset(): void {
		this.#attempts = 0;
	}
}
