// SPDX-License-Identifier: Apache-2.0
/**
 * The gateway's client: one WebSocket that comes back by itself.
 *
 *   stopped → connecting → resuming → live
 *                 ↑            │        │   lost, silent, gap
 *              waiting ←───────┴────────┘   (0.25 s doubling to 5 s)
 *
 * Invariant: each event of a stream reaches the handlers once and in order. A gap ends the connection; the next one
 * resumes at the cursors held. Not covered: what commands do; a command that was under way when the connection ended
 * fails with `not_connected` and the caller decides.
 */
import { failed, failureFromProblem, failureOf, succeeded, type Result } from '$lib/api/failures';
import type { ClientCommand, CommandResult, GatewayEvent, Reply, ServerFrame, VoiceClaim } from '$lib/api/types';
import { Backoff } from '$lib/time/backoff';
import type { Clock } from '$lib/time/clock';
import { Cursors } from './cursors';
import { dispatch, type EventHandlers } from './events';

/** Between two heartbeats, milliseconds. */
export const HEARTBEAT_MS = 20_000;
/** Nothing heard for so long: the connection is dead, milliseconds. */
export const SILENCE_MS = 45_000;
/** From opening to the end of the resume, milliseconds. */
export const RESUME_TIMEOUT_MS = 10_000;
/** From a command to its reply, milliseconds. */
export const COMMAND_TIMEOUT_MS = 10_000;
/** The answer to a heartbeat that was sent because the network changed, milliseconds. */
export const PROBE_MS = 5_000;
/** A connection that lived for so long was a good one: the next loss begins with the first delay, milliseconds. */
const STABLE_MS = 5_000;
/** The pause that the server asks for by `CloseCode.RateLimited`, milliseconds. */
const RATE_LIMITED_PAUSE_MS = 5_000;

/** Close codes of the gateway (`protocol::gateway::close`). */
export const CloseCode = {
	SessionEnded: 4001,
	Protocol: 4002,
	FellBehind: 4003,
	ServerStopping: 4004,
	RateLimited: 4005
} as const;

export type GatewayStatus = 'stopped' | 'connecting' | 'resuming' | 'live' | 'waiting';

export interface Socket {
	send(text: string): void;
	close(): void;
}

export interface SocketHandlers {
	onOpen: () => void;
	onText: (text: string) => void;
	/** Also after an attempt that never opened. Not called after `close()` by us is fine; it is ignored. */
	onClose: (code: number) => void;
}

export interface GatewayBoundary {
	openSocket: (handlers: SocketHandlers) => Socket;
	clock: Clock;
	/** Uniform in [0, 1). */
	random: () => number;
	/**
	 * Asked before a try that follows one that never opened: a refused session looks like a dead server there.
	 * Refreshes the session when it has to.
	 */
	authorize: () => Promise<'authorized' | 'signed_out' | 'unreachable'>;
	/** The session's access token is at its end: ask before the first try too. */
	mayBeRefused: () => boolean;
	/** The voice still held, for `resume`. */
	voiceClaim: () => VoiceClaim | null;
	handlers: EventHandlers;
	onStatus: (status: GatewayStatus) => void;
	/** Round trip of a heartbeat, milliseconds. */
	onPing: (ms: number) => void;
	/** The session is over; the gateway has stopped. */
	onSessionEnded: () => void;
}

interface Pending {
	settle: (result: Result<CommandResult>) => void;
	cancelTimeout: () => void;
}

/** One life of the socket. */
interface Connection {
	socket: Socket;
	opened: boolean;
	liveSince: number | null;
	pending: Map<number, Pending>;
	nextId: number;
	cancelHeartbeat: () => void;
	cancelDeadline: () => void;
	/** When the connection counts as dead unless something comes; null while nothing is waited for. */
	silence: { at: number; cancel: () => void } | null;
}

export class Gateway {
	#status: GatewayStatus = 'stopped';
	#connection: Connection | null = null;
	#cursors = new Cursors();
	#backoff: Backoff;
	#cancelRetry: () => void = () => {};
	#mustAuthorize = false;
	/** Changes with each start, stop and try: answers to older ones are dropped. */
	#attempt = 0;
	/** Streams whose gap was not filled by the last resume: they are asked for as snapshots. */
	#gaps = new Set<string>();

	constructor(private readonly boundary: GatewayBoundary) {
		this.#backoff = new Backoff(boundary.random);
	}

	get status(): GatewayStatus {
		return this.#status;
	}

	/** Connects and stays connected until [`stop`]. Without effect when it runs. */
	start(): void {
		if (this.#status !== 'stopped') return;
		this.#backoff.reset();
		this.#mustAuthorize = false;
		this.#connect();
	}

	/** Closes and forgets: the next start is a fresh one. */
	stop(): void {
		this.#attempt += 1;
		this.#cancelRetry();
		this.#drop();
		this.#cursors.clear();
		this.#gaps.clear();
		this.#set('stopped');
	}

	/** The network may have changed, or the person asks: try now, or find out soon whether the connection still lives. */
	check(): void {
		if (this.#status === 'waiting') {
			this.#cancelRetry();
			this.#connect();
		} else if (this.#status === 'live' && this.#connection !== null) {
			this.#heartbeat(this.#connection, PROBE_MS);
		}
	}

	/** Sends a command. The result is that of the reply; `not_connected` and `timeout` say that there was none. */
	request(command: ClientCommand): Promise<Result<CommandResult>> {
		if (this.#connection === null || this.#status !== 'live') {
			return Promise.resolve(failed(failureOf('not_connected')));
		}
		return this.#send(this.#connection, command, COMMAND_TIMEOUT_MS);
	}

	#set(status: GatewayStatus): void {
		if (this.#status === status) return;
		this.#status = status;
		this.boundary.onStatus(status);
	}

	#connect(): void {
		this.#attempt += 1;
		this.#set('connecting');
		if (!this.#mustAuthorize && !this.boundary.mayBeRefused()) {
			this.#open();
			return;
		}
		const attempt = this.#attempt;
		void this.boundary.authorize().then((outcome) => {
			if (attempt !== this.#attempt) return;
			switch (outcome) {
				case 'authorized':
					this.#open();
					return;
				case 'signed_out':
					this.#endSession();
					return;
				case 'unreachable':
					this.#wait(0);
					return;
			}
		});
	}

	#open(): void {
		const { clock } = this.boundary;
		// The handlers may be called before `openSocket` returns.
		const own: { connection: Connection | null } = { connection: null };
		const isCurrent = (): boolean => own.connection !== null && own.connection === this.#connection;
		const socket = this.boundary.openSocket({
			onOpen: () => {
				if (isCurrent()) this.#opened(own.connection as Connection);
			},
			onText: (text) => {
				if (isCurrent()) this.#received(own.connection as Connection, text);
			},
			onClose: (code) => {
				if (isCurrent()) this.#closed(code);
			}
		});
		own.connection = {
			socket,
			opened: false,
			liveSince: null,
			pending: new Map(),
			nextId: 1,
			cancelHeartbeat: () => {},
			cancelDeadline: clock.after(RESUME_TIMEOUT_MS, () => this.#lose()),
			silence: null
		};
		this.#connection = own.connection;
	}

	#opened(connection: Connection): void {
		connection.opened = true;
		this.#mustAuthorize = false;
		this.#set('resuming');
		const voice = this.boundary.voiceClaim();
		void this.#send(
			connection,
			{ type: 'resume', data: { cursors: this.#cursors.held(), ...(voice === null ? {} : { voice }) } },
			RESUME_TIMEOUT_MS
		).then((result) => {
			if (connection !== this.#connection) return;
			if (!result.ok) {
				// Nothing that is held was understood: begin afresh.
				if (result.failure.code !== 'timeout') this.#cursors.clear();
				this.#lose();
				return;
			}
			connection.cancelDeadline();
			connection.liveSince = this.boundary.clock.now();
			this.#gaps.clear();
			this.#set('live');
			this.#beat(connection);
		});
	}

	/** Sends a heartbeat now and every 20 s from now on. */
	#beat(connection: Connection): void {
		this.#heartbeat(connection, SILENCE_MS - HEARTBEAT_MS);
		connection.cancelHeartbeat = this.boundary.clock.after(HEARTBEAT_MS, () => this.#beat(connection));
	}

	/**
	 * Counting silence from the heartbeat, not from the last frame, is the same 45 s, and stays right where a hidden
	 * page's timers run late: both timers would fire together there, before the heartbeat had a chance.
	 */
	#heartbeat(connection: Connection, answerWithinMs: number): void {
		const { clock } = this.boundary;
		const sentAt = clock.now();
		// Who asks again and again does not put the end off.
		const at = sentAt + answerWithinMs;
		if (connection.silence === null || at < connection.silence.at) {
			connection.silence?.cancel();
			connection.silence = { at, cancel: clock.after(answerWithinMs, () => this.#lose()) };
		}
		void this.#send(connection, { type: 'heartbeat', data: {} }, SILENCE_MS).then((result) => {
			if (result.ok && connection === this.#connection) this.boundary.onPing(clock.now() - sentAt);
		});
	}

	#send(connection: Connection, command: ClientCommand, timeoutMs: number): Promise<Result<CommandResult>> {
		const id = connection.nextId;
		connection.nextId += 1;
		return new Promise((resolve) => {
			const settle = (result: Result<CommandResult>): void => {
				connection.pending.get(id)?.cancelTimeout();
				connection.pending.delete(id);
				resolve(result);
			};
			const cancelTimeout = this.boundary.clock.after(timeoutMs, () => settle(failed(failureOf('timeout'))));
			connection.pending.set(id, { settle, cancelTimeout });
			connection.socket.send(JSON.stringify({ id, ...command }));
		});
	}

	#received(connection: Connection, text: string): void {
		connection.silence?.cancel();
		connection.silence = null;
		let frame: ServerFrame;
		try {
			frame = JSON.parse(text) as ServerFrame;
		} catch {
			this.#lose();
			return;
		}
		if ('reply' in frame) this.#reply(connection, frame);
		else this.#event(frame);
	}

	#reply(connection: Connection, reply: Reply): void {
		const pending = connection.pending.get(reply.reply);
		if (pending === undefined) return;
		if (reply.result) pending.settle(succeeded(reply.result));
		else pending.settle(failed(failureFromProblem(reply.error)));
	}

	#event(event: GatewayEvent): void {
		if (event.type === 'ready') {
			this.#cursors.retain(event.data.resumed);
		} else if (event.stream && event.cursor) {
			if (event.type === 'community_snapshot' || event.type === 'user_snapshot') {
				this.#cursors.restart(event.stream, event.cursor);
			} else {
				switch (this.#cursors.advance(event.stream, event.cursor, event.prev ?? null)) {
					case 'duplicate':
						return;
					case 'gap':
						this.#gap(event.stream);
						return;
					case 'new':
						break;
				}
			}
		}
		dispatch(event, this.boundary.handlers);
	}

	/** Something is missing: resume. If the resume before this one left the same gap, ask for the whole stream. */
	#gap(stream: string): void {
		if (this.#gaps.has(stream)) this.#cursors.forget(stream);
		this.#gaps.add(stream);
		this.#lose();
	}

	#closed(code: number): void {
		switch (code) {
			case CloseCode.SessionEnded:
				this.#endSession();
				return;
			case CloseCode.Protocol:
				// What we sent was wrong, most likely what we hold: begin afresh.
				this.#cursors.clear();
				this.#lose();
				return;
			case CloseCode.RateLimited:
				this.#lose(RATE_LIMITED_PAUSE_MS);
				return;
			default:
				this.#lose();
		}
	}

	/** Ends this connection and tries again after the next delay, or after `atLeastMs`. */
	#lose(atLeastMs = 0): void {
		const connection = this.#connection;
		if (connection !== null) {
			const { liveSince } = connection;
			if (liveSince !== null && this.boundary.clock.now() - liveSince >= STABLE_MS) this.#backoff.reset();
			if (!connection.opened) this.#mustAuthorize = true;
			this.#drop();
		}
		this.#wait(atLeastMs);
	}

	#wait(atLeastMs: number): void {
		this.#attempt += 1;
		this.#cancelRetry();
		this.#cancelRetry = this.boundary.clock.after(this.#backoff.next(atLeastMs), () => this.#connect());
		this.#set('waiting');
	}

	#endSession(): void {
		this.stop();
		this.boundary.onSessionEnded();
	}

	#drop(): void {
		const connection = this.#connection;
		if (connection === null) return;
		this.#connection = null;
		connection.cancelHeartbeat();
		connection.cancelDeadline();
		connection.silence?.cancel();
		connection.socket.close();
		for (const pending of [...connection.pending.values()]) pending.settle(failed(failureOf('not_connected')));
	}
}
