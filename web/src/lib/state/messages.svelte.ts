// SPDX-License-Identifier: Apache-2.0
/**
 * Messages, a history each channel.
 *
 * Invariants: `items` is in the order of ids without gaps from its oldest to its newest, then what is not sent yet in
 * the order of writing; a message is in it once, whether its event, its answer or a page brings it first. Sending is
 * one at a time a channel, repeated with the same nonce until it is answered.
 */
import { resultOf, type Api } from '$lib/api/client';
import type { Failure, Result } from '$lib/api/failures';
import type { Me, Message, MessagePage, User } from '$lib/api/types';
import { Backoff } from '$lib/time/backoff';
import type { Clock } from '$lib/time/clock';

/** How much one page of history has. */
const PAGE = 50;
/** How many messages missed while away are fetched before the history begins anew at its newest page. */
const REFILL_PAGE = 100;
const REFILL_PAGES = 5;
/** A longer pause asked by the server is the person's to wait, seconds. */
const LONGEST_PAUSE_S = 10;

/** A message on screen. */
export interface MessageItem {
	/** Stable from sending to sent: the key of `{#each}`. */
	key: string;
	/** Null until it is sent. */
	id: string | null;
	author: User;
	content: string;
	/** RFC 3339; until it is sent, the time of writing. */
	createdAt: string;
	state: 'sent' | 'sending' | 'failed';
	failure: Failure | null;
}

export interface MessagesBoundary {
	api: Api;
	clock: Clock;
	/** Milliseconds since 1970. */
	wallNow: () => number;
	random: () => number;
	nonce: () => string;
	me: () => Me | null;
}

export class ChannelHistory {
	#sent: readonly MessageItem[] = $state.raw([]);
	#unsent: readonly MessageItem[] = $state.raw([]);
	#status: 'idle' | 'loading' | 'ready' | 'failed' = $state.raw('idle');
	#failure: Failure | null = $state.raw(null);
	#hasOlder = $state.raw(false);
	#loadingOlder = $state.raw(false);
	#olderFailure: Failure | null = $state.raw(null);
	/** Nonces given here: their messages keep them as keys. */
	#nonces = new Set<string>();
	/** Messages may have been missed since the last page. */
	#behind = false;
	#refilling = false;
	#sending = false;
	#backoff: Backoff;
	#cancelRetry: (() => void) | null = null;
	/** Changes when the history is thrown away; what an older load brings is dropped. */
	#life = 0;

	constructor(
		readonly channelId: string,
		private readonly boundary: MessagesBoundary
	) {
		this.#backoff = new Backoff(boundary.random);
	}

	/** Oldest first, unsent ones last. */
	get items(): readonly MessageItem[] {
		// No $derived: a history outlives the screen that asks for it first, and a $derived would end with that screen.
		return [...this.#sent, ...this.#unsent];
	}
	get status(): 'idle' | 'loading' | 'ready' | 'failed' {
		return this.#status;
	}
	/** Why the first page did not come; with status `failed`. */
	get failure(): Failure | null {
		return this.#failure;
	}
	get hasOlder(): boolean {
		return this.#hasOlder;
	}
	get loadingOlder(): boolean {
		return this.#loadingOlder;
	}
	/** Why the last page of older ones did not come. */
	get olderFailure(): Failure | null {
		return this.#olderFailure;
	}

	/** Loads the newest page, unless it is there. */
	async open(): Promise<void> {
		if (this.#status === 'ready') {
			await this.#refill();
			return;
		}
		if (this.#status === 'loading') return;
		const life = this.#life;
		this.#status = 'loading';
		this.#failure = null;
		const page = await this.#page({ limit: PAGE });
		if (life !== this.#life) return;
		if (!page.ok) {
			this.#status = 'failed';
			this.#failure = page.failure;
			return;
		}
		this.#hasOlder = page.value.has_more;
		this.#merge(page.value.items);
		this.#status = 'ready';
		await this.#refill();
	}

	/** Loads the page before the oldest message. */
	async loadOlder(): Promise<void> {
		const oldest = this.#sent[0]?.id;
		if (this.#status !== 'ready' || this.#loadingOlder || !this.#hasOlder || !oldest) return;
		const life = this.#life;
		this.#loadingOlder = true;
		this.#olderFailure = null;
		const page = await this.#page({ limit: PAGE, before: oldest });
		if (life !== this.#life) return;
		this.#loadingOlder = false;
		if (!page.ok) {
			this.#olderFailure = page.failure;
			return;
		}
		this.#hasOlder = page.value.has_more;
		this.#merge(page.value.items);
	}

	/** Shows a message at once and sends it. */
	send(content: string): void {
		const me = this.boundary.me();
		if (me === null) return;
		const nonce = this.boundary.nonce();
		this.#nonces.add(nonce);
		const item: MessageItem = {
			key: nonce,
			id: null,
			author: me.user,
			content,
			createdAt: new Date(this.boundary.wallNow()).toISOString(),
			state: 'sending',
			failure: null
		};
		this.#unsent = [...this.#unsent, item];
		void this.#pump();
	}

	/** Sends a failed message again. */
	retry(key: string): void {
		this.#change(key, { state: 'sending', failure: null });
		void this.#pump();
	}

	/** Gives a failed message up. */
	discard(key: string): void {
		this.#unsent = this.#unsent.filter((item) => item.key !== key || item.state !== 'failed');
	}

	/** A message came by event or as an answer. */
	apply(message: Message): void {
		if (this.#nonces.has(message.nonce) && message.author.id === this.boundary.me()?.user.id) {
			this.#unsent = this.#unsent.filter((item) => item.key !== message.nonce);
		}
		// Before the first page there is nothing to add to; the page will hold it.
		if (this.#status === 'loading' || this.#status === 'ready') this.#merge([message]);
	}

	/** The stream began anew: messages may have been missed. */
	applyRestart(): void {
		if (this.#status !== 'loading' && this.#status !== 'ready') return;
		this.#behind = true;
		void this.#refill();
	}

	/** The server answers again. */
	applyLive(): void {
		this.#cancelRetry?.();
		this.#cancelRetry = null;
		this.#backoff.reset();
		void this.#pump();
		if (this.#status === 'failed') void this.open();
		else void this.#refill();
	}

	/** Stops all that is under way. */
	close(): void {
		this.#life += 1;
		this.#cancelRetry?.();
		this.#cancelRetry = null;
		this.#unsent = [];
	}

	async #page(query: { limit: number; before?: string; after?: string }): Promise<Result<MessagePage>> {
		return resultOf(
			this.boundary.api.GET('/api/v1/channels/{channel_id}/messages', {
				params: { path: { channel_id: this.channelId }, query }
			})
		);
	}

	/** Fetches what came after the newest message held; after too much of it the history begins anew. */
	async #refill(): Promise<void> {
		if (!this.#behind || this.#refilling || this.#status !== 'ready') return;
		const life = this.#life;
		this.#refilling = true;
		let done = false;
		let after = this.#sent.at(-1)?.id ?? undefined;
		for (let count = 0; count < REFILL_PAGES && !done; count += 1) {
			const page = await this.#page(after === undefined ? { limit: PAGE } : { limit: REFILL_PAGE, after });
			if (life !== this.#life) return;
			if (!page.ok) {
				this.#refilling = false;
				return;
			}
			this.#merge(page.value.items);
			// Without a message to start from, the newest page is all that is needed.
			if (after === undefined) this.#hasOlder = page.value.has_more;
			done = after === undefined || !page.value.has_more;
			after = page.value.items.at(-1)?.id ?? after;
		}
		this.#refilling = false;
		this.#behind = false;
		if (done) return;
		this.#sent = [];
		this.#status = 'idle';
		await this.open();
	}

	async #pump(): Promise<void> {
		if (this.#sending || this.#cancelRetry !== null) return;
		this.#sending = true;
		const life = this.#life;
		for (;;) {
			const next = this.#unsent.find((item) => item.state === 'sending');
			if (next === undefined) break;
			const result = await resultOf(
				this.boundary.api.POST('/api/v1/channels/{channel_id}/messages', {
					params: { path: { channel_id: this.channelId } },
					body: { content: next.content, nonce: next.key }
				})
			);
			if (life !== this.#life) return;
			if (result.ok) {
				this.#backoff.reset();
				this.apply(result.value);
				// Also when the history is not open and the answer went nowhere.
				this.#unsent = this.#unsent.filter((item) => item.key !== next.key);
				continue;
			}
			const delay = retryDelay(result.failure, this.#backoff);
			if (delay === null) {
				this.#change(next.key, { state: 'failed', failure: result.failure });
				continue;
			}
			this.#cancelRetry = this.boundary.clock.after(delay, () => {
				this.#cancelRetry = null;
				void this.#pump();
			});
			break;
		}
		this.#sending = false;
	}

	#change(key: string, change: Partial<MessageItem>): void {
		this.#unsent = this.#unsent.map((item) => (item.key === key ? { ...item, ...change } : item));
	}

	/** Adds what is not there yet. Ids are UUIDv7: their order is the order of sending. */
	#merge(messages: readonly Message[]): void {
		const known = new Set(this.#sent.map((item) => item.id));
		const added = messages.filter((message) => !known.has(message.id)).map((message) => this.#item(message));
		if (added.length === 0) return;
		this.#sent = [...this.#sent, ...added].sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
	}

	#item(message: Message): MessageItem {
		const own = this.#nonces.has(message.nonce) && message.author.id === this.boundary.me()?.user.id;
		return {
			key: own ? message.nonce : message.id,
			id: message.id,
			author: message.author,
			content: message.content,
			createdAt: message.created_at,
			state: 'sent',
			failure: null
		};
	}
}

/** After how many milliseconds the same message is sent again; null: not by itself. */
function retryDelay(failure: Failure, backoff: Backoff): number | null {
	switch (failure.code) {
		case 'network_unreachable':
			return backoff.next();
		case 'overloaded':
		case 'rate_limited': {
			const pauseS = failure.retryAfterS ?? 1;
			return pauseS <= LONGEST_PAUSE_S ? backoff.next(pauseS * 1000) : null;
		}
		default:
			return null;
	}
}

export class Messages {
	#histories = new Map<string, ChannelHistory>();

	constructor(private readonly boundary: MessagesBoundary) {}

	/** The history of a channel: the same object each time. */
	channel(channelId: string): ChannelHistory {
		let history = this.#histories.get(channelId);
		if (history === undefined) {
			history = new ChannelHistory(channelId, this.boundary);
			this.#histories.set(channelId, history);
		}
		return history;
	}

	apply(message: Message): void {
		this.#histories.get(message.channel_id)?.apply(message);
	}

	applyRestart(channelIds: readonly string[]): void {
		for (const id of channelIds) this.#histories.get(id)?.applyRestart();
	}

	applyLive(): void {
		for (const history of this.#histories.values()) history.applyLive();
	}

	forget(channelIds: readonly string[]): void {
		for (const id of channelIds) {
			this.#histories.get(id)?.close();
			this.#histories.delete(id);
		}
	}

	clear(): void {
		this.forget([...this.#histories.keys()]);
	}
}
