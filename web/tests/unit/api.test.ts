// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { createApi, doneOf, resultOf, type Api } from '$lib/api/client';
import { SessionMark } from '$lib/api/session_mark';
import { ApiServer, FakeLocks, FakeStorage, json, noContent, problem } from './fakes/api_server';

const ORIGIN = 'http://127.0.0.1:8080';
const ME = { user: { id: 'u', username: 'ana' }, instance_admin: false };

let server: ApiServer;
let storage: FakeStorage;
let locks: FakeLocks;
let wall: number;
let signedOut: number;
/** The access token that the server takes; the browser sends the one it got last. */
let valid: number;
let sent: number;

beforeEach(() => {
	server = new ApiServer();
	storage = new FakeStorage();
	locks = new FakeLocks();
	wall = 1_000_000;
	signedOut = 0;
	valid = 1;
	sent = 1;
	server.on('GET', /\/me$/, () => (sent === valid ? json(ME) : problem('unauthenticated', 401)));
	server.on('POST', /\/refresh$/, async () => {
		await new Promise((resolve) => setImmediate(resolve));
		sent = valid;
		return json({ me: ME, access_expires_in_s: 900 });
	});
});

/** Another tab of the same browser: its own client, the same cookies, locks and storage. */
function tab(withLocks = true): Api {
	return createApi({
		origin: ORIGIN,
		fetch: server.fetch,
		locks: withLocks ? (locks as unknown as LockManager) : null,
		mark: new SessionMark(storage, () => wall),
		onSignedOut: () => {
			signedOut += 1;
		},
		guard: () => () => true
	});
}

const me = (api: Api) => resultOf(api.GET('/api/v1/me'));
const refreshes = () => server.count('POST', /\/refresh$/);

function signedIn(): void {
	new SessionMark(storage, () => wall).begin({ me: ME, access_expires_in_s: 900 });
}

describe('refresh', () => {
	it('happens once for many refused requests of one tab, and each is sent again', async () => {
		signedIn();
		valid = 2;
		const api = tab();
		const results = await Promise.all([me(api), me(api), me(api)]);
		expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
		expect(refreshes()).toBe(1);
	});

	it('happens once for many tabs', async () => {
		signedIn();
		valid = 2;
		const results = await Promise.all([me(tab()), me(tab()), me(tab())]);
		expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
		expect(refreshes()).toBe(1);
		expect(locks.taken).toBe(3);
	});

	it('happens again for the next token', async () => {
		signedIn();
		const api = tab();
		valid = 2;
		await me(api);
		valid = 3;
		expect((await me(api)).ok).toBe(true);
		expect(refreshes()).toBe(2);
	});

	it('works without Web Locks, once a tab', async () => {
		signedIn();
		valid = 2;
		const api = tab(false);
		await Promise.all([me(api), me(api)]);
		expect(refreshes()).toBe(1);
	});

	it('comes before a request that would surely be refused', async () => {
		signedIn();
		valid = 2;
		wall += 890_000;
		expect((await me(tab())).ok).toBe(true);
		expect(server.received.map(({ path }) => path)).toEqual(['/api/v1/sessions/refresh', '/api/v1/me']);
	});

	it('that is refused ends the session; the request is not sent again', async () => {
		signedIn();
		valid = 2;
		server.on('POST', /\/refresh$/, () => problem('unauthenticated', 401));
		expect(await me(tab())).toMatchObject({ ok: false, failure: { code: 'unauthenticated' } });
		expect(signedOut).toBe(1);
		expect(server.count('GET', /\/me$/)).toBe(1);
		expect(storage.values.size).toBe(0);
	});

	it('that gets no answer logs nobody out', async () => {
		signedIn();
		valid = 2;
		server.on('POST', /\/refresh$/, () => {
			throw new TypeError('fetch failed');
		});
		expect(await me(tab())).toMatchObject({ ok: false, failure: { code: 'network_unreachable' } });
		server.on('POST', /\/refresh$/, () => new Response('bad gateway', { status: 502 }));
		expect(await me(tab())).toMatchObject({ ok: false, failure: { code: 'network_unreachable' } });
		expect(signedOut).toBe(0);
		expect(storage.values.size).toBe(1);
	});

	it('is not tried for wrong credentials', async () => {
		server.on('POST', /\/sessions$/, () => problem('invalid_credentials', 401));
		const result = await resultOf(tab().POST('/api/v1/sessions', { body: { username: 'ana', password: 'x' } }));
		expect(result).toMatchObject({ ok: false, failure: { code: 'invalid_credentials' } });
		expect(refreshes()).toBe(0);
		expect(signedOut).toBe(0);
	});

	it('repeats a request with its body', async () => {
		signedIn();
		valid = 2;
		server.on('POST', /\/channels\/ch\/messages$/, ({ body }) =>
			sent === valid ? json(body, 201) : problem('unauthenticated', 401)
		);
		const result = await resultOf(
			tab().POST('/api/v1/channels/{channel_id}/messages', {
				params: { path: { channel_id: 'ch' } },
				body: { content: 'oi', nonce: 'n1' }
			})
		);
		expect(result).toMatchObject({ ok: true, value: { content: 'oi', nonce: 'n1' } });
	});
});

describe('results', () => {
	it('carry what the problem says', async () => {
		server.on('POST', /\/accounts$/, () => problem('validation', 422, { fields: { username: 'too_short' } }));
		server.on('POST', /\/sessions$/, () => problem('rate_limited', 429, { retry_after_s: 30 }));
		server.on('GET', /\/instance$/, () => problem('internal', 500, { request_id: 'r-1' }));
		const api = tab();
		const body = { username: 'a', password: 'b' };
		expect(await resultOf(api.POST('/api/v1/accounts', { body }))).toMatchObject({
			failure: { code: 'validation', fields: { username: 'too_short' } }
		});
		expect(await resultOf(api.POST('/api/v1/sessions', { body }))).toMatchObject({ failure: { retryAfterS: 30 } });
		expect(await resultOf(api.GET('/api/v1/instance'))).toMatchObject({ failure: { requestId: 'r-1' } });
	});

	it('tell a missing answer from an unreadable one', async () => {
		const api = tab();
		server.on('GET', /\/instance$/, () => new Response('<html>', { status: 200 }));
		expect(await resultOf(api.GET('/api/v1/instance'))).toMatchObject({ failure: { code: 'answer_unreadable' } });
		server.on('GET', /\/instance$/, () => new Response('<html>', { status: 502 }));
		expect(await resultOf(api.GET('/api/v1/instance'))).toMatchObject({ failure: { code: 'network_unreachable' } });
		server.unreachable = true;
		expect(await resultOf(api.GET('/api/v1/instance'))).toMatchObject({ failure: { code: 'network_unreachable' } });
	});

	it('of 204 are done', async () => {
		server.on('DELETE', /\/sessions\/current$/, () => noContent());
		expect(await doneOf(tab().DELETE('/api/v1/sessions/current'))).toEqual({ ok: true, value: undefined });
	});
});
