// SPDX-License-Identifier: Apache-2.0
/**
 * The cursors held, a stream each. Decides of each event with a cursor whether it is new, known, or shows a gap.
 *
 * Invariant: the cursor held is that of the last event that was handled, and all before it were handled too.
 */
const REMEMBERED = 256;

export type Verdict = 'new' | 'duplicate' | 'gap';

interface Place {
	cursor: string;
	/** The last cursors handled, oldest first: what a server repeats around a resume is among them. */
	recent: string[];
}

export class Cursors {
	#places = new Map<string, Place>();

	/** What `resume` sends. */
	held(): Record<string, string> {
		return Object.fromEntries([...this.#places].map(([stream, place]) => [stream, place.cursor]));
	}

	/** A snapshot: the stream starts anew here. */
	restart(stream: string, cursor: string): void {
		this.#places.set(stream, { cursor, recent: [cursor] });
	}

	/** An event that follows others; takes its place when it is new. */
	advance(stream: string, cursor: string, prev: string | null): Verdict {
		const place = this.#places.get(stream);
		if (place === undefined) return 'gap';
		if (place.recent.includes(cursor)) return 'duplicate';
		if (prev !== place.cursor) return 'gap';
		place.cursor = cursor;
		place.recent.push(cursor);
		if (place.recent.length > REMEMBERED) place.recent.shift();
		return 'new';
	}

	/** Forgets one stream: it will come as a snapshot. */
	forget(stream: string): void {
		this.#places.delete(stream);
	}

	/** Forgets all streams but these. */
	retain(streams: readonly string[]): void {
		for (const stream of this.#places.keys()) {
			if (!streams.includes(stream)) this.#places.delete(stream);
		}
	}

	clear(): void {
		this.#places.clear();
	}
}
