// SPDX-License-Identifier: Apache-2.0
/**
 * What this browser knows of its session: whose it is, since when, and until when its access token is good. The tokens
 * are HttpOnly cookies that no script sees, and all tabs share them: by this mark a tab knows that another one signed
 * in or out, and spares requests that are sure to be refused. A wrong mark costs a request, never access.
 */
import type { SignedIn } from './types';

const STORED_AS = 'voz.session';
/** Refresh a little early: the request takes time and clocks drift, milliseconds. */
const EARLY_MS = 15_000;

export type MarkStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export class SessionMark {
	constructor(
		private readonly storage: MarkStorage,
		/** Milliseconds of a clock that all tabs share. */
		private readonly wallNow: () => number
	) {}

	/** The mark as it is now; another value later means that a tab refreshed or signed in, null that one signed out. */
	read(): string | null {
		return this.storage.getItem(STORED_AS);
	}

	/** Whose session it is. */
	get userId(): string | null {
		return this.#parts()?.userId ?? null;
	}

	/** Names the session: another one after each sign-in. */
	get session(): string | null {
		const parts = this.#parts();
		return parts === null ? null : `${parts.userId} ${parts.since}`;
	}

	/** Signed in, here. */
	begin(signedIn: SignedIn): void {
		const now = this.wallNow();
		this.#write(signedIn.me.user.id, now, now + signedIn.access_expires_in_s * 1000);
	}

	/** The session goes on. */
	renew(signedIn: SignedIn): void {
		const now = this.wallNow();
		const before = this.#parts();
		const until = now + signedIn.access_expires_in_s * 1000;
		// Two refreshes in one millisecond must still differ.
		this.#write(signedIn.me.user.id, before?.since ?? now, until === before?.until ? until + 1 : until);
	}

	/** The server says whose it is. */
	confirm(userId: string): void {
		const parts = this.#parts();
		if (parts !== null && parts.userId !== userId) this.#write(userId, parts.since, parts.until);
	}

	/** This session is over; the mark of another one stays. */
	clear(session: string | null): void {
		if (this.session === session) this.storage.removeItem(STORED_AS);
	}

	/** There is a session and its access token is at its end. */
	isStale(): boolean {
		const parts = this.#parts();
		return parts !== null && this.wallNow() >= parts.until - EARLY_MS;
	}

	#write(userId: string, since: number, until: number): void {
		this.storage.setItem(STORED_AS, `${userId} ${since} ${until}`);
	}

	#parts(): { userId: string; since: number; until: number } | null {
		const text = this.read();
		if (text === null) return null;
		const [userId = '', since, until] = text.split(' ');
		return { userId, since: Number(since), until: Number(until) };
	}
}
