// SPDX-License-Identifier: Apache-2.0
/**
 * One PeerConnection from its offer to its end: a `sendonly` section for the microphone and K `recvonly` ones, made
 * once. Nothing is renegotiated; whatever breaks ends this path and the voice client makes a new one.
 */
import type { Clock } from '$lib/time/clock';
import type { Sink, VoiceDevices } from './boundary';
import type { VoiceCode } from './codes';
import { Liveness, READING_MS } from './liveness';
import { EarlySpeakers } from './speakers';
import { StatsReader, type VoiceStats } from './stats';

/** K: how many people are heard at once. */
export const RECEIVE_SLOTS = 8;
/** From the answer to a working ICE path, milliseconds. */
export const ICE_TIMEOUT_MS = 8_000;
/** The same for who was connected a moment ago: a fresh path sooner beats patience with an old one, milliseconds. */
export const ICE_AGAIN_TIMEOUT_MS = 4_000;
/** From the ICE path to encrypted media, milliseconds. */
export const DTLS_TIMEOUT_MS = 8_000;
/** How long a path may be `disconnected` before it counts as broken, milliseconds. */
export const DISCONNECTED_GRACE_MS = 3_000;
const SPEAKERS_MS = 80;
/** The person's figures are taken from each of so many readings: every two seconds. */
const STATS_EVERY = 5;

export interface MediaPathEvents {
	/** ICE has a path; encryption is under way. */
	onPath: () => void;
	/** Media can flow. */
	onConnected: () => void;
	/** Over, before or after it was connected. Called once; the path is closed then. */
	onBroken: (code: VoiceCode) => void;
	/** The browser wants a click before it plays. */
	onPlaybackBlocked: () => void;
	/** False: what should come every second is late; true: it comes again. */
	onFlow: (flows: boolean) => void;
	onEarlySpeakers: (voiceNumbers: ReadonlySet<number>) => void;
	onStats: (stats: VoiceStats) => void;
}

export class MediaPath {
	#peer: RTCPeerConnection;
	#sender: RTCRtpSender;
	#receivers: RTCRtpReceiver[] = [];
	#sinks: Sink[] = [];
	#early = new EarlySpeakers();
	#stats = new StatsReader();
	#liveness = new Liveness();
	#flows = true;
	#phase: 'offering' | 'ice' | 'dtls' | 'connected' | 'closed' = 'offering';
	#cancelDeadline: () => void = () => {};
	#cancelGrace: (() => void) | null = null;
	#cancelSpeakers: () => void = () => {};
	#cancelReading: () => void = () => {};

	/**
	 * Throws where the browser has no WebRTC.
	 * @param track the microphone; null to listen only
	 * @param iceTimeoutMs from the answer to a working ICE path
	 */
	constructor(
		devices: VoiceDevices,
		private readonly clock: Clock,
		track: MediaStreamTrack | null,
		private readonly iceTimeoutMs: number,
		private readonly events: MediaPathEvents
	) {
		this.#peer = devices.createPeer();
		this.#sender = this.#peer.addTransceiver(track ?? 'audio', { direction: 'sendonly' }).sender;
		for (let slot = 0; slot < RECEIVE_SLOTS; slot += 1) {
			const { receiver } = this.#peer.addTransceiver('audio', { direction: 'recvonly' });
			this.#receivers.push(receiver);
			this.#sinks.push(devices.createSink(receiver.track));
		}
		this.#peer.oniceconnectionstatechange = () => this.#observe();
		this.#peer.onconnectionstatechange = () => this.#observe();
	}

	/** The SDP to send with `voice_join`. */
	async offer(): Promise<string> {
		const offer = await this.#peer.createOffer();
		await this.#peer.setLocalDescription(offer);
		return this.#peer.localDescription?.sdp ?? offer.sdp ?? '';
	}

	/** Takes the server's SDP; ICE begins, and its time runs. */
	async accept(answer: string): Promise<void> {
		await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
		if (this.#phase !== 'offering') return;
		this.#phase = 'ice';
		this.#cancelDeadline = this.clock.after(this.iceTimeoutMs, () => this.#break('V-UDP-BLOQ'));
		this.allowPlayback();
		this.#observe();
	}

	/** Sends another track, or none, without renegotiation. */
	async setTrack(track: MediaStreamTrack | null): Promise<void> {
		if (this.#phase === 'closed') return;
		try {
			await this.#sender.replaceTrack(track);
		} catch {
			// Closed while it was being replaced: the next path begins with the track.
		}
	}

	setDeafened(deafened: boolean): void {
		for (const sink of this.#sinks) sink.setMuted(deafened);
	}

	/** Starts playing; to be called from a click after `onPlaybackBlocked`. */
	allowPlayback(): void {
		for (const sink of this.#sinks) {
			void sink.play().then((plays) => {
				if (!plays && this.#phase !== 'closed') this.events.onPlaybackBlocked();
			});
		}
	}

	close(): void {
		if (this.#phase === 'closed') return;
		this.#phase = 'closed';
		this.#cancelDeadline();
		this.#cancelGrace?.();
		this.#cancelSpeakers();
		this.#cancelReading();
		this.#peer.oniceconnectionstatechange = null;
		this.#peer.onconnectionstatechange = null;
		for (const sink of this.#sinks) sink.close();
		this.#peer.close();
	}

	#observe(): void {
		if (this.#phase === 'closed' || this.#phase === 'offering') return;
		const { iceConnectionState: ice, connectionState } = this.#peer;
		if (ice === 'failed') {
			this.#break(this.#phase === 'ice' ? 'V-UDP-BLOQ' : 'V-CAIU');
			return;
		}
		if (connectionState === 'failed') {
			this.#break(this.#phase === 'dtls' ? 'V-CIFRA' : 'V-CAIU');
			return;
		}
		if (ice === 'disconnected') {
			this.#cancelGrace ??= this.clock.after(DISCONNECTED_GRACE_MS, () => this.#break('V-CAIU'));
			return;
		}
		this.#cancelGrace?.();
		this.#cancelGrace = null;
		if (this.#phase === 'ice' && (ice === 'connected' || ice === 'completed')) {
			this.#phase = 'dtls';
			this.#cancelDeadline();
			this.#cancelDeadline = this.clock.after(DTLS_TIMEOUT_MS, () => this.#break('V-CIFRA'));
			this.events.onPath();
		}
		if (this.#phase === 'dtls' && connectionState === 'connected') {
			this.#phase = 'connected';
			this.#cancelDeadline();
			this.#watchSpeakers();
			this.events.onConnected();
			this.#watchReports(0);
		}
	}

	#break(code: VoiceCode): void {
		if (this.#phase === 'closed') return;
		this.close();
		this.events.onBroken(code);
	}

	#watchSpeakers(): void {
		const sources = this.#receivers.flatMap((receiver) => receiver.getContributingSources());
		if (this.#early.sample(this.clock.now(), sources)) this.events.onEarlySpeakers(this.#early.found);
		this.#cancelSpeakers = this.clock.after(SPEAKERS_MS, () => this.#watchSpeakers());
	}

	/** @param reading how many there were before */
	#watchReports(reading: number): void {
		void this.#peer
			.getStats()
			.then((report) => this.#read(reading, report))
			// A browser may refuse while it closes the connection; the next reading tells.
			.catch(() => {})
			.then(() => {
				if (this.#phase !== 'connected') return;
				this.#cancelReading = this.clock.after(READING_MS, () => this.#watchReports(reading + 1));
			});
	}

	#read(reading: number, report: RTCStatsReport): void {
		if (this.#phase !== 'connected') return;
		const flow = this.#liveness.read(this.clock.now(), report);
		if (flow === 'silent') {
			this.#break('V-CAIU');
			return;
		}
		if (this.#flows !== (flow === 'flowing')) {
			this.#flows = !this.#flows;
			this.events.onFlow(this.#flows);
		}
		if (reading % STATS_EVERY === 0) this.events.onStats(this.#stats.read(report));
	}
}
