// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP API. A request refused with `unauthenticated` is sent again after one refresh of the session; when the
 * session is over, `onSignedOut` is called and the refusal goes to the caller.
 */
import createClient, { type Client } from 'openapi-fetch';
import { failed, failureFromProblem, failureOf, succeeded, type Result } from './failures';
import { SessionRefresh, type RefreshBoundary } from './refresh';
import type { paths } from './schema';

const TIMEOUT_MS = 30_000;

export interface ApiBoundary extends RefreshBoundary {
	/** The server no longer knows the session of a request; its mark is gone. */
	onSignedOut: () => void;
	/**
	 * Asked when a request begins. What it gives is asked before each sending: false where the cookies, which all tabs
	 * share, are no longer those of the person for whom the request was made. It is not sent then.
	 */
	guard: (changes: boolean) => () => boolean;
}

/** The operations, typed by their paths; each call is wrapped in [`resultOf`]. */
export type Api = Client<paths>;

export function createApi(boundary: ApiBoundary): Api {
	const { mark } = boundary;
	const refresh = new SessionRefresh(boundary);

	async function fetchWithSession(request: Request): Promise<Response> {
		const again = request.clone();
		const mayAct = boundary.guard(request.method !== 'GET');
		async function send(request: Request): Promise<Response> {
			if (!mayAct()) throw new TypeError('another tab signed in or out');
			return boundary.fetch(withDeadline(request));
		}
		// Sure to be refused: refresh first. Whatever comes of it, the request's own answer decides.
		if (mark.isStale()) await refresh.run(mark.read());
		const seen = mark.read();
		const response = await send(request);
		if (!(await isUnauthenticated(response))) return response;
		switch (await refresh.run(seen)) {
			case 'refreshed': {
				const { session } = mark;
				const second = await send(again);
				if (await isUnauthenticated(second)) {
					mark.clear(session);
					boundary.onSignedOut();
				}
				return second;
			}
			case 'signed_out':
				boundary.onSignedOut();
				return response;
			case 'unreachable':
				throw new TypeError('the session could not be refreshed: no answer');
		}
	}

	return createClient<paths>({ baseUrl: boundary.origin, fetch: fetchWithSession });
}

function withDeadline(request: Request): Request {
	return new Request(request, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}

async function isUnauthenticated(response: Response): Promise<boolean> {
	if (response.status !== 401) return false;
	try {
		return failureFromProblem(await response.clone().json()).code === 'unauthenticated';
	} catch {
		return false;
	}
}

/** Turns an answer, a refusal or a broken connection into a [`Result`]. */
export async function resultOf<T>(
	call: Promise<{ data?: T; error?: unknown; response: Response }>
): Promise<Result<T>> {
	let answer;
	try {
		answer = await call;
	} catch (error) {
		return failed(failureOf(error instanceof SyntaxError ? 'answer_unreadable' : 'network_unreachable'));
	}
	if (answer.response.ok) return succeeded(answer.data as T);
	return failed(failureFromProblem(answer.error, answer.response.status));
}

/** Like [`resultOf`], where success has no body (204). */
export async function doneOf(call: Promise<{ error?: unknown; response: Response }>): Promise<Result<void>> {
	const result = await resultOf(call);
	return result.ok ? succeeded(undefined) : result;
}
