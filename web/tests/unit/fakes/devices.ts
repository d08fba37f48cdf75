// SPDX-License-Identifier: Apache-2.0
import type { MicrophoneSettings, Sink, VoiceDevices } from '$lib/voice/boundary';
import type { MicrophoneCode } from '$lib/voice/codes';
import type { ContributingSource } from '$lib/voice/speakers';

/** A MediaStreamTrack as far as voice uses it. */
export class FakeTrack {
	enabled = true;
	readyState: 'live' | 'ended' = 'live';
	muted = false;
	onended: (() => void) | null = null;
	onmute: (() => void) | null = null;
	onunmute: (() => void) | null = null;

	stop(): void {
		this.readyState = 'ended';
	}
	/** The device is pulled out. */
	unplug(): void {
		this.readyState = 'ended';
		this.onended?.();
	}
	/** The system mutes or unmutes it. */
	mute(muted: boolean): void {
		this.muted = muted;
		if (muted) this.onmute?.();
		else this.onunmute?.();
	}
}

interface FakeTransceiver {
	kind: FakeTrack | string;
	direction: string;
	sender: { replaceTrack: (track: FakeTrack | null) => Promise<void>; track: FakeTrack | null };
	receiver: { track: FakeTrack; getContributingSources: () => ContributingSource[] };
}

/** An RTCPeerConnection whose network is the test. */
export class FakePeer {
	iceConnectionState: RTCIceConnectionState = 'new';
	connectionState: RTCPeerConnectionState = 'new';
	oniceconnectionstatechange: (() => void) | null = null;
	onconnectionstatechange: (() => void) | null = null;
	localDescription: { sdp: string } | null = null;
	remoteDescription: { sdp: string } | null = null;
	closed = false;
	offers = 0;
	refusesAnswer = false;
	sources: ContributingSource[] = [];
	stats: Record<string, unknown>[] = [];
	statsFail = false;
	replaceFails = false;
	readonly transceivers: FakeTransceiver[] = [];

	constructor(private readonly name: string) {}

	addTransceiver(kind: FakeTrack | string, init: { direction: string }): FakeTransceiver {
		const first = this.transceivers.length === 1;
		const transceiver: FakeTransceiver = {
			kind,
			direction: init.direction,
			sender: {
				track: typeof kind === 'string' ? null : kind,
				replaceTrack: async (track) => {
					if (this.replaceFails) throw new DOMException('closed', 'InvalidStateError');
					transceiver.sender.track = track;
				}
			},
			receiver: { track: new FakeTrack(), getContributingSources: () => (first ? this.sources : []) }
		};
		this.transceivers.push(transceiver);
		return transceiver;
	}
	async createOffer(): Promise<{ sdp: string }> {
		this.offers += 1;
		return { sdp: `offer of ${this.name}` };
	}
	async setLocalDescription(description: { sdp: string }): Promise<void> {
		this.localDescription = description;
	}
	async setRemoteDescription(description: { sdp: string }): Promise<void> {
		if (this.refusesAnswer) throw new Error('not an answer');
		this.remoteDescription = description;
	}
	async getStats(): Promise<Record<string, unknown>[]> {
		if (this.statsFail) throw new DOMException('closed', 'InvalidStateError');
		return this.stats;
	}
	close(): void {
		this.closed = true;
		this.iceConnectionState = 'closed';
	}

	ice(state: RTCIceConnectionState): void {
		this.iceConnectionState = state;
		this.oniceconnectionstatechange?.();
	}
	dtls(state: RTCPeerConnectionState): void {
		this.connectionState = state;
		this.onconnectionstatechange?.();
	}
	/** The path comes up, whole. */
	connect(): void {
		this.ice('connected');
		this.dtls('connected');
	}
}

export class FakeSink implements Sink {
	muted = false;
	closed = false;
	plays = 0;

	constructor(private readonly mayPlay: () => boolean) {}

	async play(): Promise<boolean> {
		this.plays += 1;
		return this.mayPlay();
	}
	setMuted(muted: boolean): void {
		this.muted = muted;
	}
	close(): void {
		this.closed = true;
	}
}

export class FakeDevices implements VoiceDevices {
	readonly peers: FakePeer[] = [];
	readonly tracks: FakeTrack[] = [];
	readonly sinks: FakeSink[] = [];
	readonly asked: MicrophoneSettings[] = [];
	/** Name of the DOMException that the microphone answers with. */
	microphoneError: string | null = null;
	/** Holds the permission prompt open until it is answered. */
	prompt: Promise<void> | null = null;
	/** What the browser says of the microphone without being asked for it. */
	trouble: MicrophoneCode | null = null;
	/** Devices or the permission changed; null when nobody listens. */
	changed: (() => void) | null = null;
	webRtc = true;
	mayPlay = true;

	createPeer(): RTCPeerConnection {
		if (!this.webRtc) throw new ReferenceError('RTCPeerConnection is not defined');
		const peer = new FakePeer(`peer ${this.peers.length + 1}`);
		this.peers.push(peer);
		return peer as unknown as RTCPeerConnection;
	}
	async openMicrophone(settings: MicrophoneSettings): Promise<MediaStreamTrack> {
		this.asked.push(settings);
		await this.prompt;
		if (this.microphoneError !== null) throw new DOMException('refused', this.microphoneError);
		const track = new FakeTrack();
		this.tracks.push(track);
		return track as unknown as MediaStreamTrack;
	}
	async microphoneTrouble(): Promise<MicrophoneCode | null> {
		return this.trouble;
	}
	watchMicrophones(onChange: () => void): () => void {
		this.changed = onChange;
		return () => {
			this.changed = null;
		};
	}
	createSink(): Sink {
		const sink = new FakeSink(() => this.mayPlay);
		this.sinks.push(sink);
		return sink;
	}

	get peer(): FakePeer {
		const peer = this.peers.at(-1);
		if (peer === undefined) throw new Error('no peer was made');
		return peer;
	}
	get track(): FakeTrack {
		const track = this.tracks.at(-1);
		if (track === undefined) throw new Error('the microphone was not opened');
		return track;
	}
}
