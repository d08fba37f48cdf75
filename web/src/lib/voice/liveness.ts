// SPDX-License-Identifier: Apache-2.0
/**
 * Whether anything still comes over a path.
 *
 * The SFU sends each peer an RTCP report every second, whether or not anyone speaks, is muted or is alone, and answers
 * ICE's checks. So silence is a broken path, and is seen here long before the browser gives up on its checks (measured
 * without UDP: Chromium 156 after 6 s, Firefox 153 after 5 to 8 s).
 */

/** Between two readings, milliseconds. */
export const READING_MS = 400;
/** More than a report's interval: something is late, milliseconds. */
export const QUIET_MS = 1_500;
/** Three reports in a row did not come: the path is broken, milliseconds. */
export const SILENT_MS = 3_200;
/** A page that slept has not read what came meanwhile: it takes so many readings to be sure. */
const SILENT_READINGS = 3;

export type Flow = 'flowing' | 'quiet' | 'silent';

/** The members of `RTCIceCandidatePairStats` that are read here. */
interface Pair {
	type: string;
	bytesReceived?: number;
	responsesReceived?: number;
}

export class Liveness {
	#received = 0;
	#since = 0;
	#readings = 0;

	/** @param now monotonic milliseconds */
	read(now: number, report: { forEach(visit: (entry: unknown) => void): void }): Flow {
		let received = 0;
		report.forEach((value) => {
			const pair = value as Pair;
			if (pair.type === 'candidate-pair') received += (pair.bytesReceived ?? 0) + (pair.responsesReceived ?? 0);
		});
		// Zero is a browser that does not count: it says nothing.
		if (received !== this.#received || received === 0) {
			this.#received = received;
			this.#since = now;
			this.#readings = 0;
			return 'flowing';
		}
		this.#readings += 1;
		const silentMs = now - this.#since;
		if (silentMs >= SILENT_MS && this.#readings >= SILENT_READINGS) return 'silent';
		return silentMs >= QUIET_MS ? 'quiet' : 'flowing';
	}
}
