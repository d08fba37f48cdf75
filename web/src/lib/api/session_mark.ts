// SPDX-License-Identifier: Apache-2.0
/**
 * What this browser knows of its session: that there is one, and until when its access token is good. The tokens are
 * HttpOnly cookies that no script sees; this mark only spares requests that are sure to be refused, and tells the
 * tabs of each other's refreshes. A wrong mark costs a request, never access.
 */
const ACCESS_UNTIL = 'voz.access_until';
/** Refresh a little early: the request takes time and clocks drift, milliseconds. */
const EARLY_MS = 15_000;

export type MarkStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export class SessionMark {
	constructor(
		private readonly storage: MarkStorage,
		/** Milliseconds of a clock that all tabs share. */
		private readonly wallNow: () => number
	) {}

	/** The mark as it is now; another value later means that a tab refreshed, null that one signed out. */
	read(): string | null {
		return this.storage.getItem(ACCESS_UNTIL);
	}

	/** @param expiresInS of `SignedIn` */
	renew(expiresInS: number): void {
		const until = this.wallNow() + expiresInS * 1000;
		// Two refreshes in one millisecond must still differ.
		const before = Number(this.read() ?? 0);
		this.storage.setItem(ACCESS_UNTIL, String(until === before ? until + 1 : until));
	}

	clear(): void {
		this.storage.removeItem(ACCESS_UNTIL);
	}

	/** There is a session and its access token is at its end. */
	isStale(): boolean {
		const until = this.read();
		return until !== null && this.wallNow() >= Number(until) - EARLY_MS;
	}
}
