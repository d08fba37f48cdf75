// SPDX-License-Identifier: Apache-2.0
import type { MemberVoiceMuted, User, VoiceEnded, VoiceRoom } from '$lib/api/types';
import type { Clock } from '$lib/time/clock';
import type { VoiceDevices, VoiceSignalling } from '$lib/voice/boundary';
import type { EndCode, MicrophoneCode } from '$lib/voice/codes';
import { KeyListener } from '$lib/voice/key_listener';
import { PushToTalk, type KeyCode } from '$lib/voice/push_to_talk';
import { VoiceClient, type VoiceStatus } from '$lib/voice/voice_client';
import type { KeyValueStorage } from './platform';
import type { PreferenceValues } from './preferences.svelte';

const ROOM_STORED_AS = 'voz.room';

/** Something that another person did to this one's voice, or that ended it. */
export interface VoiceNotice {
	code: EndCode | 'V-SILENCIADO' | 'V-DESSILENCIADO';
	channelId: string | null;
	by: User | null;
	reason: string | null;
}

export interface VoiceStateBoundary {
	devices: VoiceDevices;
	signalling: VoiceSignalling;
	clock: Clock;
	random: () => number;
	sessionStorage: KeyValueStorage;
	preferences: () => Readonly<PreferenceValues>;
	onRoom: (room: VoiceRoom) => void;
	onPathLost: (channelId: string) => void;
}

/** What of the voice client is on screen; copied as a whole, so that a screen never sees half a change. */
type Snapshot = Pick<
	VoiceClient,
	| 'status'
	| 'channelId'
	| 'voiceNumber'
	| 'selfMuted'
	| 'selfDeafened'
	| 'transmitting'
	| 'microphone'
	| 'playbackBlocked'
	| 'flows'
	| 'stats'
	| 'earlySpeakers'
>;

/** This person's voice. */
export class Voice {
	#client: VoiceClient;
	#pushToTalk: PushToTalk;
	#keys: KeyListener;
	#stopWatching: () => void = () => {};
	#now: Snapshot = $state.raw({
		status: { phase: 'idle' },
		channelId: null,
		voiceNumber: null,
		selfMuted: false,
		selfDeafened: false,
		transmitting: false,
		microphone: 'none',
		playbackBlocked: false,
		flows: true,
		stats: null,
		earlySpeakers: new Set()
	});
	#notice: VoiceNotice | null = $state.raw(null);
	#rejoinOffer: string | null = $state.raw(null);

	constructor(private readonly boundary: VoiceStateBoundary) {
		this.#client = new VoiceClient(
			{
				devices: boundary.devices,
				signalling: boundary.signalling,
				clock: boundary.clock,
				random: boundary.random,
				microphoneSettings: () => {
					const { echoCancellation, noiseSuppression, autoGainControl } = boundary.preferences();
					return { echoCancellation, noiseSuppression, autoGainControl };
				}
			},
			{
				onChange: () => this.#copy(),
				onRoom: boundary.onRoom,
				onPathLost: boundary.onPathLost,
				onOver: (channelId, code, by) => {
					this.#forgetRoom();
					this.#notice = { code, channelId, by, reason: null };
				}
			}
		);
		this.#pushToTalk = new PushToTalk(
			boundary.clock,
			() => {
				const { pushToTalkKey, pushToTalkReleaseMs } = boundary.preferences();
				return { key: pushToTalkKey, releaseMs: pushToTalkReleaseMs };
			},
			(talking) => this.#client.setTalking(talking)
		);
		this.#keys = new KeyListener(
			this.#pushToTalk,
			() => boundary.preferences().microphoneMode === 'push_to_talk' && this.channelId !== null
		);
		this.#client.setMode(boundary.preferences().microphoneMode);
		this.#rejoinOffer = boundary.sessionStorage.getItem(ROOM_STORED_AS);
	}

	get status(): VoiceStatus {
		return this.#now.status;
	}
	get channelId(): string | null {
		return this.#now.channelId;
	}
	get voiceNumber(): number | null {
		return this.#now.voiceNumber;
	}
	get selfMuted(): boolean {
		return this.#now.selfMuted;
	}
	get selfDeafened(): boolean {
		return this.#now.selfDeafened;
	}
	get transmitting(): boolean {
		return this.#now.transmitting;
	}
	get microphone(): Snapshot['microphone'] {
		return this.#now.microphone;
	}
	get playbackBlocked(): boolean {
		return this.#now.playbackBlocked;
	}
	/** False while connected: the path may be broken; it is being watched. */
	get flows(): boolean {
		return this.#now.flows;
	}
	get stats(): Snapshot['stats'] {
		return this.#now.stats;
	}
	get notice(): VoiceNotice | null {
		return this.#notice;
	}
	/** The room this tab was in when it was reloaded. */
	get rejoinOffer(): string | null {
		return this.#rejoinOffer;
	}

	join(channelId: string): void {
		this.#enter(channelId);
		this.#client.join(channelId);
	}

	joinListening(channelId: string): void {
		this.#enter(channelId);
		this.#client.joinListening(channelId);
	}

	leave(): void {
		this.#forgetRoom();
		this.#pushToTalk.reset();
		this.#client.leave();
	}

	setMuted(muted: boolean): void {
		this.#client.setMuted(muted);
	}

	/** In a room, also while its path is made anew. */
	get inRoom(): boolean {
		return this.status.phase === 'connected' || this.status.phase === 'rejoining';
	}

	/**
	 * The microphone's button: closes or opens it, with the ears of who is deafened. Where there is none to close, the browser is asked for it again.
	 * @returns when it is done, with why the microphone does not open, if it was asked for and does not
	 */
	async pressMicrophone(): Promise<MicrophoneCode | null> {
		const before = this.microphone;
		// What the system mutes is this person's to close all the same.
		const live = before === 'open' || before === 'V-MIC-CALADO';
		if (live || (before === 'none' && !this.inRoom)) {
			this.setMuted(!(this.selfMuted || this.selfDeafened));
			return null;
		}
		// Who asks for the microphone wants to talk.
		this.setMuted(false);
		await this.openMicrophone();
		return this.microphone === 'open' || this.microphone === 'none' ? null : this.microphone;
	}

	setDeafened(deafened: boolean): void {
		this.#client.setDeafened(deafened);
	}

	/** Again: after it failed, or after entering to listen. */
	openMicrophone(): Promise<void> {
		return this.#client.openMicrophone();
	}

	allowPlayback(): void {
		this.#client.allowPlayback();
	}

	dismissNotice(): void {
		this.#notice = null;
	}

	dismissRejoin(): void {
		this.#forgetRoom();
	}

	/** A button on the screen that is held to talk. */
	holdToTalk(down: boolean): void {
		this.#pushToTalk.button(down);
	}

	/** The next key or mouse button pressed; null on Escape. */
	captureKey(): Promise<KeyCode | null> {
		return this.#keys.capture();
	}

	cancelCapture(): void {
		this.#keys.cancelCapture();
	}

	/** Whether this device hears that number begin to speak, ahead of the event. */
	hearsEarly(channelId: string, voiceNumber: number): boolean {
		return this.#now.channelId === channelId && this.#now.earlySpeakers.has(voiceNumber);
	}

	/** Listens to the keys of this page, and to what microphones there are. */
	start(page: Window): void {
		this.#keys.start(page);
		const look = (): void => void this.#client.microphonesChanged();
		this.#stopWatching = this.boundary.devices.watchMicrophones(look);
		look();
	}

	stop(): void {
		this.#keys.stop();
		this.#stopWatching();
	}

	applyPreferences(values: Readonly<PreferenceValues>): void {
		this.#pushToTalk.reset();
		this.#client.setMode(values.microphoneMode);
		void this.#client.microphoneSettingsChanged();
	}

	/** The page goes away: the others see it at once; the offer to come back stays, also where the page is shown again. */
	applyPageHidden(): void {
		const { channelId } = this.#client;
		this.#client.leave();
		if (channelId !== null) this.#rejoinOffer = channelId;
	}

	applyEnded(end: VoiceEnded): void {
		this.#client.ended(end);
	}

	/** A moderator closed or opened this person's microphone. */
	applyVoiceMuted(event: MemberVoiceMuted): void {
		this.#notice = {
			code: event.muted ? 'V-SILENCIADO' : 'V-DESSILENCIADO',
			channelId: null,
			by: event.by,
			reason: event.reason ?? null
		};
	}

	applyReady(voice: VoiceRoom | null, restarted: boolean): void {
		this.#client.gatewayReady(voice, restarted);
	}

	applyLive(): void {
		this.#client.gatewayLive();
	}

	claim(): ReturnType<VoiceClient['claim']> {
		return this.#client.claim();
	}

	clear(): void {
		this.leave();
		this.#notice = null;
	}

	#enter(channelId: string): void {
		this.#notice = null;
		this.#rejoinOffer = null;
		this.boundary.sessionStorage.setItem(ROOM_STORED_AS, channelId);
	}

	#forgetRoom(): void {
		this.#rejoinOffer = null;
		this.boundary.sessionStorage.removeItem(ROOM_STORED_AS);
	}

	#copy(): void {
		const client = this.#client;
		this.#now = {
			status: client.status,
			channelId: client.channelId,
			voiceNumber: client.voiceNumber,
			selfMuted: client.selfMuted,
			selfDeafened: client.selfDeafened,
			transmitting: client.transmitting,
			microphone: client.microphone,
			playbackBlocked: client.playbackBlocked,
			flows: client.flows,
			stats: client.stats,
			earlySpeakers: client.earlySpeakers
		};
	}
}
