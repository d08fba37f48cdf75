// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createApi } from '$lib/api/client';
import { SessionMark } from '$lib/api/session_mark';
import { Instance } from '$lib/state/instance.svelte';
import { Session } from '$lib/state/session.svelte';
import { ApiServer, FakeStorage, json, problem } from './fakes/api_server';
import { FakeClock, settle } from './fakes/clock';

it('is asked for again until it is known, later where the server asks for it', async () => {
	const http = new ApiServer();
	const clock = new FakeClock();
	const mark = new SessionMark(new FakeStorage(), () => clock.now());
	const api = createApi({
		origin: 'http://x',
		fetch: http.fetch,
		locks: null,
		mark,
		onSignedOut: () => {},
		guard: () => () => true
	});
	const events = { onSignedIn: () => {}, onSignedOut: () => {} };
	const instance = new Instance(api, new Session(api, mark, clock, () => 0, events), clock, () => 0);
	const asked = () => http.count('GET', /\/instance$/);

	http.unreachable = true;
	const found = instance.find();
	await settle();
	expect([instance.trouble?.code, asked()]).toEqual(['network_unreachable', 1]);
	await clock.advance(250);
	expect(asked()).toBe(2);
	http.unreachable = false;
	http.on('GET', /\/instance$/, () => problem('rate_limited', 429, { retry_after_s: 20 }));
	await clock.advance(500);
	expect([instance.trouble?.code, asked()]).toEqual(['rate_limited', 3]);
	http.on('GET', /\/instance$/, () => json({ name: 'Casa', sign_up: 'open', needs_setup: false, version: '0.1.0' }));
	await clock.advance(19_000);
	expect(asked()).toBe(3);
	await clock.advance(1_000);
	await found;
	expect([instance.info?.name, instance.trouble]).toEqual(['Casa', null]);
	expect(clock.waiting).toBe(0);
});
