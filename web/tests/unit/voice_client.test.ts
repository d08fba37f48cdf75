// SPDX-License-Identifier: Apache-2.0
/** Entering, failing, mute and deafen. */
import { beforeEach, describe, expect, it } from 'vitest';
import { failed, failureOf, succeeded, type Result } from '$lib/api/failures';
import type { VoiceJoined } from '$lib/api/types';
import { settle } from './fakes/clock';
import { ROOM, joined, room, VoiceWorld } from './fakes/voice_world';

let world: VoiceWorld;
let clock: VoiceWorld['clock'];
let devices: VoiceWorld['devices'];
let voice: VoiceWorld['voice'];
let joins: VoiceWorld['joins'];
let updates: VoiceWorld['updates'];
let steps: VoiceWorld['steps'];

beforeEach(() => {
	world = new VoiceWorld();
	({ clock, devices, voice, joins, updates, steps } = world);
});

describe('joining', () => {
	it('goes from permission over connection and audio to connected', async () => {
		await world.connect();
		expect(steps.filter((step) => step !== 'idle')).toEqual(['permission', 'connection', 'audio', 'connected']);
		expect(voice.status).toEqual({ phase: 'connected', channelId: ROOM });
		expect(devices.asked).toEqual([{ echoCancellation: false, noiseSuppression: false, autoGainControl: false }]);
		expect(joins).toEqual([{ channel_id: ROOM, offer: 'offer of peer 1', self_muted: false, self_deafened: false }]);
		expect(devices.peer.remoteDescription).toMatchObject({ type: 'answer', sdp: 'the answer' });
		expect(voice.transmitting).toBe(true);
	});

	it('offers one sending section, then eight receiving ones, and never again', async () => {
		await world.connect();
		expect(devices.peer.transceivers.map(({ direction }) => direction)).toEqual([
			'sendonly',
			...Array<string>(8).fill('recvonly')
		]);
		expect(devices.peer.transceivers[0]?.kind).toBe(devices.track);
		voice.setMuted(true);
		voice.setDeafened(true);
		voice.setDeafened(false);
		voice.setMuted(false);
		await clock.advance(60_000);
		expect(devices.peer.offers).toBe(1);
		expect(devices.sinks.every((sink) => sink.plays === 1)).toBe(true);
	});

	it('joins once when pressed twice, and stays when pressed again inside', async () => {
		voice.join(ROOM);
		voice.join(ROOM);
		await settle();
		expect(devices.asked.length).toBe(1);
		devices.peer.connect();
		voice.join(ROOM);
		await settle();
		expect(joins.length).toBe(1);
		expect(devices.peers.length).toBe(1);
		expect(voice.status.phase).toBe('connected');
	});

	it('opens the microphone for who listens and presses the room again', async () => {
		voice.joinListening(ROOM);
		await settle();
		devices.peer.connect();
		voice.join(ROOM);
		await settle();
		expect(voice.transmitting).toBe(true);
		expect(joins.length).toBe(1);
	});

	it('asks for the microphone once for two rooms pressed one after the other', async () => {
		let allow = (): void => {};
		devices.prompt = new Promise((resolve) => {
			allow = resolve;
		});
		voice.join(ROOM);
		await settle();
		voice.join('room-2');
		await settle();
		allow();
		await settle();
		expect(devices.asked.length).toBe(1);
		expect(joins).toMatchObject([{ channel_id: 'room-2' }]);
		voice.leave();
		expect(devices.tracks.map(({ readyState }) => readyState)).toEqual(['ended']);
	});

	it('leaves nobody behind in the old room when the new one is full', async () => {
		await world.connect();
		world.answerJoin = () => Promise.resolve(failed(failureOf('room_full')));
		voice.join('room-2');
		await settle();
		expect(voice.status).toMatchObject({ phase: 'failed', channelId: 'room-2', code: 'V-SALA-CHEIA' });
		expect(world.leaves).toBe(1);
	});

	it('takes a join back that is answered after the person has left', async () => {
		let answer = (_: Result<VoiceJoined>): void => {};
		world.answerJoin = () =>
			new Promise((resolve) => {
				answer = resolve;
			});
		voice.join(ROOM);
		await settle();
		voice.leave();
		answer(succeeded(joined(ROOM)));
		await settle();
		expect(world.leaves).toBe(1);
		expect(voice.status).toEqual({ phase: 'idle' });
		expect(voice.claim()).toBeNull();
		expect(devices.peer.closed).toBe(true);
	});

	it('is not connected before the encryption is', async () => {
		voice.join(ROOM);
		await settle();
		devices.peer.ice('connected');
		expect(voice.status).toEqual({ phase: 'joining', channelId: ROOM, step: 'audio' });
		devices.peer.dtls('connected');
		expect(voice.status.phase).toBe('connected');
	});

	it('moves to another room with the same microphone', async () => {
		await world.connect();
		voice.join('room-2');
		await settle();
		expect(devices.peers[0]?.closed).toBe(true);
		expect(devices.tracks.length).toBe(1);
		expect(devices.track.readyState).toBe('live');
		devices.peer.connect();
		expect(voice.status).toEqual({ phase: 'connected', channelId: 'room-2' });
		expect(voice.microphone).toBe('open');
	});

	it('leaves, closes the path and lets the microphone go', async () => {
		await world.connect();
		voice.leave();
		expect(world.leaves).toBe(1);
		expect(devices.peer.closed).toBe(true);
		expect(devices.sinks.every((sink) => sink.closed)).toBe(true);
		expect(devices.track.readyState).toBe('ended');
		expect(voice.status).toEqual({ phase: 'idle' });
		expect(voice.claim()).toBeNull();
		expect(clock.waiting).toBe(0);
	});

	it('lets a microphone go that is allowed after the person has left', async () => {
		let allow = (): void => {};
		devices.prompt = new Promise((resolve) => {
			allow = resolve;
		});
		voice.join(ROOM);
		await settle();
		voice.leave();
		allow();
		await settle();
		expect(devices.track.readyState).toBe('ended');
		expect(joins).toEqual([]);
		expect(voice.status).toEqual({ phase: 'idle' });
	});

	it('waits for the gateway, then joins', async () => {
		world.isLive = false;
		voice.join(ROOM);
		await clock.advance(5_000);
		expect(voice.status).toMatchObject({ phase: 'joining', step: 'connection' });
		world.isLive = true;
		voice.gatewayLive();
		await settle();
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
	});
});

describe('failing', () => {
	const code = () => (voice.status.phase === 'failed' ? voice.status.code : null);

	it.each([
		['NotAllowedError', 'V-MIC-NEGADO'],
		['NotFoundError', 'V-MIC-AUSENTE'],
		['NotReadableError', 'V-MIC-OCUPADO'],
		['SecurityError', 'V-MIC-INSEGURO'],
		['TypeError', 'V-MIC-ERRO']
	])('microphone: %s is %s, and one may listen', async (name, expected) => {
		devices.microphoneError = name;
		voice.join(ROOM);
		await settle();
		expect(voice.status).toEqual({ phase: 'failed', channelId: ROOM, code: expected, canListen: true });
		expect(voice.microphone).toBe(expected);
		expect(joins).toEqual([]);
		voice.joinListening(ROOM);
		await settle();
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
		expect(joins).toMatchObject([{ self_muted: true }]);
		expect(devices.peer.transceivers[0]?.kind).toBe('audio');
		expect(voice.transmitting).toBe(false);
	});

	it('V-UDP-BLOQ when no path comes up in 8 s; the server is told', async () => {
		voice.join(ROOM);
		await settle();
		devices.peer.ice('checking');
		await clock.advance(7_999);
		expect(voice.status.phase).toBe('joining');
		await clock.advance(1);
		expect(code()).toBe('V-UDP-BLOQ');
		expect(world.leaves).toBe(1);
		expect(devices.peer.closed).toBe(true);
		expect(devices.track.readyState).toBe('ended');
		expect(clock.waiting).toBe(0);
	});

	it('V-UDP-BLOQ at once when ICE says so', async () => {
		voice.join(ROOM);
		await settle();
		devices.peer.ice('failed');
		expect(code()).toBe('V-UDP-BLOQ');
	});

	it('V-CIFRA when the path is up but not encrypted in 8 s', async () => {
		voice.join(ROOM);
		await settle();
		devices.peer.ice('connected');
		await clock.advance(8_000);
		expect(code()).toBe('V-CIFRA');
	});

	it('V-SERVIDOR when the gateway does not come in 10 s', async () => {
		world.isLive = false;
		voice.join(ROOM);
		await clock.advance(10_000);
		expect(code()).toBe('V-SERVIDOR');
		world.isLive = true;
		voice.gatewayLive();
		await settle();
		expect(joins).toEqual([]);
	});

	it.each([
		['room_full', 'V-SALA-CHEIA'],
		['forbidden', 'V-SEM-ACESSO'],
		['not_found', 'V-SEM-ACESSO'],
		['voice_unavailable', 'V-VOZ-PARADA'],
		['voice_offer_unsupported', 'V-NAVEGADOR'],
		['rate_limited', 'V-LIMITE'],
		['internal', 'V-ERRO'],
		['timeout', 'V-SERVIDOR']
	] as const)('%s is %s', async (refusal, expected) => {
		world.answerJoin = () => Promise.resolve(failed(failureOf(refusal)));
		voice.join(ROOM);
		await settle();
		expect(voice.status).toEqual({ phase: 'failed', channelId: ROOM, code: expected, canListen: false });
		expect(voice.channelId).toBeNull();
	});

	it('V-NAVEGADOR without WebRTC, and when the answer is refused', async () => {
		devices.webRtc = false;
		voice.join(ROOM);
		await settle();
		expect(code()).toBe('V-NAVEGADOR');
		devices.webRtc = true;
		world.answerJoin = (request) => {
			devices.peer.refusesAnswer = true;
			return Promise.resolve(succeeded(joined(request.channel_id)));
		};
		voice.join(ROOM);
		await settle();
		expect(code()).toBe('V-NAVEGADOR');
	});

	it('plays after a click where the browser wants one', async () => {
		devices.mayPlay = false;
		await world.connect();
		expect(voice.playbackBlocked).toBe(true);
		devices.mayPlay = true;
		voice.allowPlayback();
		await settle();
		expect(voice.playbackBlocked).toBe(false);
	});
});

describe('mute and deafen', () => {
	it('mute closes the track and tells the server', async () => {
		await world.connect();
		voice.setMuted(true);
		expect(devices.track.enabled).toBe(false);
		expect(updates.at(-1)).toEqual({ self_muted: true, self_deafened: false });
		voice.setMuted(false);
		expect(devices.track.enabled).toBe(true);
		expect(updates.at(-1)).toEqual({ self_muted: false, self_deafened: false });
	});

	it('deafen silences all that is received, and mutes', async () => {
		await world.connect();
		voice.setDeafened(true);
		expect(devices.sinks.every((sink) => sink.muted)).toBe(true);
		expect(devices.track.enabled).toBe(false);
		expect(updates.at(-1)).toEqual({ self_muted: true, self_deafened: true });
		voice.setDeafened(false);
		expect(devices.sinks.some((sink) => sink.muted)).toBe(false);
		expect(devices.track.enabled).toBe(true);
	});

	it('stays muted after deafening when it was before', async () => {
		await world.connect();
		voice.setMuted(true);
		voice.setDeafened(true);
		voice.setDeafened(false);
		expect(voice.selfMuted).toBe(true);
		expect(devices.track.enabled).toBe(false);
	});

	it('opening the microphone ends deafening', async () => {
		await world.connect();
		voice.setDeafened(true);
		voice.setMuted(false);
		expect(voice.selfDeafened).toBe(false);
		expect(devices.sinks.some((sink) => sink.muted)).toBe(false);
	});

	it('enters muted when muted before', async () => {
		voice.setMuted(true);
		await world.connect();
		expect(joins).toMatchObject([{ self_muted: true }]);
		expect(devices.track.enabled).toBe(false);
	});

	it('tells again what was changed while the gateway was away', async () => {
		await world.connect();
		world.isLive = false;
		voice.setMuted(true);
		const before = updates.length;
		world.isLive = true;
		voice.gatewayReady(room(), false);
		voice.gatewayLive();
		expect(updates.slice(before)).toEqual([{ self_muted: true, self_deafened: false }]);
	});

	it('push-to-talk: closed until held, and closed while muted', async () => {
		voice.setMode('push_to_talk');
		await world.connect();
		expect(devices.track.enabled).toBe(false);
		expect(joins).toMatchObject([{ self_muted: false }]);
		voice.setTalking(true);
		expect(devices.track.enabled).toBe(true);
		voice.setMuted(true);
		expect(devices.track.enabled).toBe(false);
		voice.setMuted(false);
		voice.setTalking(false);
		expect(devices.track.enabled).toBe(false);
		voice.setMode('open');
		expect(devices.track.enabled).toBe(true);
	});
});

describe('what is seen of the sound', () => {
	it('finds who begins to speak before the event, for a moment', async () => {
		await world.connect();
		const { peer } = devices;
		peer.sources = [{ source: 3, timestamp: 1, audioLevel: 0.2 }];
		await clock.advance(80);
		expect([...voice.earlySpeakers]).toEqual([3]);
		for (let count = 2; count < 8; count += 1) {
			peer.sources = [{ source: 3, timestamp: count, audioLevel: 0.2 }];
			await clock.advance(80);
		}
		expect([...voice.earlySpeakers]).toEqual([]);
		peer.sources = [{ source: 3, timestamp: 20, audioLevel: 0 }];
		await clock.advance(80);
		peer.sources = [{ source: 3, timestamp: 21, audioLevel: 0.2 }];
		await clock.advance(80);
		expect([...voice.earlySpeakers]).toEqual([3]);
	});

	it('takes no old packet for speech', async () => {
		await world.connect();
		devices.peer.sources = [{ source: 3, timestamp: 1, audioLevel: 0.2 }];
		await clock.advance(80);
		await clock.advance(240);
		expect([...voice.earlySpeakers]).toEqual([]);
	});

	it('reads ping, loss and packets every two seconds', async () => {
		await world.connect();
		devices.peer.stats = [
			{ type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.032 },
			{ type: 'inbound-rtp', packetsReceived: 90, packetsLost: 10 },
			{ type: 'outbound-rtp', packetsSent: 100 }
		];
		await clock.advance(2_000);
		expect(voice.stats).toEqual({ pingMs: 32, lossPercent: 10, packetsReceived: 90, packetsSent: 100 });
		devices.peer.stats = [{ type: 'inbound-rtp', packetsReceived: 190, packetsLost: 10 }];
		await clock.advance(2_000);
		expect(voice.stats).toMatchObject({ lossPercent: 0, packetsReceived: 190 });
	});
});
