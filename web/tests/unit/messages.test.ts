// SPDX-License-Identifier: Apache-2.0
/** One channel's history against a server at its boundary. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '$lib/api/client';
import { SessionMark } from '$lib/api/session_mark';
import { Messages } from '$lib/state/messages.svelte';
import { ApiServer, FakeStorage } from './fakes/api_server';
import { FakeClock, settle } from './fakes/clock';
import { ME } from './fakes/gateway_server';
import { MessageServer } from './fakes/message_server';

let http: ApiServer;
let server: MessageServer;
let messages: Messages;

beforeEach(() => {
	http = new ApiServer();
	server = new MessageServer(http);
	const clock = new FakeClock();
	const wallNow = () => clock.now();
	const api = createApi({
		origin: 'http://127.0.0.1:8080',
		fetch: http.fetch,
		locks: null,
		mark: new SessionMark(new FakeStorage(), wallNow),
		onSignedOut: () => {},
		guard: () => () => true
	});
	let nonces = 0;
	const nonce = () => `nonce-${(nonces += 1)}`;
	messages = new Messages({ api, clock, wallNow, random: () => 0, nonce, me: () => ME });
});

describe('a first page that did not come', () => {
	it('comes by itself when the server is back', async () => {
		server.store('um');
		http.unreachable = true;
		const history = messages.channel('t1');
		await history.open();
		expect([history.status, history.failure?.code]).toEqual(['failed', 'network_unreachable']);
		http.unreachable = false;
		messages.applyLive();
		await settle();
		expect([history.status, history.failure]).toEqual(['ready', null]);
		expect(history.items.map(({ content }) => content)).toEqual(['um']);
	});
});
