// SPDX-License-Identifier: Apache-2.0
import type { GatewayStatus } from '$lib/gateway/gateway';
import type { Clock } from '$lib/time/clock';

/** A hiccup that is shorter is not told, milliseconds. */
const HICCUP_MS = 1_500;

/** How the page stands with the gateway. */
export class Connection {
	#status: GatewayStatus = $state.raw('stopped');
	#pingMs: number | null = $state.raw(null);
	#everLive = $state.raw(false);

	#away = $state.raw(false);
	#lost = false;
	#cancelAway: () => void = () => {};

	/** @param check see `Gateway.check` */
	constructor(
		private readonly clock: Clock,
		private readonly check: () => void
	) {}

	get status(): GatewayStatus {
		return this.#status;
	}
	/** Round trip of the last heartbeat, milliseconds. */
	get pingMs(): number | null {
		return this.#pingMs;
	}
	/** It was live since the sign-in: what is on screen is real, if perhaps old. */
	get everLive(): boolean {
		return this.#everLive;
	}

	/** The server was there and is not now, for longer than a hiccup. */
	get away(): boolean {
		return this.#away;
	}

	/** The person does not want to wait. */
	retryNow(): void {
		this.check();
	}

	applyStatus(status: GatewayStatus): void {
		this.#status = status;
		if (status === 'live') this.#everLive = true;
		else this.#pingMs = null;
		if (status === 'stopped') this.#everLive = false;
		this.#applyAway(this.#everLive && status !== 'live');
	}

	#applyAway(lost: boolean): void {
		if (!lost) {
			this.#cancelAway();
			this.#lost = false;
			this.#away = false;
		} else if (!this.#lost) {
			this.#lost = true;
			this.#cancelAway = this.clock.after(HICCUP_MS, () => (this.#away = true));
		}
	}

	applyPing(ms: number): void {
		this.#pingMs = ms;
	}
}
