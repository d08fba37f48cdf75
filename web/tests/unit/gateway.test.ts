// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import type { GatewayEvent, VoiceClaim } from '$lib/api/types';
import type { EventHandlers } from '$lib/gateway/events';
import { CloseCode, Gateway, type GatewayStatus } from '$lib/gateway/gateway';
import { FakeClock, settle } from './fakes/clock';
import { GatewayServer, ME } from './fakes/gateway_server';

const STREAM = 'community:c1';

let clock: FakeClock;
let server: GatewayServer;
let gateway: Gateway;
let statuses: GatewayStatus[];
let seen: string[];
let pings: number[];
let sessionEnded: number;
let authorize: () => Promise<'authorized' | 'signed_out' | 'unreachable'>;
let authorizations: number;
let mayBeRefused: boolean;
let claim: VoiceClaim | null;

beforeEach(() => {
	clock = new FakeClock();
	server = new GatewayServer();
	statuses = [];
	seen = [];
	pings = [];
	sessionEnded = 0;
	authorizations = 0;
	mayBeRefused = false;
	claim = null;
	authorize = () => Promise.resolve('authorized');
	const note = (name: string) => () => void seen.push(name);
	const handlers: EventHandlers = {
		ready: note('ready'),
		community_snapshot: note('community_snapshot'),
		user_snapshot: note('user_snapshot'),
		message_created: (message) => void seen.push(message.content),
		channel_created: note('channel_created'),
		channel_updated: note('channel_updated'),
		channel_deleted: note('channel_deleted'),
		member_joined: note('member_joined'),
		member_voice_muted: note('member_voice_muted'),
		community_entered: note('community_entered'),
		session_ended: note('session_ended'),
		voice_room: note('voice_room'),
		voice_rooms: note('voice_rooms'),
		voice_speaking: note('voice_speaking'),
		voice_ended: note('voice_ended')
	};
	gateway = new Gateway({
		openSocket: server.accept,
		clock,
		random: () => 0,
		authorize: () => {
			authorizations += 1;
			return authorize();
		},
		mayBeRefused: () => mayBeRefused,
		voiceClaim: () => claim,
		handlers,
		onStatus: (status) => void statuses.push(status),
		onPing: (ms) => void pings.push(ms),
		onSessionEnded: () => {
			sessionEnded += 1;
		}
	});
});

function message(content: string, cursor: string, prev: string): GatewayEvent {
	return {
		type: 'message_created',
		stream: STREAM,
		cursor,
		prev,
		data: { id: cursor, channel_id: 'ch', author: ME.user, content, nonce: 'n', created_at: '2026-01-01T00:00:00Z' }
	};
}

function snapshot(cursor: string): GatewayEvent {
	return {
		type: 'community_snapshot',
		stream: STREAM,
		cursor,
		data: {
			community: { id: 'c1', name: 'Escola', owner_id: 'u', rules: { version: 1, text: '' } },
			channels: [],
			members: [],
			permissions: [],
			voice_rooms: []
		}
	};
}

/** Live with one stream at cursor `k0`. */
async function live(): Promise<void> {
	gateway.start();
	server.current.open();
	server.current.ready({ streams: [STREAM] });
	server.current.event(snapshot('k0'));
	server.current.resumed();
	await settle();
}

describe('connecting', () => {
	it('sends resume first, is live after its reply, and then measures the round trip', async () => {
		gateway.start();
		server.current.open();
		expect(server.current.received).toEqual([{ id: 1, type: 'resume', data: { cursors: {} } }]);
		server.current.ready();
		expect(seen).toEqual(['ready']);
		server.current.resumed();
		await settle();
		expect(statuses).toEqual(['connecting', 'resuming', 'live']);
		const heartbeat = server.current.last('heartbeat');
		await clock.advance(32);
		server.current.reply(heartbeat);
		await settle();
		expect(pings).toEqual([32]);
	});

	it('refuses commands before it is live, and answers them by their ids after', async () => {
		gateway.start();
		expect(await gateway.request({ type: 'voice_leave', data: {} })).toMatchObject({
			failure: { code: 'not_connected' }
		});
		server.current.goLive();
		await settle();
		const first = gateway.request({ type: 'voice_leave', data: {} });
		const leave = server.current.last('voice_leave');
		const second = gateway.request({ type: 'voice_state', data: { self_muted: true, self_deafened: false } });
		server.current.refuse(server.current.last('voice_state'), 'not_in_room');
		server.current.reply(leave);
		expect(await first).toEqual({ ok: true, value: { type: 'done', data: {} } });
		expect(await second).toMatchObject({ ok: false, failure: { code: 'not_in_room' } });
	});

	it('gives a command up after its time', async () => {
		await live();
		const result = gateway.request({ type: 'voice_leave', data: {} });
		server.current.reply(server.current.last('heartbeat'));
		await clock.advance(10_000);
		expect(await result).toMatchObject({ failure: { code: 'timeout' } });
	});

	it('gives a connection up whose resume is not answered', async () => {
		gateway.start();
		server.current.open();
		await clock.advance(10_000);
		expect(server.current.closedByClient).toBe(true);
		expect(gateway.status).toBe('waiting');
	});
});

describe('streams', () => {
	it('hands over new events once and in order', async () => {
		await live();
		server.current.event(message('a', 'k1', 'k0'));
		server.current.event(message('b', 'k2', 'k1'));
		server.current.event(message('b', 'k2', 'k1'));
		server.current.event(message('a', 'k1', 'k0'));
		server.current.event(message('c', 'k3', 'k2'));
		expect(seen).toEqual(['ready', 'community_snapshot', 'a', 'b', 'c']);
		expect(gateway.status).toBe('live');
	});

	it('resumes at the cursors held, and what comes again is not seen twice', async () => {
		await live();
		server.current.event(message('a', 'k1', 'k0'));
		server.current.end();
		await clock.advance(250);
		server.current.open();
		expect(server.current.last('resume').data).toEqual({ cursors: { [STREAM]: 'k1' } });
		server.current.ready({ streams: [STREAM], resumed: [STREAM] });
		server.current.event(message('a', 'k1', 'k0'));
		server.current.event(message('b', 'k2', 'k1'));
		server.current.resumed();
		await settle();
		expect(seen).toEqual(['ready', 'community_snapshot', 'a', 'ready', 'b']);
	});

	it('closes on a gap and resumes before it', async () => {
		await live();
		server.current.event(message('late', 'k5', 'k4'));
		expect(seen).not.toContain('late');
		expect(server.current.closedByClient).toBe(true);
		await clock.advance(250);
		server.current.open();
		expect(server.current.last('resume').data.cursors).toEqual({ [STREAM]: 'k0' });
	});

	it('asks for the whole stream when a resume leaves the same gap', async () => {
		await live();
		server.current.event(message('late', 'k5', 'k4'));
		await clock.advance(250);
		server.current.open();
		server.current.ready({ streams: [STREAM], resumed: [STREAM] });
		server.current.event(message('late', 'k5', 'k4'));
		await clock.advance(500);
		server.current.open();
		expect(server.current.last('resume').data.cursors).toEqual({});
	});

	it('forgets the cursor of a stream that was not resumed', async () => {
		await live();
		server.current.end();
		await clock.advance(250);
		server.current.open();
		server.current.ready({ streams: [STREAM], resumed: [] });
		server.current.end();
		await clock.advance(500);
		server.current.open();
		expect(server.current.last('resume').data.cursors).toEqual({});
	});

	it('takes passing events without a cursor, and leaves out what it does not know', async () => {
		await live();
		server.current.event({ type: 'voice_room', data: { channel_id: 'r', epoch: 1, occupants: [], speakers: [] } });
		server.current.text(JSON.stringify({ type: 'of_the_future', stream: STREAM, cursor: 'k1', prev: 'k0', data: {} }));
		server.current.event(message('after', 'k2', 'k1'));
		expect(seen).toEqual(['ready', 'community_snapshot', 'voice_room', 'after']);
	});

	it('treats a frame that is no JSON as a broken connection', async () => {
		await live();
		server.current.text('{');
		expect(gateway.status).toBe('waiting');
	});

	it('sends the voice it still holds', async () => {
		claim = { channel_id: 'r', epoch: 3, voice_number: 9 };
		gateway.start();
		server.current.open();
		expect(server.current.last('resume').data.voice).toEqual(claim);
	});
});

describe('coming back', () => {
	it('waits 0.25 s, doubling to 5 s, and begins anew after a good connection', async () => {
		authorize = () => Promise.resolve('unreachable');
		gateway.start();
		server.current.end();
		const delays: number[] = [];
		for (let count = 0; count < 7; count += 1) {
			const before = clock.now();
			const tries = authorizations;
			while (authorizations === tries) await clock.advance(10);
			delays.push(clock.now() - before);
		}
		expect(delays).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
		authorize = () => Promise.resolve('authorized');
		await clock.advance(5000);
		server.current.goLive();
		await settle();
		await clock.advance(6_000);
		const sockets = server.sockets.length;
		server.current.end();
		await clock.advance(250);
		expect(server.sockets.length).toBe(sockets + 1);
	});

	it('shortens each delay by at most a quarter', async () => {
		const { Backoff } = await import('$lib/time/backoff');
		const jittered = new Backoff(() => 0.999);
		expect(jittered.next()).toBeGreaterThan(187);
		expect(jittered.next()).toBeLessThan(376);
	});

	it('fails what was under way', async () => {
		await live();
		const result = gateway.request({ type: 'voice_leave', data: {} });
		server.current.end();
		expect(await result).toMatchObject({ failure: { code: 'not_connected' } });
	});

	it('asks whether it is still signed in after a try that never opened', async () => {
		gateway.start();
		expect(authorizations).toBe(0);
		server.current.end();
		await clock.advance(250);
		expect(authorizations).toBe(1);
		expect(server.sockets.length).toBe(2);
	});

	it('asks before the first try too when the access token is at its end', async () => {
		mayBeRefused = true;
		gateway.start();
		await settle();
		expect(authorizations).toBe(1);
		expect(server.sockets.length).toBe(1);
	});

	it('stops when it is signed out', async () => {
		authorize = () => Promise.resolve('signed_out');
		gateway.start();
		server.current.end();
		await clock.advance(250);
		expect(gateway.status).toBe('stopped');
		expect(sessionEnded).toBe(1);
		expect(clock.waiting).toBe(0);
	});

	it('does not reconnect after the session has ended', async () => {
		await live();
		server.current.end(CloseCode.SessionEnded);
		await clock.advance(60_000);
		expect(server.sockets.length).toBe(1);
		expect(sessionEnded).toBe(1);
		expect(gateway.status).toBe('stopped');
	});

	it('keeps its cursors when the server stops, and drops them when its own frames were at fault', async () => {
		await live();
		server.current.end(CloseCode.ServerStopping);
		await clock.advance(250);
		server.current.open();
		expect(server.current.last('resume').data.cursors).toEqual({ [STREAM]: 'k0' });
		server.current.end(CloseCode.Protocol);
		await clock.advance(500);
		server.current.open();
		expect(server.current.last('resume').data.cursors).toEqual({});
	});

	it('pauses when it is told that it asks too much', async () => {
		await live();
		server.current.end(CloseCode.RateLimited);
		await clock.advance(4_900);
		expect(server.sockets.length).toBe(1);
		await clock.advance(100);
		expect(server.sockets.length).toBe(2);
	});

	it('tries at once when the network returns', async () => {
		authorize = () => Promise.resolve('unreachable');
		gateway.start();
		server.current.end();
		await clock.advance(10_000);
		authorize = () => Promise.resolve('authorized');
		gateway.check();
		await settle();
		expect(server.sockets.length).toBe(2);
	});

	it('hears nothing of a socket that it has left', async () => {
		await live();
		const old = server.current;
		gateway.stop();
		old.event(message('ghost', 'k1', 'k0'));
		old.end();
		await clock.advance(10_000);
		expect(seen).not.toContain('ghost');
		expect(server.sockets.length).toBe(1);
		expect(clock.waiting).toBe(0);
	});
});

describe('silence', () => {
	it('sends a heartbeat every 20 s and lives as long as it is answered', async () => {
		await live();
		for (let count = 0; count < 10; count += 1) {
			server.current.answerHeartbeats();
			await clock.advance(20_000);
			expect(server.current.count('heartbeat')).toBe(1);
		}
		expect(server.sockets.length).toBe(1);
		expect(gateway.status).toBe('live');
	});

	it('reconnects after 45 s in which nothing came', async () => {
		await live();
		server.current.answerHeartbeats();
		await clock.advance(44_900);
		expect(gateway.status).toBe('live');
		await clock.advance(100);
		expect(gateway.status).toBe('waiting');
		expect(server.current.closedByClient).toBe(true);
	});

	it('finds out within 5 s whether a connection outlived a change of network', async () => {
		await live();
		server.current.answerHeartbeats();
		await clock.advance(1_000);
		gateway.check();
		await clock.advance(5_000);
		expect(gateway.status).toBe('waiting');
	});

	it('does not put that off for who looks again and again', async () => {
		await live();
		const { current } = server;
		current.answerHeartbeats();
		for (let look = 0; look < 3; look += 1) {
			gateway.check();
			await clock.advance(2_000);
		}
		expect(current.closedByClient).toBe(true);
	});

	it('keeps the connection when the probe is answered', async () => {
		await live();
		server.current.answerHeartbeats();
		gateway.check();
		server.current.answerHeartbeats();
		await clock.advance(15_000);
		expect(gateway.status).toBe('live');
	});
});
