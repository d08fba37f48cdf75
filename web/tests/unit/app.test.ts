// SPDX-License-Identifier: Apache-2.0
/** The whole state layer against a server at its boundary: HTTP, sockets, storage, devices. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, Occupant } from '$lib/api/types';
import { App } from '$lib/state/app.svelte';
import type { ChannelHistory } from '$lib/state/messages.svelte';
import { ApiServer, FakeLocks, FakeStorage, json, noContent, problem } from './fakes/api_server';
import { FakeClock, settle } from './fakes/clock';
import { BETO, STREAM, created, occupant, snapshot } from './fakes/community';
import { FakeDevices } from './fakes/devices';
import { GatewayServer, ME } from './fakes/gateway_server';
import { MessageServer } from './fakes/message_server';

let clock: FakeClock;
let http: ApiServer;
let gateway: GatewayServer;
let devices: FakeDevices;
let localStorage: FakeStorage;
let sessionStorage: FakeStorage;
let app: App;
let messages: MessageServer;
let page: Window;
let pageEvents: EventTarget;
let nonces: number;

beforeEach(() => {
	clock = new FakeClock();
	http = new ApiServer();
	gateway = new GatewayServer();
	devices = new FakeDevices();
	localStorage = new FakeStorage();
	sessionStorage = new FakeStorage();
	nonces = 0;
	pageEvents = new EventTarget();
	const document = Object.assign(new EventTarget(), { hidden: false });
	page = Object.assign(pageEvents, { document }) as unknown as Window;
	http.on('GET', /\/instance$/, () => json({ name: 'Casa', sign_up: 'invite', needs_setup: false, version: '0.1.0' }));
	http.on('GET', /\/me$/, () => json(ME));
	http.on('POST', /\/sessions$/, () => json({ me: ME, access_expires_in_s: 900 }, 201));
	http.on('DELETE', /\/sessions\/current$/, () => noContent());
	messages = new MessageServer(http);
	app = newApp();
});

function newApp(): App {
	return new App({
		origin: () => 'http://127.0.0.1:8080',
		fetch: http.fetch,
		locks: () => new FakeLocks() as unknown as LockManager,
		localStorage,
		sessionStorage,
		clock,
		wallNow: () => 1_000_000 + clock.now(),
		random: () => 0,
		nonce: () => `nonce-${(nonces += 1)}`,
		openSocket: gateway.accept,
		devices
	});
}

/** Signed in and live, community c1 at cursor k0. */
async function live(): Promise<void> {
	await app.start(page);
	await app.session.signIn('ana', 'uma senha longa');
	gateway.current.open();
	gateway.current.ready({ streams: [STREAM, 'user:u-ana'] });
	gateway.current.event(snapshot('k0'));
	gateway.current.resumed();
	await settle();
}

async function opened(): Promise<ChannelHistory> {
	const history = app.messages.channel('t1');
	await history.open();
	return history;
}

const contents = (history: ChannelHistory) => history.items.map(({ content }) => content);

describe('session', () => {
	it('a visitor is known as one without a request', async () => {
		await app.start(page);
		expect(app.session.status).toBe('signed_out');
		expect(app.instance.info?.name).toBe('Casa');
		expect(http.received.map(({ path }) => path)).toEqual(['/api/v1/instance']);
		expect(gateway.sockets.length).toBe(0);
	});

	it('sign-in connects; a reload finds the session again', async () => {
		await live();
		expect(app.session.me).toEqual(ME);
		expect(app.connection.status).toBe('live');
		expect(app.communities.list.map(({ name }) => name)).toEqual(['Escola']);
		expect(app.communities.loaded).toBe(true);
		app.stop();
		app = newApp();
		await app.start(page);
		expect(app.session.status).toBe('signed_in');
		expect(gateway.sockets.length).toBe(2);
	});

	it('a wrong password changes nothing', async () => {
		http.on('POST', /\/sessions$/, () => problem('invalid_credentials', 401));
		await app.start(page);
		expect(await app.session.signIn('ana', 'errada')).toMatchObject({ failure: { code: 'invalid_credentials' } });
		expect(app.session.status).toBe('signed_out');
		expect(app.session.ended).toBe(false);
	});

	it('sign-out ends it on the server and forgets everything', async () => {
		await live();
		const history = await opened();
		expect(history.status).toBe('ready');
		await app.session.signOut();
		expect(http.count('DELETE', /\/sessions\/current$/)).toBe(1);
		expect(app.session).toMatchObject({ status: 'signed_out', me: null, ended: false });
		expect(app.connection.status).toBe('stopped');
		expect(app.communities.list).toEqual([]);
		expect(app.channels.get('t1')).toBeUndefined();
		expect(app.messages.channel('t1')).not.toBe(history);
		expect(localStorage.getItem('voz.access_until')).toBeNull();
	});

	it('stays signed in when the server did not hear of the sign-out', async () => {
		await live();
		http.unreachable = true;
		expect(await app.session.signOut()).toMatchObject({ failure: { code: 'network_unreachable' } });
		expect(app.session.status).toBe('signed_in');
	});

	it('says that it was ended elsewhere', async () => {
		await live();
		gateway.current.end(4001);
		expect(app.session).toMatchObject({ status: 'signed_out', ended: true });
		expect(app.communities.list).toEqual([]);
	});

	it('takes its own sign-out for its own, also when the socket hears of it first', async () => {
		await live();
		http.on('DELETE', /\/sessions\/current$/, () => {
			gateway.current.end(4001);
			return noContent();
		});
		await app.session.signOut();
		expect(app.session).toMatchObject({ status: 'signed_out', ended: false });
	});

	it('asks again until the server answers', async () => {
		await live();
		app.stop();
		app = newApp();
		http.unreachable = true;
		const started = app.start(page);
		await clock.advance(1_000);
		expect(app.session).toMatchObject({ status: 'unknown', serverUnreachable: true });
		http.unreachable = false;
		await clock.advance(5_000);
		await started;
		expect(app.session.status).toBe('signed_in');
	});
});

describe('communities', () => {
	beforeEach(live);

	it('follow their events', () => {
		const { current } = gateway;
		const channel = { id: 't2', community_id: 'c1', kind: 'text' as const, name: 'dúvidas', position: 1 };
		current.event({ type: 'channel_created', stream: STREAM, cursor: 'k1', prev: 'k0', data: channel });
		expect(app.channels.text('c1').map(({ name }) => name)).toEqual(['geral', 'dúvidas']);
		expect(app.channels.rooms('c1').map(({ name }) => name)).toEqual(['Sala 1']);
		const renamed = { ...channel, name: 'perguntas' };
		current.event({ type: 'channel_updated', stream: STREAM, cursor: 'k2', prev: 'k1', data: renamed });
		expect(app.channels.get('t2')?.name).toBe('perguntas');
		current.event({ type: 'channel_deleted', stream: STREAM, cursor: 'k3', prev: 'k2', data: { channel_id: 't2' } });
		expect(app.channels.get('t2')).toBeUndefined();
		const member = { user: BETO, role: 'member' as const, voice_muted: false };
		current.event({ type: 'member_joined', stream: STREAM, cursor: 'k4', prev: 'k3', data: member });
		expect(app.members.of('c1').map(({ user }) => user.username)).toEqual(['ana', 'beto']);
		current.event({
			type: 'member_voice_muted',
			stream: STREAM,
			cursor: 'k5',
			prev: 'k4',
			data: { user_id: BETO.id, muted: true, by: ME.user }
		});
		expect(app.members.get('c1', BETO.id)?.voice_muted).toBe(true);
		expect(app.voice.notice).toBeNull();
	});

	it('say what one may do', () => {
		expect(app.communities.can('c1', 'manage_channels')).toBe(true);
		expect(app.communities.can('c1', 'mute_members')).toBe(false);
		expect(app.communities.can('other', 'manage_channels')).toBe(false);
	});

	it('that are no more are forgotten with all that was in them', async () => {
		gateway.current.end();
		await clock.advance(250);
		gateway.current.goLive({ streams: ['user:u-ana'] });
		expect(app.communities.list).toEqual([]);
		expect(app.channels.get('r1')).toBeUndefined();
		expect(app.members.of('c1')).toEqual([]);
	});

	it('are not all loaded until an entered one has come', () => {
		gateway.current.event({ type: 'user_snapshot', stream: 'user:u-ana', cursor: 'u0', data: ME });
		gateway.current.event({
			type: 'community_entered',
			stream: 'user:u-ana',
			cursor: 'u1',
			prev: 'u0',
			data: { community_id: 'c2' }
		});
		expect(app.communities.loaded).toBe(false);
	});
});

describe('messages', () => {
	beforeEach(live);

	it('come by pages, the older on demand', async () => {
		for (let count = 1; count <= 120; count += 1) messages.store(`nº ${count}`, '', BETO);
		const history = await opened();
		expect(history.items.length).toBe(50);
		expect(history.hasOlder).toBe(true);
		await Promise.all([history.loadOlder(), history.loadOlder()]);
		expect(history.items.length).toBe(100);
		await history.loadOlder();
		expect(contents(history)).toEqual(messages.stored.map(({ content }) => content));
		expect(history.hasOlder).toBe(false);
		await history.loadOlder();
		expect(http.count('GET', /before=/)).toBe(2);
	});

	it('appear at once, keep their key, and are there once when the event comes first', async () => {
		const history = await opened();
		history.send('oi');
		const pending = history.items[0];
		expect(pending).toMatchObject({ content: 'oi', state: 'sending', id: null, author: ME.user });
		http.on('POST', /\/channels\/t1\/messages$/, async ({ body }) => {
			const { content, nonce } = body as { content: string; nonce: string };
			const message = messages.store(content, nonce);
			gateway.current.event(created(message, 'k1', 'k0'));
			return json(message, 201);
		});
		await settle();
		expect(history.items.length).toBe(1);
		expect(history.items[0]).toMatchObject({ key: pending?.key, state: 'sent', id: 'm000001' });
	});

	it('are there once when the answer comes first', async () => {
		const history = await opened();
		history.send('oi');
		await settle();
		gateway.current.event(created(messages.stored[0] as Message, 'k1', 'k0'));
		expect(history.items).toMatchObject([{ content: 'oi', state: 'sent' }]);
	});

	it('are sent in the order of writing', async () => {
		const history = await opened();
		for (const content of ['um', 'dois', 'três']) history.send(content);
		await settle();
		expect(messages.stored.map(({ content }) => content)).toEqual(['um', 'dois', 'três']);
	});

	it('whose answer was lost are sent again after the reconnect and stored once', async () => {
		const history = await opened();
		let lose = true;
		http.on('POST', /\/channels\/t1\/messages$/, ({ body }) => {
			const { content, nonce } = body as { content: string; nonce: string };
			const message = messages.stored.find((known) => known.nonce === nonce) ?? messages.store(content, nonce);
			if (lose) throw new TypeError('fetch failed');
			return json(message, 200);
		});
		history.send('uma vez só');
		await settle();
		gateway.current.end();
		expect(history.items).toMatchObject([{ state: 'sending' }]);
		lose = false;
		await clock.advance(250);
		gateway.current.open();
		gateway.current.ready({ streams: [STREAM], resumed: [STREAM] });
		gateway.current.event(created(messages.stored[0] as Message, 'k1', 'k0'));
		gateway.current.resumed();
		await settle();
		expect(messages.stored.length).toBe(1);
		expect(history.items).toMatchObject([{ content: 'uma vez só', state: 'sent' }]);
	});

	it('that are refused can be sent again or given up, and hold nobody else back', async () => {
		const history = await opened();
		http.on('POST', /\/channels\/t1\/messages$/, ({ body }) => {
			const { content, nonce } = body as { content: string; nonce: string };
			return content === '' ? problem('validation', 422) : json(messages.store(content, nonce), 201);
		});
		history.send('');
		history.send('depois');
		await settle();
		const [sent, refused] = history.items;
		expect(sent).toMatchObject({ content: 'depois', state: 'sent' });
		expect(refused).toMatchObject({ state: 'failed', failure: { code: 'validation' } });
		history.retry(refused?.key ?? '');
		expect(history.items[1]).toMatchObject({ state: 'sending', failure: null });
		await settle();
		history.discard(refused?.key ?? '');
		expect(contents(history)).toEqual(['depois']);
	});

	it('wait as long as a busy server asks', async () => {
		const history = await opened();
		let busy = true;
		http.on('POST', /\/channels\/t1\/messages$/, ({ body }) => {
			const { content, nonce } = body as { content: string; nonce: string };
			return busy ? problem('overloaded', 503, { retry_after_s: 2 }) : json(messages.store(content, nonce), 201);
		});
		history.send('oi');
		await clock.advance(1_900);
		busy = false;
		expect(http.count('POST', /messages$/)).toBe(1);
		await clock.advance(100);
		expect(history.items).toMatchObject([{ state: 'sent' }]);
	});

	it('missed while away are fetched when the stream begins anew', async () => {
		messages.store('antes', '', BETO);
		const history = await opened();
		gateway.current.end();
		for (let count = 1; count <= 150; count += 1) messages.store(`perdida ${count}`, '', BETO);
		await clock.advance(250);
		gateway.current.open();
		gateway.current.ready({ streams: [STREAM] });
		gateway.current.event(snapshot('k200'));
		gateway.current.resumed();
		await settle();
		expect(contents(history)).toEqual(messages.stored.map(({ content }) => content));
	});

	it('begin anew at the newest page after too many were missed', async () => {
		messages.store('antes', '', BETO);
		const history = await opened();
		for (let count = 1; count <= 600; count += 1) messages.store(`perdida ${count}`, '', BETO);
		gateway.current.event(snapshot('k700'));
		await settle();
		expect(history.items.length).toBe(50);
		expect(history.items.at(-1)?.content).toBe('perdida 600');
		expect(history.hasOlder).toBe(true);
	});

	it('of others keep their id as key, whatever nonce they chose', async () => {
		const history = await opened();
		history.send('minha');
		await settle();
		gateway.current.event(created(messages.stored[0] as Message, 'k1', 'k0'));
		gateway.current.event(created(messages.store('copiada', 'nonce-1', BETO), 'k2', 'k1'));
		expect(history.items.map(({ key }) => key)).toEqual(['nonce-1', 'm000002']);
	});

	it('say why a page did not come, and come when asked again', async () => {
		http.unreachable = true;
		const history = await opened();
		expect(history).toMatchObject({ status: 'failed', failure: { code: 'network_unreachable' } });
		http.unreachable = false;
		await history.open();
		expect(history).toMatchObject({ status: 'ready', failure: null });
	});
});

describe('rooms and voice', () => {
	beforeEach(live);

	const room = (occupants: Occupant[], epoch = 1) => ({ channel_id: 'r1', epoch, occupants });

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
		current.event({ type: 'voice_room', data: room([]) });
		expect(app.rooms.occupants('r1')).toEqual([]);
		expect(app.rooms.whereIs(BETO.id)).toBeNull();
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
		expect(newApp().voice.rejoinOffer).toBe('r1');
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
		expect(newApp().voice.rejoinOffer).toBeNull();
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

describe('preferences', () => {
	it('are stored in this browser and read again', () => {
		app.preferences.set({ echoCancellation: false, theme: 'light' });
		expect(newApp().preferences.values).toMatchObject({
			echoCancellation: false,
			theme: 'light',
			autoGainControl: true
		});
	});

	it('that were tampered with fall back, each by itself', () => {
		localStorage.setItem('voz.preferences', '{"theme":"pink","pushToTalkReleaseMs":-1,"noiseSuppression":false,"x":1}');
		const { values } = newApp().preferences;
		expect(values).toMatchObject({ theme: 'system', pushToTalkReleaseMs: 100, noiseSuppression: false });
		expect(values).not.toHaveProperty('x');
		localStorage.setItem('voz.preferences', 'no json');
		expect(newApp().preferences.values.theme).toBe('system');
	});

	it('decide how the microphone is opened', async () => {
		app.preferences.set({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
		await live();
		app.voice.join('r1');
		await settle();
		expect(devices.asked).toEqual([{ echoCancellation: false, noiseSuppression: false, autoGainControl: false }]);
	});
});
