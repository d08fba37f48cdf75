// SPDX-License-Identifier: Apache-2.0
/** What the person is shown of `getStats()` (W3C webrtc-stats). */
export interface VoiceStats {
	/** Round trip of the ICE path, milliseconds. */
	pingMs: number | null;
	/** Of the packets due since the last reading, how many did not come, 0–100. */
	lossPercent: number | null;
	packetsReceived: number;
	packetsSent: number;
}

/** The members read here, of whichever kind an entry is. */
interface Entry {
	type: string;
	nominated?: boolean;
	state?: string;
	currentRoundTripTime?: number;
	packetsReceived?: number;
	packetsLost?: number;
	packetsSent?: number;
}

export class StatsReader {
	#received = 0;
	#lost = 0;

	read(report: { forEach(visit: (entry: unknown) => void): void }): VoiceStats {
		let pingMs: number | null = null;
		let received = 0;
		let lost = 0;
		let sent = 0;
		report.forEach((value) => {
			const entry = value as Entry;
			switch (entry.type) {
				case 'candidate-pair':
					if (entry.nominated && entry.state === 'succeeded' && entry.currentRoundTripTime !== undefined) {
						pingMs = entry.currentRoundTripTime * 1000;
					}
					break;
				case 'inbound-rtp':
					received += entry.packetsReceived ?? 0;
					lost += entry.packetsLost ?? 0;
					break;
				case 'outbound-rtp':
					sent += entry.packetsSent ?? 0;
					break;
			}
		});
		const due = received - this.#received + (lost - this.#lost);
		// Late packets make the count of lost ones fall.
		const lossPercent = due > 0 ? (Math.max(0, lost - this.#lost) / due) * 100 : null;
		this.#received = received;
		this.#lost = lost;
		return { pingMs, lossPercent, packetsReceived: received, packetsSent: sent };
	}
}
