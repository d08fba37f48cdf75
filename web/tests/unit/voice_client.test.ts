// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { failed, failureOf, succeeded, type Result } from '$lib/api/failures';
import type { VoiceEndReason, VoiceJoin, VoiceJoined, VoiceRoom, VoiceStateUpdate } from '$lib/api/types';
import type { EndCode } from '$lib/voice/codes';
import { VoiceClient } from '$lib/voice/voice_client';
import { FakeClock, settle } from './fakes/clock';
import { FakeDevices } from './fakes/devices';

const ROOM = 'room-1';

let clock: FakeClock;
let devices: FakeDevices;
let voice: VoiceClient;
let isLive: boolean;
let joins: VoiceJoin[];
let updates: VoiceStateUpdate[];
let leaves: number;
let checks: number;
let answerJoin: (request: VoiceJoin) => Promise<Result<VoiceJoined>>;
let over: EndCode[];
let steps: string[];

beforeEach(() => {
	clock = new FakeClock();
	devices = new FakeDevices();
	isLive = true;
	joins = [];
	updates = [];
	leaves = 0;
	checks = 0;
	over = [];
	steps = [];
	answerJoin = (request) => Promise.resolve(succeeded(joined(request.channel_id)));
	voice = new VoiceClient(
		{
			devices,
			clock,
			random: () => 0,
			microphoneSettings: () => ({ echoCancellation: false, noiseSuppression: false, autoGainControl: false }),
			signalling: {
				join: (request) => {
					joins.push(request);
					return answerJoin(request);
				},
				leave: () => {
					leaves += 1;
					return Promise.resolve(succeeded(undefined));
				},
				update: (state) => {
					updates.push(state);
					return Promise.resolve(succeeded(undefined));
				},
				isLive: () => isLive,
				check: () => void (checks += 1)
			}
		},
		{
			onChange: () => {
				const { status } = voice;
				const step = status.phase === 'joining' ? status.step : status.phase;
				if (steps.at(-1) !== step) steps.push(step);
			},
			onRoom: () => {},
			onOver: (_, code) => void over.push(code)
		}
	);
});

function room(channelId = ROOM, epoch = 1): VoiceRoom {
	return { channel_id: channelId, epoch, occupants: [] };
}

function joined(channelId: string, epoch = 1): VoiceJoined {
	return { answer: 'the answer', voice_number: 7, room: room(channelId, epoch) };
}

async function connected(): Promise<void> {
	voice.join(ROOM);
	await settle();
	devices.peer.connect();
	await settle();
}

function ended(reason: VoiceEndReason): void {
	voice.ended({ channel_id: ROOM, epoch: 1, voice_number: 7, reason });
}

describe('joining', () => {
	it('goes from permission over connection and audio to connected', async () => {
		await connected();
		expect(steps.filter((step) => step !== 'idle')).toEqual(['permission', 'connection', 'audio', 'connected']);
		expect(voice.status).toEqual({ phase: 'connected', channelId: ROOM });
		expect(devices.asked).toEqual([{ echoCancellation: false, noiseSuppression: false, autoGainControl: false }]);
		expect(joins).toEqual([{ channel_id: ROOM, offer: 'offer of peer 1', self_muted: false, self_deafened: false }]);
		expect(devices.peer.remoteDescription).toMatchObject({ type: 'answer', sdp: 'the answer' });
		expect(voice.transmitting).toBe(true);
	});

	it('offers one sending section, then eight receiving ones, and never again', async () => {
		await connected();
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
		await connected();
		answerJoin = () => Promise.resolve(failed(failureOf('room_full')));
		voice.join('room-2');
		await settle();
		expect(voice.status).toMatchObject({ phase: 'failed', channelId: 'room-2', code: 'V-SALA-CHEIA' });
		expect(leaves).toBe(1);
	});

	it('takes a join back that is answered after the person has left', async () => {
		let answer = (_: Result<VoiceJoined>): void => {};
		answerJoin = () =>
			new Promise((resolve) => {
				answer = resolve;
			});
		voice.join(ROOM);
		await settle();
		voice.leave();
		answer(succeeded(joined(ROOM)));
		await settle();
		expect(leaves).toBe(1);
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
		await connected();
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
		await connected();
		voice.leave();
		expect(leaves).toBe(1);
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
		isLive = false;
		voice.join(ROOM);
		await clock.advance(5_000);
		expect(voice.status).toMatchObject({ phase: 'joining', step: 'connection' });
		isLive = true;
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
		expect(leaves).toBe(1);
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
		isLive = false;
		voice.join(ROOM);
		await clock.advance(10_000);
		expect(code()).toBe('V-SERVIDOR');
		isLive = true;
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
		answerJoin = () => Promise.resolve(failed(failureOf(refusal)));
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
		answerJoin = (request) => {
			devices.peer.refusesAnswer = true;
			return Promise.resolve(succeeded(joined(request.channel_id)));
		};
		voice.join(ROOM);
		await settle();
		expect(code()).toBe('V-NAVEGADOR');
	});

	it('plays after a click where the browser wants one', async () => {
		devices.mayPlay = false;
		await connected();
		expect(voice.playbackBlocked).toBe(true);
		devices.mayPlay = true;
		voice.allowPlayback();
		await settle();
		expect(voice.playbackBlocked).toBe(false);
	});
});

describe('mute and deafen', () => {
	it('mute closes the track and tells the server', async () => {
		await connected();
		voice.setMuted(true);
		expect(devices.track.enabled).toBe(false);
		expect(updates.at(-1)).toEqual({ self_muted: true, self_deafened: false });
		voice.setMuted(false);
		expect(devices.track.enabled).toBe(true);
		expect(updates.at(-1)).toEqual({ self_muted: false, self_deafened: false });
	});

	it('deafen silences all that is received, and mutes', async () => {
		await connected();
		voice.setDeafened(true);
		expect(devices.sinks.every((sink) => sink.muted)).toBe(true);
		expect(devices.track.enabled).toBe(false);
		expect(updates.at(-1)).toEqual({ self_muted: true, self_deafened: true });
		voice.setDeafened(false);
		expect(devices.sinks.some((sink) => sink.muted)).toBe(false);
		expect(devices.track.enabled).toBe(true);
	});

	it('stays muted after deafening when it was before', async () => {
		await connected();
		voice.setMuted(true);
		voice.setDeafened(true);
		voice.setDeafened(false);
		expect(voice.selfMuted).toBe(true);
		expect(devices.track.enabled).toBe(false);
	});

	it('opening the microphone ends deafening', async () => {
		await connected();
		voice.setDeafened(true);
		voice.setMuted(false);
		expect(voice.selfDeafened).toBe(false);
		expect(devices.sinks.some((sink) => sink.muted)).toBe(false);
	});

	it('enters muted when muted before', async () => {
		voice.setMuted(true);
		await connected();
		expect(joins).toMatchObject([{ self_muted: true }]);
		expect(devices.track.enabled).toBe(false);
	});

	it('tells again what was changed while the gateway was away', async () => {
		await connected();
		isLive = false;
		voice.setMuted(true);
		const before = updates.length;
		isLive = true;
		voice.gatewayReady(room(), false);
		voice.gatewayLive();
		expect(updates.slice(before)).toEqual([{ self_muted: true, self_deafened: false }]);
	});

	it('push-to-talk: closed until held, and closed while muted', async () => {
		voice.setMode('push_to_talk');
		await connected();
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

describe('the microphone while inside', () => {
	it('takes another device when one is pulled out', async () => {
		await connected();
		devices.tracks[0]?.unplug();
		await settle();
		expect(devices.tracks.length).toBe(2);
		expect(devices.peer.transceivers[0]?.sender.track).toBe(devices.track);
		expect(voice.microphone).toBe('open');
		expect(devices.peers.length).toBe(1);
	});

	it('says what is wrong when there is no other, and shows the person as muted', async () => {
		await connected();
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
		await connected();
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
		await connected();
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
		await connected();
		devices.prompt = new Promise(() => {});
		devices.track.unplug();
		devices.peer.ice('failed');
		await settle();
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
		expect(joins.at(-1)).toMatchObject({ self_muted: true });
	});
});

describe('a path that breaks in silence', () => {
	let received: number;

	beforeEach(async () => {
		received = 1_000;
		await connected();
	});

	/** What comes each second to who is alone or deafened: the server's report. */
	async function reports(seconds: number): Promise<void> {
		for (let second = 0; second < seconds; second += 1) {
			received += 56;
			devices.peer.stats = [{ type: 'candidate-pair', bytesReceived: received, responsesReceived: 2 }];
			await clock.advance(1_000);
		}
	}

	it('is noticed within 4 s while the gateway lives, and a fresh one is made', async () => {
		await reports(5);
		await clock.advance(3_000);
		expect(devices.peers.length).toBe(2);
		expect(voice.status).toEqual({ phase: 'rejoining', channelId: ROOM, code: 'V-CAIU' });
		expect(checks, 'the gateway is looked at too').toBe(1);
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
	});

	it('is told as late first', async () => {
		await reports(5);
		expect(voice.flows).toBe(true);
		await clock.advance(1_000);
		expect(voice.flows).toBe(false);
		expect(voice.status.phase).toBe('connected');
		await reports(1);
		expect(voice.flows).toBe(true);
	});

	it('is not what a person has who is alone for a long time', async () => {
		await reports(120);
		expect(devices.peers.length).toBe(1);
	});

	it('is not what a path has that loses two reports of three', async () => {
		for (let count = 0; count < 20; count += 1) {
			await reports(1);
			await clock.advance(2_000);
		}
		expect(devices.peers.length).toBe(1);
	});

	it('is not believed while ICE is answered', async () => {
		for (let answered = 3; answered < 30; answered += 1) {
			devices.peer.stats = [{ type: 'candidate-pair', bytesReceived: 1_000, responsesReceived: answered }];
			await clock.advance(2_500);
		}
		expect(devices.peers.length).toBe(1);
	});

	it('is not believed of a browser that counts nothing', async () => {
		devices.peer.stats = [{ type: 'candidate-pair' }];
		await clock.advance(60_000);
		expect(devices.peers.length).toBe(1);
	});

	it('is not believed of a device that slept before it was looked at again', async () => {
		await reports(5);
		await clock.sleep(60_000);
		await reports(1);
		expect(devices.peers.length).toBe(1);
		await clock.sleep(60_000);
		await clock.advance(1_200);
		expect(devices.peers.length).toBe(2);
	});

	it('does not mind figures that the browser refuses', async () => {
		devices.peer.statsFail = true;
		await clock.advance(10_000);
		expect(voice.status.phase).toBe('connected');
		devices.peer.statsFail = false;
		await reports(5);
		await clock.advance(3_000);
		expect(devices.peers.length).toBe(2);
	});
});

describe('coming back', () => {
	it('keeps the path when the claimed voice goes on', async () => {
		await connected();
		expect(voice.claim()).toEqual({ channel_id: ROOM, epoch: 1, voice_number: 7 });
		voice.gatewayReady(room(), false);
		voice.gatewayLive();
		await settle();
		expect(devices.peers.length).toBe(1);
		expect(voice.status.phase).toBe('connected');
	});

	it.each([
		['ready has no voice', null, false],
		['the room was placed anew', 2, false],
		['the server was started again', 1, true]
	])('joins again with a fresh path when %s', async (_, epoch, restarted) => {
		await connected();
		voice.setMuted(true);
		isLive = false;
		voice.gatewayReady(epoch === null ? null : room(ROOM, epoch), restarted);
		await settle();
		expect(voice.status).toEqual({ phase: 'rejoining', channelId: ROOM, code: 'V-SERVIDOR' });
		expect(devices.peers[0]?.closed).toBe(true);
		expect(joins.length).toBe(1);
		isLive = true;
		voice.gatewayLive();
		await settle();
		expect(devices.peers.length).toBe(2);
		expect(joins[1]).toEqual({ channel_id: ROOM, offer: 'offer of peer 2', self_muted: true, self_deafened: false });
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
		expect(devices.tracks.length).toBe(1);
		expect(devices.track.readyState).toBe('live');
	});

	it('joins again when the server is killed in the middle of a join', async () => {
		answerJoin = () => {
			isLive = false;
			return Promise.resolve(failed(failureOf('not_connected')));
		};
		voice.join(ROOM);
		await settle();
		expect(voice.status.phase).toBe('rejoining');
		await clock.advance(30_000);
		answerJoin = (request) => Promise.resolve(succeeded(joined(request.channel_id)));
		isLive = true;
		voice.gatewayReady(null, true);
		voice.gatewayLive();
		await settle();
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
	});

	it('forgives a short break of the path, not a long one', async () => {
		await connected();
		devices.peer.ice('disconnected');
		await clock.advance(2_900);
		devices.peer.ice('connected');
		await clock.advance(10_000);
		expect(devices.peers.length).toBe(1);
		devices.peer.ice('disconnected');
		await clock.advance(3_000);
		expect(devices.peers.length).toBe(2);
		expect(voice.status).toEqual({ phase: 'rejoining', channelId: ROOM, code: 'V-CAIU' });
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
	});

	it('joins again at once when ICE or the encryption fails', async () => {
		await connected();
		devices.peer.ice('failed');
		await settle();
		expect(devices.peers.length).toBe(2);
		devices.peer.connect();
		devices.peer.dtls('failed');
		await settle();
		expect(devices.peers.length).toBe(3);
	});

	it('keeps trying with growing delays while no path comes up', async () => {
		await connected();
		devices.peer.ice('failed');
		await settle();
		// 4 s for each path, then 250, 500, 1000 ms.
		await clock.advance(4_000);
		expect(devices.peers.length).toBe(2);
		expect(voice.status).toEqual({ phase: 'rejoining', channelId: ROOM, code: 'V-UDP-BLOQ' });
		await clock.advance(250);
		expect(devices.peers.length).toBe(3);
		await clock.advance(4_499);
		expect(devices.peers.length).toBe(3);
		await clock.advance(1);
		expect(devices.peers.length).toBe(4);
	});

	it('does not wait for its next try when the gateway comes back', async () => {
		await connected();
		devices.peer.ice('failed');
		await settle();
		for (let count = 0; count < 4; count += 1) {
			await clock.advance(4_000);
			if (count < 3) await clock.advance(250 * 2 ** count);
		}
		const before = devices.peers.length;
		voice.gatewayLive();
		await settle();
		expect(devices.peers.length).toBe(before + 1);
	});

	it('stops trying when it is refused for good, or when the person leaves', async () => {
		await connected();
		answerJoin = () => Promise.resolve(failed(failureOf('not_found')));
		devices.peer.ice('failed');
		await settle();
		expect(voice.status).toMatchObject({ phase: 'failed', code: 'V-SEM-ACESSO' });
		voice.leave();
		await clock.advance(60_000);
		expect(joins.length).toBe(2);
		expect(voice.status).toEqual({ phase: 'idle' });
	});

	it('tries at once when the person presses the room', async () => {
		await connected();
		devices.peer.ice('failed');
		await settle();
		await clock.advance(4_000);
		expect(devices.peers.length).toBe(2);
		voice.join(ROOM);
		await settle();
		expect(devices.peers.length).toBe(3);
	});

	it.each(['removed', 'room_deleted', 'access_lost', 'replaced'] as const)(
		'stays out when %s is told while it waits for its next try',
		async (reason) => {
			await connected();
			answerJoin = () => Promise.resolve(failed(failureOf('voice_unavailable')));
			devices.peer.ice('failed');
			await settle();
			expect(voice.status.phase).toBe('rejoining');
			ended(reason);
			await clock.advance(60_000);
			expect(voice.status).toEqual({ phase: 'idle' });
			expect(over.length).toBe(1);
			expect(joins.length).toBe(2);
		}
	);

	it('takes the end of its old voice for the work of its own join, and a removal for one', async () => {
		await connected();
		answerJoin = () => new Promise(() => {});
		devices.peer.ice('failed');
		await settle();
		expect(joins.length).toBe(2);
		ended('replaced');
		expect(voice.status.phase).toBe('rejoining');
		ended('removed');
		expect(voice.status).toEqual({ phase: 'idle' });
		expect(over).toEqual(['V-REMOVIDO']);
		expect(leaves, 'the join that is under way is taken back').toBe(1);
	});

	it.each(['connection_lost', 'server_restart'] as const)('comes back after %s', async (reason) => {
		await connected();
		ended(reason);
		await settle();
		devices.peer.connect();
		expect(joins.length).toBe(2);
		expect(voice.status.phase).toBe('connected');
	});

	it.each([
		['removed', 'V-REMOVIDO'],
		['room_deleted', 'V-SALA-APAGADA'],
		['replaced', 'V-OUTRA-ABA'],
		['access_lost', 'V-SEM-ACESSO']
	] as const)('stays out after %s and says %s', async (reason, expected) => {
		await connected();
		ended(reason);
		await clock.advance(60_000);
		expect(over).toEqual([expected]);
		expect(joins.length).toBe(1);
		expect(voice.status).toEqual({ phase: 'idle' });
		expect(devices.track.readyState).toBe('ended');
	});

	it('does not mind the end of another voice of the same person', async () => {
		await connected();
		voice.ended({ channel_id: ROOM, epoch: 1, voice_number: 6, reason: 'replaced' });
		voice.ended({ channel_id: ROOM, epoch: 0, voice_number: 7, reason: 'replaced' });
		expect(voice.status.phase).toBe('connected');
		expect(over).toEqual([]);
	});
});

describe('what is seen of the sound', () => {
	it('finds who begins to speak before the event, for a moment', async () => {
		await connected();
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
		await connected();
		devices.peer.sources = [{ source: 3, timestamp: 1, audioLevel: 0.2 }];
		await clock.advance(80);
		await clock.advance(240);
		expect([...voice.earlySpeakers]).toEqual([]);
	});

	it('reads ping, loss and packets every two seconds', async () => {
		await connected();
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
