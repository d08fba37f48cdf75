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
import type { User, VoiceClaim, VoiceEnded, VoiceRoom } from '$lib/api/types';
import { Backoff } from '$lib/time/backoff';
import type { VoiceBoundary } from './boundary';
import { endOf, joinRefusal, type EndCode, type VoiceCode } from './codes';
import { ICE_AGAIN_TIMEOUT_MS, ICE_TIMEOUT_MS, MediaPath } from './media_path';
import { Microphone, type MicrophoneState } from './microphone';
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
	/** The path into a room is lost; what took it may have kept the last news of that room too. */
	onPathLost: (channelId: string) => void;
	/** A voice ended for good that its person did not end. */
	onOver: (channelId: string, code: EndCode, by: User | null) => void;
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
	/** What was held when the path was lost, until the next join: its end may still be told. */
	#before: Held | null = null;
	/** The server may hold a voice of ours, or come to hold one by a join that is under way. */
	#mayBeInside = false;
	/** The answer to a join is awaited. */
	#joining = false;
	#microphone: Microphone;
	#selfMuted = false;
	#selfDeafened = false;
	#mode: MicrophoneMode = 'open';
	#talking = false;
	#playbackBlocked = false;
	#flows = true;
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
		this.#microphone = new Microphone(
			boundary.devices,
			boundary.microphoneSettings,
			() => void this.#unplugged(),
			() => this.#applyState()
		);
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
	get microphone(): MicrophoneState {
		return this.#microphone.state;
	}
	get selfMuted(): boolean {
		return this.#selfMuted;
	}
	get selfDeafened(): boolean {
		return this.#selfDeafened;
	}
	/** Sound leaves this device now. */
	get transmitting(): boolean {
		return !this.#isMuted() && (this.#mode === 'open' || this.#talking);
	}
	get playbackBlocked(): boolean {
		return this.#playbackBlocked;
	}
	/** What should come over the path comes; false says that it may be broken. */
	get flows(): boolean {
		return this.#flows;
	}
	get stats(): VoiceStats | null {
		return this.#stats;
	}
	/** Voice numbers heard to begin speaking, ahead of the event. */
	get earlySpeakers(): ReadonlySet<number> {
		return this.#early;
	}

	/** Enters a room with the microphone; leaves the one before. Who is inside stays there, and opens the microphone. */
	join(channelId: string): void {
		if (this.channelId !== channelId) this.#want(channelId, false);
		else if (this.#wanted?.listenOnly) void this.openMicrophone();
		else this.#hurry();
	}

	/** Enters a room without a microphone. */
	joinListening(channelId: string): void {
		this.#want(channelId, true);
	}

	/** Leaves, or gives up joining. */
	leave(): void {
		this.#abandon();
		this.#tellLeft();
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

	/**
	 * Asks for the microphone again: after it failed, or after entering to listen. In no room it is only tried, and
	 * closed again. What came of it is in `microphone`.
	 */
	async openMicrophone(): Promise<void> {
		const wanted = this.#wanted;
		if (this.#status.phase === 'failed' && wanted !== null) {
			this.join(wanted.channelId);
			return;
		}
		await this.#microphone.open();
		if (this.#wanted === null) this.#microphone.close();
		else if (this.#wanted === wanted) await this.#sendTrack();
		this.events.onChange();
	}

	/** What the microphone is to be opened with changed: one that is open is opened anew, without renegotiation. */
	async microphoneSettingsChanged(): Promise<void> {
		const before = this.#microphone.track;
		await this.#microphone.renew();
		if (this.#microphone.track !== before) await this.#sendTrack();
	}

	/** Devices or the permission for the microphone changed, or it is to be found out how they are. */
	async microphonesChanged(): Promise<void> {
		const inside = this.#status.phase === 'connected' || this.#status.phase === 'rejoining';
		const { state } = this.#microphone;
		// Who came to listen is left alone; who lost the microphone while inside gets it back.
		if (state === 'open' || (inside && state === 'none')) return;
		const mayOpen = await this.#microphone.look();
		if (inside && mayOpen) await this.openMicrophone();
		this.events.onChange();
	}

	/** From a click: plays what the browser held back. */
	allowPlayback(): void {
		this.#playbackBlocked = false;
		this.#path?.allowPlayback();
		this.events.onChange();
	}

	/** What `resume` says of this voice. */
	claim(): VoiceClaim | null {
		// Also of a path that was lost first: what ended that voice meanwhile decides about coming back.
		const held = this.#held ?? this.#before;
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
			this.#hurry();
		} else if (this.#held !== null) {
			// What was changed while nobody could be told.
			this.#tell();
		}
	}

	/** The event `voice_ended`; one about another voice of this person is none of this client's. */
	ended(end: VoiceEnded): void {
		const voice = this.#held ?? this.#before;
		if (voice === null || voice.channelId !== end.channel_id) return;
		if (voice.epoch !== end.epoch || voice.voiceNumber !== end.voice_number) return;
		const what = endOf(end.reason);
		if ('rejoin' in what) {
			if (this.#held !== null) this.#lost(what.rejoin);
			return;
		}
		// The join that is under way took its place; from elsewhere nothing else of this person can.
		if (end.reason === 'replaced' && this.#joining) return;
		// A join that is under way may still be taken.
		this.#mayBeInside = this.#joining;
		this.#abandon();
		this.#tellLeft();
		this.#set({ phase: 'idle' });
		this.events.onOver(end.channel_id, what.over, end.by ?? null);
	}

	#want(channelId: string, listenOnly: boolean): void {
		this.#giveUp();
		if (listenOnly) this.#microphone.forget();
		this.#wanted = { channelId, listenOnly };
		this.#backoff.reset();
		void this.#try('joining');
	}

	/** Ends all that is under way on this side. */
	#abandon(): void {
		this.#giveUp();
		this.#microphone.close();
	}

	/** The microphone stays as it is: moving to another room does not ask again. */
	#giveUp(): void {
		this.#stopTrying();
		this.#wanted = null;
		this.#before = null;
		this.#dropPath();
	}

	/** What is under way comes to nothing. */
	#stopTrying(): void {
		this.#attempt += 1;
		this.#trying = false;
		this.#joining = false;
		this.#whenLive = null;
		this.#cancelRetry();
	}

	/** Tries now what would be tried later. */
	#hurry(): void {
		if (this.#status.phase !== 'rejoining' || this.#trying) return;
		this.#cancelRetry();
		void this.#try('rejoining');
	}

	#dropPath(): void {
		this.#path?.close();
		this.#path = null;
		this.#held = null;
		this.#stats = null;
		this.#early = NOBODY;
		this.#playbackBlocked = false;
		this.#flows = true;
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

		if (!wanted.listenOnly && this.#microphone.track === null) {
			// Who was already inside hears meanwhile; a first join asks what to do.
			if (kind === 'rejoining') {
				void this.openMicrophone();
			} else {
				step('permission');
				await this.#microphone.open();
				if (stale()) return;
				const { track, state } = this.#microphone;
				if (track === null) {
					this.#fail(state === 'open' || state === 'none' ? 'V-MIC-ERRO' : state, true);
					return;
				}
			}
		}

		step('connection');
		if (!this.boundary.signalling.isLive()) {
			this.#awaitLive(kind);
			return;
		}
		const path = this.#openPath(attempt, kind, step);
		if (path === null) return;
		let offer: string;
		try {
			offer = await path.offer();
		} catch {
			if (!stale()) this.#fail('V-NAVEGADOR', false);
			return;
		}
		if (stale()) return;
		this.#mayBeInside = true;
		this.#joining = true;
		const answer = await this.boundary.signalling.join({
			channel_id: wanted.channelId,
			offer,
			self_muted: this.#isMuted(),
			self_deafened: this.#selfDeafened
		});
		if (stale()) return;
		this.#joining = false;
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
		this.#before = null;
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

	#openPath(attempt: number, kind: 'joining' | 'rejoining', step: (step: JoinStep) => void): MediaPath | null {
		this.#dropPath();
		const current = (action: () => void): void => {
			if (attempt === this.#attempt) action();
		};
		const { devices, clock } = this.boundary;
		const iceTimeoutMs = kind === 'joining' ? ICE_TIMEOUT_MS : ICE_AGAIN_TIMEOUT_MS;
		try {
			this.#path = new MediaPath(devices, clock, this.#microphone.track, iceTimeoutMs, {
				onPath: () => current(() => step('audio')),
				onConnected: () => current(() => this.#connected()),
				onBroken: (code) => current(() => this.#broken(code)),
				onPlaybackBlocked: () =>
					current(() => {
						this.#playbackBlocked = true;
						this.events.onChange();
					}),
				onFlow: (flows) =>
					current(() => {
						this.#flows = flows;
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
		if (this.#status.phase === 'joining') {
			this.#fail(code, false);
			return;
		}
		// What took the path may have taken the gateway's connection too.
		this.boundary.signalling.check();
		this.#lost(code);
	}

	/** Comes back by itself: now if the gateway is live and nothing was tried just before, else after the next delay. */
	#lost(code: VoiceCode, atLeastMs = 0): void {
		if (this.#wanted === null) return;
		const first = !this.#trying;
		if (this.#held !== null) this.events.onPathLost(this.#held.channelId);
		this.#before = this.#held ?? this.#before;
		this.#stopTrying();
		this.#dropPath();
		this.#set({ phase: 'rejoining', channelId: this.#wanted.channelId, code });
		const delay = Math.max(atLeastMs, first ? 0 : this.#backoff.next());
		if (delay === 0) void this.#try('rejoining');
		else this.#cancelRetry = this.boundary.clock.after(delay, () => void this.#try('rejoining'));
	}

	/** Final until the person acts. The room stays named, so that a screen can offer to try again. */
	#fail(code: VoiceCode, canListen: boolean): void {
		const wanted = this.#wanted;
		if (wanted === null) return;
		this.#stopTrying();
		this.#before = null;
		this.#dropPath();
		this.#microphone.close();
		this.#tellLeft();
		this.#set({ phase: 'failed', channelId: wanted.channelId, code, canListen });
	}

	/** The microphone went away; another may be there. */
	async #unplugged(): Promise<void> {
		const wanted = this.#wanted;
		// While the browser asks about another, nobody hears this person.
		this.#applyState();
		await this.#microphone.open();
		if (this.#wanted === wanted) await this.#sendTrack();
	}

	/** Sends what the microphone gives now, if anything. */
	async #sendTrack(): Promise<void> {
		const { track } = this.#microphone;
		if (track !== null && this.#wanted !== null) this.#wanted.listenOnly = false;
		this.#applyTrack();
		await this.#path?.setTrack(track);
		this.#applyState();
	}

	/** As the server is told: without a microphone that gives sound one is muted, and who is deafened is muted too. */
	#isMuted(): boolean {
		const { track } = this.#microphone;
		return this.#selfMuted || this.#selfDeafened || track === null || track.muted;
	}

	#applyTrack(): void {
		const { track } = this.#microphone;
		if (track !== null) track.enabled = this.transmitting;
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

	/** Nobody is left standing in a room that this side has left. */
	#tellLeft(): void {
		if (this.#mayBeInside && this.boundary.signalling.isLive()) void this.boundary.signalling.leave();
		this.#mayBeInside = false;
	}

	#set(status: VoiceStatus): void {
		this.#status = status;
		this.events.onChange();
	}
}
