// SPDX-License-Identifier: Apache-2.0
/**
 * A person's voice: which room is wanted, and the work of being there.
 *
 *   idle → joining (permission → connection → audio) → connected ⇄ rejoining
 *                     └→ failed
 *
 * Invariant: while a room is wanted and nothing final was said, this client gets there by itself, each time with a
 * fresh PeerConnection; a path that still works outlives the gateway's connection and is claimed by `resume`.
 * Not covered: who else is in the room; that is told by the gateway's events.
 */
import type { VoiceClaim, VoiceEnded, VoiceRoom } from '$lib/api/types';
import { Backoff } from '$lib/time/backoff';
import type { VoiceBoundary } from './boundary';
import { endOf, joinRefusal, microphoneCode, type EndCode, type MicrophoneCode, type VoiceCode } from './codes';
import { MediaPath } from './media_path';
import type { VoiceStats } from './stats';

/** How long a first join waits for the gateway, milliseconds. */
export const GATEWAY_TIMEOUT_MS = 10_000;

export type JoinStep = 'permission' | 'connection' | 'audio';

export type VoiceStatus =
	| { phase: 'idle' }
	| { phase: 'joining'; channelId: string; step: JoinStep }
	| { phase: 'connected'; channelId: string }
	/** Lost; comes back by itself. `code` says what was lost. */
	| { phase: 'rejoining'; channelId: string; code: VoiceCode }
	/** `canListen`: without a microphone one may still enter to listen. */
	| { phase: 'failed'; channelId: string; code: VoiceCode; canListen: boolean };

export type MicrophoneMode = 'open' | 'push_to_talk';

export interface VoiceEvents {
	/** Something readable here changed. */
	onChange: () => void;
	/** Everyone in the room at the moment of joining. */
	onRoom: (room: VoiceRoom) => void;
	/** A voice ended for good that its person did not end. */
	onOver: (channelId: string, code: EndCode) => void;
}

/** What is held on the server. */
interface Held {
	channelId: string;
	epoch: number;
	voiceNumber: number;
}

const NOBODY: ReadonlySet<number> = new Set();

export class VoiceClient {
	#status: VoiceStatus = { phase: 'idle' };
	#wanted: { channelId: string; listenOnly: boolean } | null = null;
	#path: MediaPath | null = null;
	#held: Held | null = null;
	#track: MediaStreamTrack | null = null;
	#microphone: 'open' | 'none' | MicrophoneCode = 'none';
	#selfMuted = false;
	#selfDeafened = false;
	#mode: MicrophoneMode = 'open';
	#talking = false;
	#playbackBlocked = false;
	#stats: VoiceStats | null = null;
	#early: ReadonlySet<number> = NOBODY;
	/** Changes with each try and each change of mind: what an older one still brings is dropped. */
	#attempt = 0;
	/** A try is under way, or its end is still to be judged. */
	#trying = false;
	#backoff: Backoff;
	#cancelRetry: () => void = () => {};
	#whenLive: (() => void) | null = null;

	constructor(
		private readonly boundary: VoiceBoundary,
		private readonly events: VoiceEvents
	) {
		this.#backoff = new Backoff(boundary.random);
	}

	get status(): VoiceStatus {
		return this.#status;
	}
	/** The room this person is in or on the way to. */
	get channelId(): string | null {
		return this.#status.phase === 'failed' ? null : (this.#wanted?.channelId ?? null);
	}
	get voiceNumber(): number | null {
		return this.#held?.voiceNumber ?? null;
	}
	/** The microphone: open, none (listens only), or why it failed. */
	get microphone(): 'open' | 'none' | MicrophoneCode {
		return this.#microphone;
	}
	get selfMuted(): boolean {
		return this.#selfMuted;
	}
	get selfDeafened(): boolean {
		return this.#selfDeafened;
	}
	/** Sound leaves this device now. */
	get transmitting(): boolean {
		return this.#track !== null && !this.#isMuted() && (this.#mode === 'open' || this.#talking);
	}
	get playbackBlocked(): boolean {
		return this.#playbackBlocked;
	}
	get stats(): VoiceStats | null {
		return this.#stats;
	}
	/** Voice numbers heard to begin speaking, ahead of the event. */
	get earlySpeakers(): ReadonlySet<number> {
		return this.#early;
	}

	/** Enters a room with the microphone; leaves the one before. */
	join(channelId: string): void {
		this.#want(channelId, false);
	}

	/** Enters a room without a microphone. */
	joinListening(channelId: string): void {
		this.#want(channelId, true);
	}

	/** Leaves, or gives up joining. */
	leave(): void {
		const mayBeThere = this.#held !== null || this.#status.phase === 'joining' || this.#status.phase === 'rejoining';
		this.#abandon();
		if (mayBeThere && this.boundary.signalling.isLive()) void this.boundary.signalling.leave();
		this.#set({ phase: 'idle' });
	}

	setMuted(muted: boolean): void {
		this.#selfMuted = muted;
		// Who opens the microphone wants to talk, and hear the answer.
		if (!muted) this.#selfDeafened = false;
		this.#applyState();
	}

	setDeafened(deafened: boolean): void {
		this.#selfDeafened = deafened;
		this.#applyState();
	}

	setMode(mode: MicrophoneMode): void {
		this.#mode = mode;
		this.#applyTrack();
	}

	/** Push-to-talk is held. */
	setTalking(talking: boolean): void {
		this.#talking = talking;
		this.#applyTrack();
	}

	/** Opens the microphone again: after it failed, or after entering to listen. */
	async openMicrophone(): Promise<void> {
		const wanted = this.#wanted;
		if (wanted === null) return;
		if (this.#status.phase === 'failed') {
			this.join(wanted.channelId);
			return;
		}
		this.#closeMicrophone();
		await this.#acquire();
		if (this.#wanted !== wanted) return;
		wanted.listenOnly = this.#track === null;
		await this.#path?.setTrack(this.#track);
		this.#applyState();
	}

	/** From a click: plays what the browser held back. */
	allowPlayback(): void {
		this.#playbackBlocked = false;
		this.#path?.allowPlayback();
		this.events.onChange();
	}

	/** What `resume` says of this voice. */
	claim(): VoiceClaim | null {
		const held = this.#held;
		return held && { channel_id: held.channelId, epoch: held.epoch, voice_number: held.voiceNumber };
	}

	/**
	 * The gateway is back.
	 * @param voice the room in which the claimed voice goes on
	 * @param restarted the server was started again since
	 */
	gatewayReady(voice: VoiceRoom | null, restarted: boolean): void {
		const held = this.#held;
		if (held === null) return;
		const goesOn = voice !== null && !restarted && voice.channel_id === held.channelId && voice.epoch === held.epoch;
		if (!goesOn) this.#lost('V-SERVIDOR');
	}

	/** Commands can be sent again. */
	gatewayLive(): void {
		if (this.#status.phase === 'rejoining') this.#backoff.reset();
		const waiting = this.#whenLive;
		this.#whenLive = null;
		if (waiting !== null) {
			waiting();
		} else if (this.#status.phase === 'rejoining' && !this.#trying) {
			this.#cancelRetry();
			void this.#try('rejoining');
		} else if (this.#held !== null) {
			// What was changed while nobody could be told.
			this.#tell();
		}
	}

	/** The event `voice_ended`; one about another voice of this person is none of this client's. */
	ended(end: VoiceEnded): void {
		const held = this.#held;
		if (held === null || held.channelId !== end.channel_id) return;
		if (held.epoch !== end.epoch || held.voiceNumber !== end.voice_number) return;
		const what = endOf(end.reason);
		if ('rejoin' in what) {
			this.#lost(what.rejoin);
			return;
		}
		this.#abandon();
		this.#set({ phase: 'idle' });
		this.events.onOver(end.channel_id, what.over);
	}

	#want(channelId: string, listenOnly: boolean): void {
		const track = listenOnly ? null : this.#track;
		if (track !== null) this.#track = null;
		this.#abandon();
		this.#track = track;
		if (track !== null) this.#microphone = 'open';
		this.#wanted = { channelId, listenOnly };
		this.#backoff.reset();
		void this.#try('joining');
	}

	/** Ends all that is under way on this side. */
	#abandon(): void {
		this.#attempt += 1;
		this.#trying = false;
		this.#wanted = null;
		this.#dropPath();
		this.#cancelRetry();
		this.#whenLive = null;
		this.#closeMicrophone();
	}

	#dropPath(): void {
		this.#path?.close();
		this.#path = null;
		this.#held = null;
		this.#stats = null;
		this.#early = NOBODY;
		this.#playbackBlocked = false;
	}

	async #try(kind: 'joining' | 'rejoining'): Promise<void> {
		const wanted = this.#wanted;
		if (wanted === null) return;
		this.#attempt += 1;
		this.#trying = true;
		const attempt = this.#attempt;
		const stale = (): boolean => attempt !== this.#attempt;
		const step = (step: JoinStep): void => {
			if (kind === 'joining') this.#set({ phase: 'joining', channelId: wanted.channelId, step });
		};

		if (!wanted.listenOnly && this.#track?.readyState !== 'live') {
			step('permission');
			await this.#acquire();
			if (stale()) return;
			// A first join asks what to do; who was already inside stays and hears.
			if (this.#track === null && kind === 'joining') {
				this.#fail(this.#microphone === 'open' || this.#microphone === 'none' ? 'V-MIC-ERRO' : this.#microphone, true);
				return;
			}
		}

		step('connection');
		if (!this.boundary.signalling.isLive()) {
			this.#awaitLive(kind);
			return;
		}
		const path = this.#openPath(attempt, step);
		if (path === null) return;
		let offer: string;
		try {
			offer = await path.offer();
		} catch {
			if (!stale()) this.#fail('V-NAVEGADOR', false);
			return;
		}
		if (stale()) return;
		const answer = await this.boundary.signalling.join({
			channel_id: wanted.channelId,
			offer,
			self_muted: this.#isMuted(),
			self_deafened: this.#selfDeafened
		});
		if (stale()) return;
		if (!answer.ok) {
			const { code, retry } = joinRefusal(answer.failure);
			// A first join that is refused says so; only a lost gateway is waited for.
			const again = retry && (kind === 'rejoining' || answer.failure.code === 'not_connected');
			if (again) this.#lost(code, (answer.failure.retryAfterS ?? 0) * 1000);
			else this.#fail(code, false);
			return;
		}
		const { room, voice_number: voiceNumber } = answer.value;
		this.#held = { channelId: room.channel_id, epoch: room.epoch, voiceNumber };
		this.events.onRoom(room);
		try {
			await path.accept(answer.value.answer);
		} catch {
			if (!stale()) this.#fail('V-NAVEGADOR', false);
		}
	}

	/** The rest of a try happens when the gateway is back. */
	#awaitLive(kind: 'joining' | 'rejoining'): void {
		this.#cancelRetry();
		this.#whenLive = () => {
			this.#cancelRetry();
			void this.#try(kind);
		};
		if (kind === 'joining') {
			this.#cancelRetry = this.boundary.clock.after(GATEWAY_TIMEOUT_MS, () => this.#fail('V-SERVIDOR', false));
		}
	}

	#openPath(attempt: number, step: (step: JoinStep) => void): MediaPath | null {
		this.#dropPath();
		const current = (action: () => void): void => {
			if (attempt === this.#attempt) action();
		};
		try {
			this.#path = new MediaPath(this.boundary.devices, this.boundary.clock, this.#track, {
				onPath: () => current(() => step('audio')),
				onConnected: () => current(() => this.#connected()),
				onBroken: (code) => current(() => this.#broken(code)),
				onPlaybackBlocked: () =>
					current(() => {
						this.#playbackBlocked = true;
						this.events.onChange();
					}),
				onEarlySpeakers: (numbers) =>
					current(() => {
						this.#early = numbers;
						this.events.onChange();
					}),
				onStats: (stats) =>
					current(() => {
						this.#stats = stats;
						this.events.onChange();
					})
			});
		} catch {
			this.#fail('V-NAVEGADOR', false);
			return null;
		}
		this.#path.setDeafened(this.#selfDeafened);
		this.#applyTrack();
		return this.#path;
	}

	#connected(): void {
		if (this.#wanted === null) return;
		this.#trying = false;
		this.#backoff.reset();
		this.#set({ phase: 'connected', channelId: this.#wanted.channelId });
		// Mute may have changed since the offer was sent.
		this.#tell();
	}

	#broken(code: VoiceCode): void {
		if (this.#status.phase === 'joining') this.#fail(code, false);
		else this.#lost(code);
	}

	/** Comes back by itself: now if the gateway is live and nothing was tried just before, else after the next delay. */
	#lost(code: VoiceCode, atLeastMs = 0): void {
		if (this.#wanted === null) return;
		const first = !this.#trying;
		this.#attempt += 1;
		this.#trying = false;
		this.#dropPath();
		this.#whenLive = null;
		this.#cancelRetry();
		this.#set({ phase: 'rejoining', channelId: this.#wanted.channelId, code });
		const delay = Math.max(atLeastMs, first ? 0 : this.#backoff.next());
		if (delay === 0) void this.#try('rejoining');
		else this.#cancelRetry = this.boundary.clock.after(delay, () => void this.#try('rejoining'));
	}

	/** Final until the person acts. The room stays named, so that a screen can offer to try again. */
	#fail(code: VoiceCode, canListen: boolean): void {
		const wanted = this.#wanted;
		if (wanted === null) return;
		const wasThere = this.#held !== null;
		this.#attempt += 1;
		this.#trying = false;
		this.#whenLive = null;
		this.#cancelRetry();
		this.#dropPath();
		const microphone = this.#microphone;
		this.#closeMicrophone();
		if (canListen) this.#microphone = microphone;
		if (wasThere && this.boundary.signalling.isLive()) void this.boundary.signalling.leave();
		this.#set({ phase: 'failed', channelId: wanted.channelId, code, canListen });
	}

	/** Opens the microphone; afterwards `#track` is null or live and `#microphone` says which. */
	async #acquire(): Promise<void> {
		const wanted = this.#wanted;
		let track: MediaStreamTrack;
		try {
			track = await this.boundary.devices.openMicrophone(this.boundary.microphoneSettings());
		} catch (error) {
			if (this.#wanted === wanted) {
				this.#track = null;
				this.#microphone = microphoneCode(error);
			}
			return;
		}
		// Left while the browser was asking: the microphone's light must go out again.
		if (this.#wanted !== wanted || wanted === null) {
			track.stop();
			return;
		}
		track.onended = () => void this.#unplugged(track);
		this.#track = track;
		this.#microphone = 'open';
		this.#applyTrack();
	}

	/** The device went away; another may be there. */
	async #unplugged(track: MediaStreamTrack): Promise<void> {
		if (this.#track !== track) return;
		this.#track = null;
		await this.#acquire();
		await this.#path?.setTrack(this.#track);
		this.#applyState();
	}

	#closeMicrophone(): void {
		if (this.#track !== null) {
			this.#track.onended = null;
			this.#track.stop();
			this.#track = null;
		}
		this.#microphone = 'none';
	}

	/** As the server is told: without a microphone one is muted, and who is deafened is muted too. */
	#isMuted(): boolean {
		return this.#selfMuted || this.#selfDeafened || this.#track === null;
	}

	#applyTrack(): void {
		if (this.#track !== null) this.#track.enabled = this.transmitting;
		this.events.onChange();
	}

	#applyState(): void {
		this.#path?.setDeafened(this.#selfDeafened);
		this.#applyTrack();
		if (this.#held !== null) this.#tell();
	}

	/** Not answered is not lost: it is told again when the gateway is live again. */
	#tell(): void {
		if (!this.boundary.signalling.isLive()) return;
		void this.boundary.signalling.update({ self_muted: this.#isMuted(), self_deafened: this.#selfDeafened });
	}

	#set(status: VoiceStatus): void {
		this.#status = status;
		this.events.onChange();
	}
}
