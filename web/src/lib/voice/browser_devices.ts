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

	async microphoneTrouble() {
		if (navigator.mediaDevices === undefined) return 'V-MIC-INSEGURO';
		if ((await microphonePermission())?.state === 'denied') return 'V-MIC-NEGADO';
		// Before the permission a device is listed without its name; none is none.
		const devices = await navigator.mediaDevices.enumerateDevices().catch(() => null);
		return devices === null || devices.some(({ kind }) => kind === 'audioinput') ? null : 'V-MIC-AUSENTE';
	},

	watchMicrophones(onChange) {
		const end = new AbortController();
		const { signal } = end;
		navigator.mediaDevices?.addEventListener('devicechange', onChange, { signal });
		void microphonePermission().then((permission) => permission?.addEventListener('change', onChange, { signal }));
		return () => end.abort();
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

/** Null where the browser does not tell. */
function microphonePermission(): Promise<PermissionStatus | null> {
	return navigator.permissions?.query({ name: 'microphone' }).catch(() => null) ?? Promise.resolve(null);
}
