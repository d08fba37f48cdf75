// SPDX-License-Identifier: Apache-2.0
/** A microphone that goes, comes back, or does not open. */
import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from './fakes/clock';
import { ROOM, VoiceWorld } from './fakes/voice_world';

let world: VoiceWorld;
let devices: VoiceWorld['devices'];
let voice: VoiceWorld['voice'];
let joins: VoiceWorld['joins'];
let updates: VoiceWorld['updates'];

beforeEach(() => {
	world = new VoiceWorld();
	({ devices, voice, joins, updates } = world);
});

describe('the microphone while inside', () => {
	it('takes another device when one is pulled out', async () => {
		await world.connect();
		devices.tracks[0]?.unplug();
		await settle();
		expect(devices.tracks.length).toBe(2);
		expect(devices.peer.transceivers[0]?.sender.track).toBe(devices.track);
		expect(voice.microphone).toBe('open');
		expect(devices.peers.length).toBe(1);
	});

	it('says what is wrong when there is no other, and shows the person as muted', async () => {
		await world.connect();
		devices.microphoneError = 'NotFoundError';
		devices.track.unplug();
		await settle();
		expect(voice.microphone).toBe('V-MIC-AUSENTE');
		expect(voice.status.phase).toBe('connected');
		expect(updates.at(-1)).toMatchObject({ self_muted: true });
		devices.microphoneError = null;
		await voice.openMicrophone();
		expect(voice.microphone).toBe('open');
		expect(updates.at(-1)).toMatchObject({ self_muted: false });
	});

	it('opens for who entered to listen, without a new offer', async () => {
		voice.joinListening(ROOM);
		await settle();
		devices.peer.connect();
		expect(voice.microphone).toBe('none');
		await voice.openMicrophone();
		expect(devices.peer.transceivers[0]?.sender.track).toBe(devices.track);
		expect(devices.peer.offers).toBe(1);
		expect(voice.transmitting).toBe(true);
	});
});

describe('a microphone that the system mutes', () => {
	it('is told as such, and the person is shown as muted until it gives sound again', async () => {
		await world.connect();
		devices.track.mute(true);
		expect(voice.microphone).toBe('V-MIC-CALADO');
		expect(voice.transmitting).toBe(false);
		expect(updates.at(-1)).toMatchObject({ self_muted: true });
		await voice.openMicrophone();
		expect(voice.microphone).toBe('V-MIC-CALADO');
		devices.track.mute(false);
		expect(voice.microphone).toBe('open');
		expect(voice.transmitting).toBe(true);
		expect(updates.at(-1)).toMatchObject({ self_muted: false });
		expect(devices.asked.length).toBe(1);
	});

	it('is nothing any more after leaving', async () => {
		await world.connect();
		const { track } = devices;
		track.mute(true);
		voice.leave();
		expect(voice.microphone).toBe('none');
		track.mute(false);
		expect(voice.microphone).toBe('none');
	});
});

describe('a microphone that does not open', () => {
	it('is asked for once when pressed twice, and is let go when the person leaves', async () => {
		voice.joinListening(ROOM);
		await settle();
		devices.peer.connect();
		let allow = (): void => {};
		devices.prompt = new Promise((resolve) => {
			allow = resolve;
		});
		const pressed = [voice.openMicrophone(), voice.openMicrophone()];
		await settle();
		allow();
		await Promise.all(pressed);
		expect(devices.asked.length).toBe(1);
		voice.leave();
		expect(devices.tracks.map(({ readyState }) => readyState)).toEqual(['ended']);
	});

	it('is known before anyone asks, and still after leaving', async () => {
		devices.trouble = 'V-MIC-NEGADO';
		await voice.microphonesChanged();
		expect(voice.microphone).toBe('V-MIC-NEGADO');
		expect(devices.asked).toEqual([]);
		devices.microphoneError = 'NotAllowedError';
		voice.join(ROOM);
		await settle();
		voice.leave();
		expect(voice.microphone).toBe('V-MIC-NEGADO');
		devices.trouble = null;
		await voice.microphonesChanged();
		expect(voice.microphone).toBe('none');
	});

	it('is tried in no room, and closed again', async () => {
		devices.trouble = 'V-MIC-AUSENTE';
		await voice.microphonesChanged();
		devices.microphoneError = 'NotFoundError';
		await voice.openMicrophone();
		expect(voice.microphone).toBe('V-MIC-AUSENTE');
		devices.microphoneError = null;
		await voice.openMicrophone();
		expect(voice.microphone).toBe('none');
		expect(devices.track.readyState).toBe('ended');
		expect(voice.status).toEqual({ phase: 'idle' });
	});

	it('opens by itself when one is plugged in again', async () => {
		await world.connect();
		devices.microphoneError = 'NotFoundError';
		devices.track.unplug();
		await settle();
		devices.trouble = 'V-MIC-AUSENTE';
		await voice.microphonesChanged();
		expect(devices.asked.length).toBe(2);
		devices.microphoneError = null;
		devices.trouble = null;
		await voice.microphonesChanged();
		expect(voice.transmitting).toBe(true);
		expect(devices.peer.transceivers[0]?.sender.track).toBe(devices.track);
		expect(updates.at(-1)).toMatchObject({ self_muted: false });
	});

	it('is left alone for who came to listen', async () => {
		voice.joinListening(ROOM);
		await settle();
		devices.peer.connect();
		await voice.microphonesChanged();
		expect(voice.microphone).toBe('none');
		expect(devices.asked).toEqual([]);
	});

	it('shows the person as muted while the browser asks about another', async () => {
		await world.connect();
		devices.prompt = new Promise(() => {});
		devices.track.unplug();
		await settle();
		expect(voice.microphone).toBe('none');
		expect(updates.at(-1)).toMatchObject({ self_muted: true });
	});

	it('is nobody’s trouble who meanwhile chose to listen', async () => {
		let refuse = (): void => {};
		devices.prompt = new Promise((resolve) => {
			refuse = resolve;
		});
		devices.microphoneError = 'NotAllowedError';
		voice.join(ROOM);
		await settle();
		voice.joinListening(ROOM);
		await settle();
		devices.peer.connect();
		refuse();
		await settle();
		expect(voice.status.phase).toBe('connected');
		expect(voice.microphone).toBe('none');
	});

	it('that comes while the path closes troubles nobody', async () => {
		voice.joinListening(ROOM);
		await settle();
		devices.peer.connect();
		devices.peer.replaceFails = true;
		await expect(voice.openMicrophone()).resolves.toBeUndefined();
		devices.peer.ice('failed');
		await settle();
		expect(devices.peer.transceivers[0]?.kind).toBe(devices.track);
	});

	it('does not hold up coming back', async () => {
		await world.connect();
		devices.prompt = new Promise(() => {});
		devices.track.unplug();
		devices.peer.ice('failed');
		await settle();
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
		expect(joins.at(-1)).toMatchObject({ self_muted: true });
	});
});

describe('settings that change while the microphone is open', () => {
	/** As the switches do it. */
	function change(settings: Partial<VoiceWorld['settings']>): Promise<void> {
		world.settings = { ...world.settings, ...settings };
		return voice.microphoneSettingsChanged();
	}

	it('open it anew, without a new offer or another question in the room', async () => {
		await world.connect();
		await change({ noiseSuppression: true });
		expect(devices.asked.at(-1)).toEqual(world.settings);
		expect(devices.tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'live']);
		expect(devices.peer.transceivers[0]?.sender.track).toBe(devices.track);
		expect([devices.peers.length, devices.peer.offers]).toEqual([1, 1]);
		expect(voice.transmitting).toBe(true);
	});

	it('leave closed what is closed', async () => {
		await world.connect();
		voice.setMuted(true);
		await change({ noiseSuppression: true });
		expect(devices.track.enabled).toBe(false);
		voice.setMuted(false);
		expect(devices.track.enabled).toBe(true);
		voice.setMode('push_to_talk');
		await change({ echoCancellation: true });
		expect(devices.track.enabled).toBe(false);
		voice.setTalking(true);
		expect(devices.track.enabled).toBe(true);
		expect(updates.at(-1)).toMatchObject({ self_muted: false });
	});

	it('that are the same, or of a microphone that is not open, ask the browser for nothing', async () => {
		await change({ noiseSuppression: true });
		await world.connect();
		await change({});
		expect(devices.tracks.length).toBe(1);
	});

	it('all take effect, however quickly they follow each other', async () => {
		await world.connect();
		let allow = (): void => {};
		devices.prompt = new Promise((resolve) => {
			allow = resolve;
		});
		const all = [
			change({ noiseSuppression: true }),
			change({ echoCancellation: true }),
			change({ autoGainControl: true })
		];
		await settle();
		allow();
		await Promise.all(all);
		expect(devices.asked.at(-1)).toEqual({ noiseSuppression: true, echoCancellation: true, autoGainControl: true });
		expect(devices.tracks.filter(({ readyState }) => readyState === 'live')).toEqual([devices.track]);
		expect(devices.peer.transceivers[0]?.sender.track).toBe(devices.track);
	});

	it('that the browser does not open it with are told as a lost microphone', async () => {
		await world.connect();
		devices.microphoneError = 'NotReadableError';
		await change({ noiseSuppression: true });
		expect(voice.microphone).toBe('V-MIC-OCUPADO');
		expect(devices.peer.transceivers[0]?.sender.track).toBeNull();
		expect(updates.at(-1)).toMatchObject({ self_muted: true });
	});

	it('follow to another room, and leave nothing open when the person leaves', async () => {
		await world.connect();
		let allow = (): void => {};
		devices.prompt = new Promise((resolve) => {
			allow = resolve;
		});
		const changed = change({ noiseSuppression: true });
		voice.join('room-2');
		await settle();
		allow();
		await changed;
		await settle();
		devices.peer.connect();
		expect(voice.status).toEqual({ phase: 'connected', channelId: 'room-2' });
		expect(devices.peer.transceivers[0]?.sender.track).toBe(devices.track);
		expect(devices.track.readyState).toBe('live');
		devices.prompt = new Promise((resolve) => {
			allow = resolve;
		});
		const again = change({ noiseSuppression: false });
		await settle();
		voice.leave();
		allow();
		await again;
		expect(devices.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
	});
});
