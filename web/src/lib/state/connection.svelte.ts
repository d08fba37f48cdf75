// SPDX-License-Identifier: Apache-2.0
import type { GatewayStatus } from '$lib/gateway/gateway';

/** How the page stands with the gateway. */
export class Connection {
	#status: GatewayStatus = $state.raw('stopped');
	#pingMs: number | null = $state.raw(null);
	#everLive = $state.raw(false);

	/** @param check see `Gateway.check` */
	constructor(private readonly check: () => void) {}

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

	/** The person does not want to wait. */
	retryNow(): void {
		this.check();
	}

	applyStatus(status: GatewayStatus): void {
		this.#status = status;
		if (status === 'live') this.#everLive = true;
		else this.#pingMs = null;
		if (status === 'stopped') this.#everLive = false;
	}

	applyPing(ms: number): void {
		this.#pingMs = ms;
	}
}
