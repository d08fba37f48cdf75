// SPDX-License-Identifier: Apache-2.0
/** A path that breaks, and the ways back. */
import { beforeEach, describe, expect, it } from 'vitest';
import { failed, failureOf, succeeded } from '$lib/api/failures';
import { settle } from './fakes/clock';
import { ROOM, joined, room, VoiceWorld } from './fakes/voice_world';

let world: VoiceWorld;
let clock: VoiceWorld['clock'];
let devices: VoiceWorld['devices'];
let voice: VoiceWorld['voice'];
let joins: VoiceWorld['joins'];
let over: VoiceWorld['over'];

beforeEach(() => {
	world = new VoiceWorld();
	({ clock, devices, voice, joins, over } = world);
});

describe('a path that breaks in silence', () => {
	let received: number;

	beforeEach(async () => {
		received = 1_000;
		await world.connect();
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
		expect(world.checks, 'the gateway is looked at too').toBe(1);
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
		await world.connect();
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
		await world.connect();
		voice.setMuted(true);
		world.isLive = false;
		voice.gatewayReady(epoch === null ? null : room(ROOM, epoch), restarted);
		await settle();
		expect(voice.status).toEqual({ phase: 'rejoining', channelId: ROOM, code: 'V-SERVIDOR' });
		expect(devices.peers[0]?.closed).toBe(true);
		expect(joins.length).toBe(1);
		world.isLive = true;
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
		world.answerJoin = () => {
			world.isLive = false;
			return Promise.resolve(failed(failureOf('not_connected')));
		};
		voice.join(ROOM);
		await settle();
		expect(voice.status.phase).toBe('rejoining');
		await clock.advance(30_000);
		world.answerJoin = (request) => Promise.resolve(succeeded(joined(request.channel_id)));
		world.isLive = true;
		voice.gatewayReady(null, true);
		voice.gatewayLive();
		await settle();
		devices.peer.connect();
		expect(voice.status.phase).toBe('connected');
	});

	it('claims a voice whose path was lost before the gateway, and stays away where a moderator ended it', async () => {
		await world.connect();
		world.isLive = false;
		devices.peer.ice('failed');
		await settle();
		expect(voice.status.phase).toBe('rejoining');
		expect(voice.claim()).toEqual({ channel_id: ROOM, epoch: 1, voice_number: 7 });
		voice.ended({ channel_id: ROOM, epoch: 1, voice_number: 7, reason: 'removed' });
		voice.gatewayReady(null, false);
		world.isLive = true;
		voice.gatewayLive();
		await settle();
		expect(voice.status.phase).toBe('idle');
		expect(voice.claim()).toBeNull();
	});

	it('forgives a short break of the path, not a long one', async () => {
		await world.connect();
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
		await world.connect();
		devices.peer.ice('failed');
		await settle();
		expect(devices.peers.length).toBe(2);
		devices.peer.connect();
		devices.peer.dtls('failed');
		await settle();
		expect(devices.peers.length).toBe(3);
	});

	it('keeps trying with growing delays while no path comes up', async () => {
		await world.connect();
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
		await world.connect();
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
		await world.connect();
		world.answerJoin = () => Promise.resolve(failed(failureOf('not_found')));
		devices.peer.ice('failed');
		await settle();
		expect(voice.status).toMatchObject({ phase: 'failed', code: 'V-SEM-ACESSO' });
		voice.leave();
		await clock.advance(60_000);
		expect(joins.length).toBe(2);
		expect(voice.status).toEqual({ phase: 'idle' });
	});

	it('tries at once when the person presses the room', async () => {
		await world.connect();
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
			await world.connect();
			world.answerJoin = () => Promise.resolve(failed(failureOf('voice_unavailable')));
			devices.peer.ice('failed');
			await settle();
			expect(voice.status.phase).toBe('rejoining');
			world.end(reason);
			await clock.advance(60_000);
			expect(voice.status).toEqual({ phase: 'idle' });
			expect(over.length).toBe(1);
			expect(joins.length).toBe(2);
		}
	);

	it('takes the end of its old voice for the work of its own join, and a removal for one', async () => {
		await world.connect();
		world.answerJoin = () => new Promise(() => {});
		devices.peer.ice('failed');
		await settle();
		expect(joins.length).toBe(2);
		world.end('replaced');
		expect(voice.status.phase).toBe('rejoining');
		world.end('removed');
		expect(voice.status).toEqual({ phase: 'idle' });
		expect(over).toEqual(['V-REMOVIDO']);
		expect(world.leaves, 'the join that is under way is taken back').toBe(1);
	});

	it.each(['connection_lost', 'server_restart'] as const)('comes back after %s', async (reason) => {
		await world.connect();
		world.end(reason);
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
		await world.connect();
		world.end(reason);
		await clock.advance(60_000);
		expect(over).toEqual([expected]);
		expect(joins.length).toBe(1);
		expect(voice.status).toEqual({ phase: 'idle' });
		expect(devices.track.readyState).toBe('ended');
	});

	it('does not mind the end of another voice of the same person', async () => {
		await world.connect();
		voice.ended({ channel_id: ROOM, epoch: 1, voice_number: 6, reason: 'replaced' });
		voice.ended({ channel_id: ROOM, epoch: 0, voice_number: 7, reason: 'replaced' });
		expect(voice.status.phase).toBe('connected');
		expect(over).toEqual([]);
	});
});
