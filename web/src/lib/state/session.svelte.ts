// SPDX-License-Identifier: Apache-2.0
import { untrack } from 'svelte';
import { doneOf, resultOf, type Api } from '$lib/api/client';
import { succeeded, type Failure, type Result } from '$lib/api/failures';
import type { SessionMark } from '$lib/api/session_mark';
import type { Me, SignedIn, SignUpRequest } from '$lib/api/types';
import { Backoff } from '$lib/time/backoff';
import { pause, type Clock } from '$lib/time/clock';

export interface SessionEvents {
	/** Signed in, or found to be: connect. */
	onSignedIn: () => void;
	/** Nobody is shown any more, by whatever way: forget everything. */
	onSignedOut: () => void;
}

/** Who is signed in on this page. */
export class Session {
	#status: 'unknown' | 'signed_out' | 'signed_in' = $state.raw('unknown');
	#me: Me | null = $state.raw(null);
	#ended = $state.raw(false);
	#trouble: Failure | null = $state.raw(null);
	/** By its mark, the session that is shown or asked about. */
	#session: string | null = null;
	/** The server's word that the session is over may come before its answer to the request that ends it. */
	#signingOut = false;

	constructor(
		private readonly api: Api,
		private readonly mark: SessionMark,
		private readonly clock: Clock,
		private readonly random: () => number,
		private readonly events: SessionEvents
	) {}

	get status(): 'unknown' | 'signed_out' | 'signed_in' {
		return this.#status;
	}
	get me(): Me | null {
		return this.#me;
	}
	/** Signed out by the server, not by this person's click here. */
	get ended(): boolean {
		return this.#ended;
	}
	/** Why it is `unknown`; it is asked again until it is known. */
	get trouble(): Failure | null {
		return this.#trouble;
	}

	/** Finds out who is signed in; returns when it is known. A visitor without a session costs no request. */
	async restore(): Promise<void> {
		const backoff = new Backoff(this.random);
		while (this.#status === 'unknown') {
			const { session } = this.mark;
			this.#session = session;
			if (session === null) {
				this.#status = 'signed_out';
				return;
			}
			const result = await resultOf(this.api.GET('/api/v1/me'));
			if (this.#status !== 'unknown') return;
			if (result.ok) {
				// Meanwhile another tab signed in or out.
				if (this.mark.session !== session) continue;
				this.mark.confirm(result.value.user.id);
				this.#signedIn(result.value);
				return;
			}
			if (result.failure.code === 'unauthenticated') {
				this.mark.clear(session);
				if (this.mark.read() !== null) continue;
				this.#forget('signed_out', true);
				return;
			}
			this.#trouble = result.failure;
			await pause(this.clock, backoff.next((result.failure.retryAfterS ?? 0) * 1000));
		}
	}

	async signIn(username: string, password: string): Promise<Result<Me>> {
		return this.#begin(
			await resultOf(this.api.POST('/api/v1/sessions', { body: { username, password, transport: 'cookie' } }))
		);
	}

	/** Creates an account; with an invite it also enters the community. */
	async signUp(form: Omit<SignUpRequest, 'transport'>): Promise<Result<Me>> {
		return this.#begin(await resultOf(this.api.POST('/api/v1/accounts', { body: { ...form, transport: 'cookie' } })));
	}

	/** Ends the session on the server. Fails when the server does not answer: the person is then still signed in. */
	async signOut(): Promise<Result<void>> {
		const { session } = this.mark;
		this.#signingOut = true;
		const result = await doneOf(this.api.DELETE('/api/v1/sessions/current'));
		this.#signingOut = false;
		if (result.ok || result.failure.code === 'unauthenticated') {
			this.mark.clear(session);
			if (this.#status !== 'signed_out' && this.mark.read() === null) this.#forget('signed_out', false);
			return succeeded(undefined);
		}
		return result;
	}

	applySignedIn(signedIn: SignedIn): void {
		this.mark.begin(signedIn);
		if (this.#status === 'signed_in') this.events.onSignedOut();
		this.#signedIn(signedIn.me);
	}

	/** @returns whether that is who is shown; if not, it is found out anew who is signed in */
	applyMe(me: Me): boolean {
		if (me.user.id !== this.#me?.user.id) {
			this.#startOver();
			return false;
		}
		this.#me = me;
		return true;
	}

	/** The server ended the session. */
	applyEnded(): void {
		if (this.#status === 'signed_out') return;
		this.mark.clear(this.#session);
		if (this.mark.read() === null) this.#forget('signed_out', !this.#signingOut);
		else this.#startOver();
	}

	/**
	 * Another tab may have signed in or out: this page follows.
	 * @returns whether it still shows who is signed in
	 */
	follow(): boolean {
		const { userId } = this.mark;
		if (this.#status === 'unknown' || userId === (this.#me?.user.id ?? null)) return true;
		if (userId === null) this.applyEnded();
		else this.#startOver();
		return false;
	}

	/** For a request that begins now: whether it may be sent, asked before each try. What asks does not depend on it. */
	guard(changes: boolean): () => boolean {
		return untrack(() => {
			const shown = this.#me?.user.id;
			const nobodyKnown = this.#status === 'unknown';
			return () => untrack(() => this.follow() && this.#me?.user.id === shown && !(changes && nobodyKnown));
		});
	}

	#begin(result: Result<SignedIn>): Result<Me> {
		if (!result.ok) return result;
		this.applySignedIn(result.value);
		return succeeded(result.value.me);
	}

	#signedIn(me: Me): void {
		this.#session = this.mark.session;
		this.#me = me;
		this.#ended = false;
		this.#trouble = null;
		this.#status = 'signed_in';
		this.events.onSignedIn();
	}

	/** The session is another one than the one shown. */
	#startOver(): void {
		this.#forget('unknown', false);
		void this.restore();
	}

	#forget(status: 'signed_out' | 'unknown', ended: boolean): void {
		this.#me = null;
		this.#ended = ended;
		this.#trouble = null;
		this.#status = status;
		this.events.onSignedOut();
	}
}
