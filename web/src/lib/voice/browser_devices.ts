// SPDX-License-Identifier: Apache-2.0
import type { Sink, VoiceDevices } from './boundary';

/** The browser's WebRTC, microphone and audio output, looked up at each call. */
export const browserDevices: VoiceDevices = {
	createPeer: () => new RTCPeerConnection({ bundlePolicy: 'max-bundle' }),

	async openMicrophone(settings) {
		// Absent outside secure contexts (Media Capture and Streams §9.1).
		if (navigator.mediaDevices === undefined) throw new DOMException('not a secure context', 'SecurityError');
		const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...settings, channelCount: 1 } });
		const [track] = stream.getAudioTracks();
		if (track === undefined) throw new DOMException('no audio track', 'NotFoundError');
		return track;
	},

	createSink(track): Sink {
		const audio = new Audio();
		audio.srcObject = new MediaStream([track]);
		return {
			play: () =>
				audio.play().then(
					() => true,
					(error: unknown) => !(error instanceof DOMException && error.name === 'NotAllowedError')
				),
			setMuted(muted) {
				audio.muted = muted;
			},
			close() {
				audio.pause();
				audio.srcObject = null;
			}
		};
	}
};
