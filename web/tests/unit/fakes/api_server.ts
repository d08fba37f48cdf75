// SPDX-License-Identifier: Apache-2.0
import type { ErrorCode } from '$lib/api/types';

export interface Received {
	method: string;
	/** Path and query. */
	path: string;
	body: unknown;
}

type Answer = Response | Promise<Response>;

/** The server's end of HTTP: what came, and what each path answers. */
export class ApiServer {
	readonly received: Received[] = [];
	#routes: { method: string; path: RegExp; answer: (request: Received) => Answer }[] = [];
	/** No network. */
	unreachable = false;

	on(method: string, path: RegExp, answer: (request: Received) => Answer): void {
		this.#routes.unshift({ method, path, answer });
	}

	readonly fetch = async (request: Request): Promise<Response> => {
		const url = new URL(request.url);
		const text = await request.text();
		const received = {
			method: request.method,
			path: url.pathname + url.search,
			body: text === '' ? null : (JSON.parse(text) as unknown)
		};
		this.received.push(received);
		if (this.unreachable) throw new TypeError('fetch failed');
		const route = this.#routes.find(({ method, path }) => method === received.method && path.test(received.path));
		return route === undefined ? problem('not_found', 404) : route.answer(received);
	};

	count(method: string, path: RegExp): number {
		return this.received.filter((request) => request.method === method && path.test(request.path)).length;
	}
}

export function json(body: unknown, status = 200): Response {
	return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
}

export function noContent(): Response {
	return new Response(null, { status: 204 });
}

export function problem(code: ErrorCode, status: number, more: object = {}): Response {
	return new Response(JSON.stringify({ type: `urn:voz:error:${code}`, status, code, ...more }), {
		status,
		headers: { 'Content-Type': 'application/problem+json' }
	});
}

export class FakeStorage {
	readonly values = new Map<string, string>();

	getItem(key: string): string | null {
		return this.values.get(key) ?? null;
	}
	setItem(key: string, value: string): void {
		this.values.set(key, value);
	}
	removeItem(key: string): void {
		this.values.delete(key);
	}
}

/** Web Locks of one browser: exclusive, in order. */
export class FakeLocks {
	#tail: Promise<unknown> = Promise.resolve();
	taken = 0;

	request(_name: string, run: () => Promise<unknown>): Promise<unknown> {
		const turn = this.#tail.then(() => {
			this.taken += 1;
			return run();
		});
		this.#tail = turn.catch(() => undefined);
		return turn;
	}
}
