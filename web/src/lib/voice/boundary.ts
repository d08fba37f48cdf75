// SPDX-License-Identifier: Apache-2.0
/** What voice needs of the browser and of the gateway; all of it is looked up when it is used. */
import type { Result } from '$lib/api/failures';
import type { VoiceJoin, VoiceJoined, VoiceStateUpdate } from '$lib/api/types';
import type { Clock } from '$lib/time/clock';
import type { MicrophoneCode } from './codes';

/** What the microphone is opened with; all three off leaves the sound as it is. */
export interface MicrophoneSettings {
	echoCancellation: boolean;
	noiseSuppression: boolean;
	autoGainControl: boolean;
}

/** Plays one received track. */
export interface Sink {
	/** Resolves to false where the browser wants a click first. */
	play(): Promise<boolean>;
	setMuted(muted: boolean): void;
	close(): void;
}

export interface VoiceDevices {
	/** Throws where the browser has no WebRTC. */
	createPeer(): RTCPeerConnection;
	/** Rejects as getUserMedia does. */
	openMicrophone(settings: MicrophoneSettings): Promise<MediaStreamTrack>;
	/** Why the microphone could not be opened, as far as the browser tells without asking the person. */
	microphoneTrouble(): Promise<MicrophoneCode | null>;
	/** Calls back when devices or the permission for the microphone change. @returns ends it */
	watchMicrophones(onChange: () => void): () => void;
	createSink(track: MediaStreamTrack): Sink;
}

export interface VoiceSignalling {
	join(request: VoiceJoin): Promise<Result<VoiceJoined>>;
	leave(): Promise<Result<unknown>>;
	update(state: VoiceStateUpdate): Promise<Result<unknown>>;
	/** Commands can be sent. */
	isLive(): boolean;
	/** The network may have broken: find out soon whether commands still arrive. */
	check(): void;
}

export interface VoiceBoundary {
	devices: VoiceDevices;
	signalling: VoiceSignalling;
	clock: Clock;
	/** Uniform in [0, 1). */
	random: () => number;
	microphoneSettings: () => MicrophoneSettings;
}
