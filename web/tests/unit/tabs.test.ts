// SPDX-License-Identifier: Apache-2.0
/** Two tabs of one browser: they share cookies and storage, so that what one does to the session the other must follow. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Me } from '$lib/api/types';
import { json, noContent, problem } from './fakes/api_server';
import { AppWorld } from './fakes/app_world';
import { settle } from './fakes/clock';
import { BETO, STREAM } from './fakes/community';
import { ME } from './fakes/gateway_server';

const AS_BETO: Me = { user: BETO, instance_admin: false };

let world: AppWorld;
let app: AppWorld['app'];
let gateway: AppWorld['gateway'];
/** Whose the cookies are. */
let cookie: Me | null;

beforeEach(async () => {
	world = new AppWorld();
	({ app, gateway } = world);
	const { http } = world;
	cookie = null;
	const whose = () => (cookie === null ? problem('unauthenticated', 401) : json(cookie));
	http.on('GET', /\/me$/, whose);
	http.on('POST', /\/refresh$/, () => problem('unauthenticated', 401));
	http.on('POST', /\/sessions$/, ({ body }) => {
		cookie = (body as { username: string }).username === 'ana' ? ME : AS_BETO;
		return json({ me: cookie, access_expires_in_s: 900 }, 201);
	});
	http.on('DELETE', /\/sessions\/current$/, () => {
		cookie = null;
		return noContent();
	});
	await world.live();
});

/** The other tab, as it is now: signed in as whoever is. */
async function otherTab(): Promise<AppWorld['app']> {
	const other = world.newApp();
	const document = Object.assign(new EventTarget(), { hidden: false });
	await other.start(Object.assign(new EventTarget(), { document }) as unknown as Window);
	return other;
}

async function otherSignsIn(username: string): Promise<AppWorld['app']> {
	const other = await otherTab();
	await other.session.signOut();
	await other.session.signIn(username, 'uma senha longa');
	return other;
}

/** The browser tells this tab that another one wrote to the storage they share. */
const storageEvent = () => world.pageEvents.dispatchEvent(new Event('storage'));
const mark = () => world.localStorage.getItem('voz.session');
const voiceLeaves = (socket: AppWorld['gateway']['current']) => socket.count('voice_leave');

describe('where another tab signs in as somebody else', () => {
	it('this one forgets at once whom it showed, leaves the voice and becomes the other', async () => {
		const history = app.messages.channel('t1');
		const socket = gateway.current;
		app.voice.join('r1');
		await settle();
		await otherSignsIn('beto');
		const theirs = mark();
		storageEvent();
		expect(app.session).toMatchObject({ status: 'unknown', me: null });
		expect(app.communities.list).toEqual([]);
		expect(app.messages.channel('t1')).not.toBe(history);
		expect(app.voice.status.phase).toBe('idle');
		expect(voiceLeaves(socket)).toBe(1);
		expect(socket.closedByClient).toBe(true);
		await settle();
		expect(app.session).toMatchObject({ status: 'signed_in', me: AS_BETO });
		expect(mark()).toBe(theirs);
	});

	it('nothing is sent in the name of the other before the news has come', async () => {
		const history = app.messages.channel('t1');
		await history.open();
		await otherSignsIn('beto');
		history.send('isto é da ana');
		const renamed = app.channels.rename('t1', 'da ana');
		expect((await renamed).ok).toBe(false);
		await settle();
		expect(world.messages.stored).toEqual([]);
		expect(world.http.count('PATCH', /./)).toBe(0);
		expect(app.session.me).toEqual(AS_BETO);
	});

	it('what waits for the refresh of a session is not sent by the next one', async () => {
		const history = app.messages.channel('t1');
		let refreshed: () => void = () => {};
		world.http.on('POST', /\/channels\/t1\/messages$/, () => problem('unauthenticated', 401));
		world.http.on('POST', /\/refresh$/, async () => {
			await new Promise<void>((resolve) => (refreshed = resolve));
			return json({ me: ME, access_expires_in_s: 900 });
		});
		history.send('isto é da ana');
		await settle();
		await otherSignsIn('beto');
		storageEvent();
		await settle();
		refreshed();
		await settle();
		expect(world.http.count('POST', /messages$/)).toBe(1);
		expect(app.session.me).toEqual(AS_BETO);
	});

	it('a gateway that speaks for somebody else is not taken for the one that was lost', async () => {
		gateway.current.end();
		cookie = AS_BETO;
		await world.clock.advance(250);
		const reopened = gateway.current;
		reopened.open();
		reopened.ready({ me: AS_BETO, streams: [STREAM] });
		expect(reopened.closedByClient).toBe(true);
		await settle();
		expect(app.session.me).toEqual(AS_BETO);
		storageEvent();
		expect(app.session.status).toBe('signed_in');
	});

	it('the end of the session before leaves the mark of the new one', async () => {
		await otherSignsIn('beto');
		const theirs = mark();
		gateway.sockets[0]?.end(4001);
		await settle();
		expect(app.session.me).toEqual(AS_BETO);
		expect(mark()).toBe(theirs);
	});
});

describe('where another tab signs out', () => {
	it('this one is signed out at once', async () => {
		const other = await otherTab();
		await other.session.signOut();
		storageEvent();
		expect(app.session).toMatchObject({ status: 'signed_out', me: null, ended: true });
		expect(other.session).toMatchObject({ status: 'signed_out', ended: false });
	});

	it('and in again as the same person, the end of the session before does not end the new one', async () => {
		await world.clock.advance(1_000);
		const other = await otherSignsIn('ana');
		gateway.sockets[0]?.end(4001);
		await settle();
		expect(app.session.me).toEqual(ME);
		expect(other.session.status).toBe('signed_in');
		expect(mark()).not.toBeNull();
	});

	it('a tab that waits at the sign-in follows who comes in', async () => {
		const other = await otherTab();
		await other.session.signOut();
		storageEvent();
		await other.session.signIn('beto', 'uma senha longa');
		expect((await app.session.signIn('ana', 'uma senha longa')).ok).toBe(false);
		await settle();
		expect(cookie).toEqual(AS_BETO);
		expect(app.session.me).toEqual(AS_BETO);
	});
});

it('where another tab shows the same person, this one goes on as it is', async () => {
	const other = await otherTab();
	const theirs = gateway.current;
	theirs.goLive({ streams: [] });
	storageEvent();
	expect(app.session.me).toEqual(ME);
	expect(app.connection.status).toBe('live');
	app.messages.channel('t1').send('oi');
	await settle();
	expect(world.messages.stored.map(({ content }) => content)).toEqual(['oi']);
	expect(other.session.me).toEqual(ME);
});
