// SPDX-License-Identifier: Apache-2.0
/** Rooms and voice of the whole state layer, against a server and devices at its boundary. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Occupant } from '$lib/api/types';
import { AppWorld } from './fakes/app_world';
import { settle } from './fakes/clock';
import { BETO, STREAM, occupant } from './fakes/community';
import { ME } from './fakes/gateway_server';

let world: AppWorld;
let clock: AppWorld['clock'];
let gateway: AppWorld['gateway'];
let devices: AppWorld['devices'];
let app: AppWorld['app'];
let page: AppWorld['page'];
let pageEvents: AppWorld['pageEvents'];

beforeEach(() => {
	world = new AppWorld();
	({ clock, gateway, devices, app, page, pageEvents } = world);
});

describe('rooms and voice', () => {
	beforeEach(() => world.live());

	const room = (occupants: Occupant[], epoch = 1) => ({ channel_id: 'r1', epoch, occupants, speakers: [] });

	async function inRoom(): Promise<void> {
		app.voice.join('r1');
		await settle();
		gateway.current.reply(gateway.current.last('voice_join'), {
			type: 'voice_joined',
			data: { answer: 'answer', voice_number: 1, room: room([occupant(ME.user, 1), occupant(BETO, 2)]) }
		});
		await settle();
		devices.peer.connect();
		await settle();
	}

	it('show who is inside and who speaks, by the epoch that numbers belong to', () => {
		const { current } = gateway;
		current.event({ type: 'voice_room', data: room([occupant(BETO, 2)]) });
		expect(app.rooms.occupants('r1').map(({ user }) => user.username)).toEqual(['beto']);
		expect(app.rooms.whereIs(BETO.id)).toBe('r1');
		current.event({ type: 'voice_speaking', data: { channel_id: 'r1', epoch: 1, speakers: [2] } });
		expect(app.rooms.isSpeaking('r1', 2)).toBe(true);
		current.event({ type: 'voice_room', data: room([occupant(BETO, 2)], 2) });
		expect(app.rooms.isSpeaking('r1', 2)).toBe(false);
		// Who speaks already is told with the room.
		current.event({ type: 'voice_room', data: { ...room([occupant(BETO, 2)], 2), speakers: [2] } });
		expect(app.rooms.isSpeaking('r1', 2)).toBe(true);
		current.event({ type: 'voice_speaking', data: { channel_id: 'r1', epoch: 1, speakers: [] } });
		expect(app.rooms.isSpeaking('r1', 2)).toBe(true);
		current.event({ type: 'voice_room', data: room([]) });
		expect(app.rooms.occupants('r1')).toEqual([]);
		expect(app.rooms.whereIs(BETO.id)).toBeNull();
	});

	it('show nobody as speaking when nobody could tell that they stopped', async () => {
		await inRoom();
		const speaking = () => [1, 2].map((number) => app.rooms.isSpeaking('r1', number));
		const told = { channel_id: 'r1', epoch: 1, speakers: [1, 2] };
		gateway.current.event({ type: 'voice_speaking', data: told });
		devices.peer.dtls('failed');
		expect(app.voice.status.phase).toBe('rejoining');
		expect(speaking()).toEqual([false, false]);
		gateway.current.event({ type: 'voice_speaking', data: told });
		expect(speaking(), 'the gateway lives, and tells the truth').toEqual([true, true]);
		gateway.current.end();
		expect(speaking()).toEqual([false, false]);
		expect(app.rooms.occupants('r1').length).toBe(2);
		await clock.advance(250);
		gateway.current.open();
		gateway.current.ready({ streams: [STREAM], resumed: [STREAM] });
		const rooms = [{ ...room([occupant(BETO, 2)]), speakers: [2] }];
		gateway.current.event({ type: 'voice_rooms', data: { community_id: STREAM.slice('community:'.length), rooms } });
		gateway.current.resumed();
		expect(speaking()).toEqual([false, true]);
	});

	it('are told as a whole after a gap: nobody stays where nobody is', () => {
		const { current } = gateway;
		current.event({ type: 'voice_room', data: room([occupant(BETO, 2)]) });
		const community_id = STREAM.slice('community:'.length);
		current.event({ type: 'voice_rooms', data: { community_id: 'another', rooms: [] } });
		expect(app.rooms.whereIs(BETO.id)).toBe('r1');
		current.event({ type: 'voice_rooms', data: { community_id, rooms: [room([occupant(ME.user, 1)], 2)] } });
		expect(app.rooms.whereIs(BETO.id)).toBeNull();
		expect(app.rooms.occupants('r1').length).toBe(1);
		current.event({ type: 'voice_rooms', data: { community_id, rooms: [] } });
		expect(app.rooms.occupants('r1')).toEqual([]);
	});

	it('stay left when a moderator took this person out while nobody could be told', async () => {
		await inRoom();
		gateway.current.end();
		await clock.advance(250);
		gateway.current.open();
		gateway.current.ready({
			streams: [STREAM],
			resumed: [STREAM],
			voice_ended: { channel_id: 'r1', epoch: 1, voice_number: 1, reason: 'removed', by: BETO }
		});
		gateway.current.resumed();
		await settle();
		expect(app.voice.status.phase).toBe('idle');
		expect(devices.peers.length).toBe(1);
	});

	it('let a person close a microphone that the system mutes', async () => {
		await inRoom();
		devices.track.mute(true);
		expect(await app.voice.pressMicrophone()).toBeNull();
		expect([app.voice.microphone, app.voice.selfMuted]).toEqual(['V-MIC-CALADO', true]);
		devices.track.mute(false);
		expect(app.voice.transmitting).toBe(false);
		await app.voice.pressMicrophone();
		expect(app.voice.transmitting).toBe(true);
	});

	it('join over the gateway and know who is inside at once', async () => {
		await inRoom();
		expect(app.voice.status).toEqual({ phase: 'connected', channelId: 'r1' });
		expect(app.rooms.occupants('r1').length).toBe(2);
		devices.peer.sources = [{ source: 2, timestamp: 1, audioLevel: 0.3 }];
		await clock.advance(80);
		expect(app.rooms.isSpeaking('r1', 2)).toBe(true);
		expect(app.rooms.isSpeaking('r1', 1)).toBe(false);
	});

	it('claim the voice when the socket alone was lost', async () => {
		await inRoom();
		gateway.current.end();
		await clock.advance(250);
		gateway.current.open();
		expect(gateway.current.last('resume').data.voice).toEqual({ channel_id: 'r1', epoch: 1, voice_number: 1 });
		gateway.current.ready({ streams: [STREAM], resumed: [STREAM], voice: room([occupant(ME.user, 1)]) });
		gateway.current.resumed();
		await settle();
		expect(app.voice.status.phase).toBe('connected');
		expect(devices.peers.length).toBe(1);
		expect(gateway.current.count('voice_join')).toBe(0);
	});

	it('come back by themselves when the server was killed and started again', async () => {
		await inRoom();
		gateway.current.end();
		await clock.advance(250);
		gateway.current.end();
		await clock.advance(500);
		gateway.current.open();
		gateway.current.ready({ epoch: 'e2', streams: [STREAM], resumed: [STREAM] });
		gateway.current.resumed();
		await settle();
		expect(app.voice.status).toMatchObject({ phase: 'rejoining', code: 'V-SERVIDOR' });
		gateway.current.reply(gateway.current.last('voice_join'), {
			type: 'voice_joined',
			data: { answer: 'answer', voice_number: 4, room: room([occupant(ME.user, 4)], 2) }
		});
		await settle();
		devices.peer.connect();
		expect(app.voice.status.phase).toBe('connected');
		expect(app.voice.voiceNumber).toBe(4);
		expect(devices.peers.length).toBe(2);
		expect(devices.tracks.length).toBe(1);
	});

	it('tell the person who was muted or taken out', async () => {
		await inRoom();
		gateway.current.event({
			type: 'member_voice_muted',
			stream: STREAM,
			cursor: 'k1',
			prev: 'k0',
			data: { user_id: ME.user.id, muted: true, by: BETO, reason: 'eco' }
		});
		expect(app.voice.notice).toEqual({ code: 'V-SILENCIADO', channelId: null, by: BETO, reason: 'eco' });
		gateway.current.event({
			type: 'voice_ended',
			data: { channel_id: 'r1', epoch: 1, voice_number: 1, reason: 'removed', by: BETO }
		});
		expect(app.voice.notice).toMatchObject({ code: 'V-REMOVIDO', channelId: 'r1', by: BETO });
		expect(app.voice.status.phase).toBe('idle');
		app.voice.dismissNotice();
		expect(app.voice.notice).toBeNull();
	});

	it('a closed page leaves at once, and a reload offers the room again', async () => {
		await inRoom();
		pageEvents.dispatchEvent(new Event('pagehide'));
		expect(gateway.current.count('voice_leave')).toBe(1);
		expect(world.newApp().voice.rejoinOffer).toBe('r1');
		expect(app.voice.rejoinOffer, 'also where the browser shows the same page again').toBe('r1');
		app.voice.join('r1');
		expect(app.voice.rejoinOffer).toBeNull();
	});

	it('the server is away when it is gone for longer than a hiccup, and the voice may go on without it', async () => {
		await inRoom();
		let received = 0;
		const hear = async (ms: number): Promise<void> => {
			for (let at = 0; at < ms; at += 500) {
				received += 28;
				devices.peer.stats = [{ type: 'candidate-pair', bytesReceived: received }];
				await clock.advance(500);
			}
		};
		await hear(5_000);
		gateway.current.end();
		await hear(1_000);
		expect(app.connection.away).toBe(false);
		await hear(1_000);
		expect(app.connection.away).toBe(true);
		expect(app.voice).toMatchObject({ status: { phase: 'connected' }, flows: true });
		await clock.advance(2_000);
		expect(app.voice).toMatchObject({ status: { phase: 'connected' }, flows: false });
		await clock.advance(2_000);
		expect(app.voice.status).toEqual({ phase: 'rejoining', channelId: 'r1', code: 'V-CAIU' });
		await clock.advance(5_000);
		gateway.current.open();
		gateway.current.ready({ streams: [STREAM], resumed: [STREAM] });
		gateway.current.resumed();
		await settle();
		expect(app.connection.away).toBe(false);
		expect(gateway.current.count('voice_join')).toBe(1);
	});

	it('the microphone’s button closes, opens, and asks again where nothing opens', async () => {
		await inRoom();
		expect(await app.voice.pressMicrophone()).toBeNull();
		expect(app.voice.selfMuted).toBe(true);
		await app.voice.pressMicrophone();
		expect(app.voice.transmitting).toBe(true);
		devices.microphoneError = 'NotFoundError';
		devices.track.unplug();
		await settle();
		expect(app.voice.microphone).toBe('V-MIC-AUSENTE');
		app.voice.setMuted(true);
		expect(await app.voice.pressMicrophone()).toBe('V-MIC-AUSENTE');
		devices.microphoneError = null;
		expect(await app.voice.pressMicrophone()).toBeNull();
		expect(app.voice.transmitting, 'who asks for it wants to talk').toBe(true);
	});

	it('a microphone that the browser blocks is known before a room, and watched', async () => {
		await app.start(page);
		devices.trouble = 'V-MIC-NEGADO';
		devices.changed?.();
		await settle();
		expect(app.voice.microphone).toBe('V-MIC-NEGADO');
		devices.trouble = null;
		devices.changed?.();
		await settle();
		expect(app.voice.microphone).toBe('none');
		app.stop();
		expect(devices.changed).toBeNull();
	});

	it('who left by choice is offered nothing', async () => {
		await inRoom();
		app.voice.leave();
		expect(world.newApp().voice.rejoinOffer).toBeNull();
	});

	it('push-to-talk on the key of one’s choice', async () => {
		app.preferences.set({ microphoneMode: 'push_to_talk', pushToTalkKey: 'KeyJ', pushToTalkReleaseMs: 0 });
		await inRoom();
		expect(app.voice.transmitting).toBe(false);
		const press = (type: string, code: string) => {
			const event = Object.assign(new Event(type, { cancelable: true }), { code });
			pageEvents.dispatchEvent(event);
			return event.defaultPrevented;
		};
		expect(press('keydown', 'KeyK')).toBe(false);
		expect(app.voice.transmitting).toBe(false);
		expect(press('keydown', 'KeyJ')).toBe(true);
		expect(devices.track.enabled).toBe(true);
		press('keyup', 'KeyJ');
		expect(devices.track.enabled).toBe(false);
		press('keydown', 'KeyJ');
		pageEvents.dispatchEvent(new Event('blur'));
		expect(devices.track.enabled).toBe(false);
		const captured = app.voice.captureKey();
		press('keydown', 'KeyJ');
		expect(await captured).toBe('KeyJ');
		expect(app.voice.transmitting).toBe(false);
		const cancelled = app.voice.captureKey();
		press('keydown', 'Escape');
		expect(await cancelled).toBeNull();
	});
});
