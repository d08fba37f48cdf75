// SPDX-License-Identifier: Apache-2.0
/**
 * Refreshing the session, once for all tabs of this browser.
 *
 * Invariant: of all requests that were refused with the same access token, one refreshes; the others wait for it and
 * then try again. Across tabs this holds where Web Locks exist (secure contexts, where the cookies live too).
 */
import type { SessionMark } from './session_mark';
import type { SignedIn } from './types';

const LOCK = 'voz.refresh';
const TIMEOUT_MS = 10_000;

export type RefreshOutcome = 'refreshed' | 'signed_out' | 'unreachable';

export interface RefreshBoundary {
	/** Where the API is: an origin, without a slash at the end. */
	origin: string;
	fetch: (request: Request) => Promise<Response>;
	/** Null where the browser has none. */
	locks: Pick<LockManager, 'request'> | null;
	mark: SessionMark;
}

export class SessionRefresh {
	#running: Promise<RefreshOutcome> | null = null;

	constructor(private readonly boundary: RefreshBoundary) {}

	/** @param seen the mark when the refused request was sent */
	run(seen: string | null): Promise<RefreshOutcome> {
		this.#running ??= this.#locked(seen).finally(() => {
			this.#running = null;
		});
		return this.#running;
	}

	async #locked(seen: string | null): Promise<RefreshOutcome> {
		const { locks } = this.boundary;
		return locks === null ? this.#unlessDone(seen) : await locks.request(LOCK, () => this.#unlessDone(seen));
	}

	async #unlessDone(seen: string | null): Promise<RefreshOutcome> {
		const { origin, fetch, mark } = this.boundary;
		const now = mark.read();
		if (now !== seen) return now === null ? 'signed_out' : 'refreshed';
		const { session } = mark;
		try {
			const response = await fetch(
				new Request(`${origin}/api/v1/sessions/refresh`, {
					method: 'POST',
					headers: { 'Content-Type': 'application/json' },
					body: '{}',
					signal: AbortSignal.timeout(TIMEOUT_MS)
				})
			);
			if (response.status === 401) {
				mark.clear(session);
				return 'signed_out';
			}
			if (!response.ok) return 'unreachable';
			const signedIn = (await response.json()) as SignedIn;
			if (mark.session === session) mark.renew(signedIn);
			return 'refreshed';
		} catch {
			return 'unreachable';
		}
	}
}
