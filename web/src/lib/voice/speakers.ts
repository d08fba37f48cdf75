// SPDX-License-Identifier: Apache-2.0
/**
 * Who begins to speak, seen in the received packets before the event comes.
 *
 * Invariant: the events are the truth. A person found here counts as speaking for a moment only, once per rise of the
 * level; the event confirms it within that moment, or it was none.
 */

/** Linear level of -40 dBov, the scale of `RTCRtpContributingSource.audioLevel`. */
const THRESHOLD = 0.01;
/** How long a find holds without the event, milliseconds. */
const HOLD_MS = 300;
/** A packet older than this says nothing about now, milliseconds. */
const STALE_MS = 200;

/** One CSRC of one receiver, as `getContributingSources()` gives it. */
export interface ContributingSource {
	source: number;
	timestamp: number;
	audioLevel?: number;
}

interface Level {
	timestamp: number;
	/** When a packet with this timestamp was first seen here. */
	seenAt: number;
	/** When the level rose over the threshold; null while it is below. */
	roseAt: number | null;
}

export class EarlySpeakers {
	#levels = new Map<number, Level>();
	#found: ReadonlySet<number> = new Set();

	/** Voice numbers found just now. */
	get found(): ReadonlySet<number> {
		return this.#found;
	}

	/** @returns whether `found` changed */
	sample(now: number, sources: readonly ContributingSource[]): boolean {
		// A person who moved between slots is listed twice; the newer packet counts.
		const newest = new Map<number, ContributingSource>();
		for (const source of sources) {
			const other = newest.get(source.source);
			if (other === undefined || source.timestamp > other.timestamp) newest.set(source.source, source);
		}
		const levels = new Map<number, Level>();
		const found = new Set<number>();
		for (const { source, timestamp, audioLevel } of newest.values()) {
			const before = this.#levels.get(source);
			const level = next(now, before, timestamp, audioLevel ?? 0);
			levels.set(source, level);
			if (level.roseAt !== null && now - level.roseAt < HOLD_MS) found.add(source);
		}
		this.#levels = levels;
		const changed = found.size !== this.#found.size || [...found].some((number) => !this.#found.has(number));
		if (changed) this.#found = found;
		return changed;
	}
}

function next(now: number, before: Level | undefined, timestamp: number, audioLevel: number): Level {
	if (before !== undefined && before.timestamp === timestamp) {
		// No new packet: soon it says nothing about now.
		return now - before.seenAt < STALE_MS ? before : { ...before, roseAt: null };
	}
	const roseAt = audioLevel >= THRESHOLD ? (before?.roseAt ?? now) : null;
	return { timestamp, seenAt: now, roseAt };
}
