// SPDX-License-Identifier: Apache-2.0
/** Time as the state machines see it: a parameter, so that tests own it. */
export interface Clock {
	/** Monotonic milliseconds. */
	now(): number;
	/** Runs `action` once after `ms` milliseconds; the returned function cancels it. */
	after(ms: number, action: () => void): () => void;
}

/** Resolves after `ms` milliseconds. */
export function pause(clock: Clock, ms: number): Promise<void> {
	return new Promise((resolve) => void clock.after(ms, resolve));
}

/** The browser's clock, looked up at each call. */
export const systemClock: Clock = {
	now: () => performance.now(),
	after(ms, action) {
		const timer = setTimeout(action, ms);
		return () => clearTimeout(timer);
	}
};
