// SPDX-License-Identifier: Apache-2.0
/** The whole state layer against a server at its boundary: HTTP, sockets, storage, devices. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '$lib/api/types';
import type { ChannelHistory } from '$lib/state/messages.svelte';
import { json, noContent, problem } from './fakes/api_server';
import { AppWorld } from './fakes/app_world';
import { settle } from './fakes/clock';
import { BETO, STREAM, created, snapshot } from './fakes/community';
import { ME } from './fakes/gateway_server';

let world: AppWorld;
let clock: AppWorld['clock'];
let http: AppWorld['http'];
let gateway: AppWorld['gateway'];
let devices: AppWorld['devices'];
let localStorage: AppWorld['localStorage'];
let app: AppWorld['app'];
let messages: AppWorld['messages'];
let page: AppWorld['page'];

beforeEach(() => {
	world = new AppWorld();
	({ clock, http, gateway, devices, localStorage, app, messages, page } = world);
});

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
		await world.live();
		expect(app.session.me).toEqual(ME);
		expect(app.connection.status).toBe('live');
		expect(app.communities.list.map(({ name }) => name)).toEqual(['Escola']);
		expect(app.communities.loaded).toBe(true);
		app.stop();
		app = world.newApp();
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
		await world.live();
		const history = await opened();
		expect(history.status).toBe('ready');
		await app.session.signOut();
		expect(http.count('DELETE', /\/sessions\/current$/)).toBe(1);
		expect(app.session).toMatchObject({ status: 'signed_out', me: null, ended: false });
		expect(app.connection.status).toBe('stopped');
		expect(app.communities.list).toEqual([]);
		expect(app.channels.get('t1')).toBeUndefined();
		expect(app.messages.channel('t1')).not.toBe(history);
		expect(localStorage.getItem('voz.session')).toBeNull();
	});

	it('stays signed in when the server did not hear of the sign-out', async () => {
		await world.live();
		http.unreachable = true;
		expect(await app.session.signOut()).toMatchObject({ failure: { code: 'network_unreachable' } });
		expect(app.session.status).toBe('signed_in');
	});

	it('says that it was ended elsewhere', async () => {
		await world.live();
		gateway.current.end(4001);
		expect(app.session).toMatchObject({ status: 'signed_out', ended: true });
		expect(app.communities.list).toEqual([]);
	});

	it('takes its own sign-out for its own, also when the socket hears of it first', async () => {
		await world.live();
		http.on('DELETE', /\/sessions\/current$/, () => {
			gateway.current.end(4001);
			return noContent();
		});
		await app.session.signOut();
		expect(app.session).toMatchObject({ status: 'signed_out', ended: false });
	});

	it('asks again until the server answers', async () => {
		await world.live();
		app.stop();
		app = world.newApp();
		http.unreachable = true;
		const started = app.start(page);
		await clock.advance(1_000);
		expect(app.session).toMatchObject({ status: 'unknown', trouble: { code: 'network_unreachable' } });
		http.unreachable = false;
		await clock.advance(5_000);
		await started;
		expect(app.session.status).toBe('signed_in');
	});
});

describe('communities', () => {
	beforeEach(() => world.live());

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
	beforeEach(() => world.live());

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

describe('preferences', () => {
	it('are stored in this browser and read again', () => {
		app.preferences.set({ echoCancellation: false, theme: 'light' });
		expect(world.newApp().preferences.values).toMatchObject({
			echoCancellation: false,
			theme: 'light',
			autoGainControl: true
		});
	});

	it('that were tampered with fall back, each by itself', () => {
		localStorage.setItem('voz.preferences', '{"theme":"pink","pushToTalkReleaseMs":-1,"noiseSuppression":false,"x":1}');
		const { values } = world.newApp().preferences;
		expect(values).toMatchObject({ theme: 'system', pushToTalkReleaseMs: 100, noiseSuppression: false });
		expect(values).not.toHaveProperty('x');
		localStorage.setItem('voz.preferences', 'no json');
		expect(world.newApp().preferences.values.theme).toBe('system');
	});

	it('decide how the microphone is opened, and open it anew', async () => {
		await world.live();
		app.voice.join('r1');
		await settle();
		app.preferences.set({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
		await settle();
		const off = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
		expect(devices.asked).toEqual([{ echoCancellation: true, noiseSuppression: true, autoGainControl: true }, off]);
	});
});
