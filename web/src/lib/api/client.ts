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
	/** The server no longer knows this session. */
	onSignedOut: () => void;
}

/** The operations, typed by their paths; each call is wrapped in [`resultOf`]. */
export type Api = Client<paths>;

export function createApi(boundary: ApiBoundary): Api {
	const { mark } = boundary;
	const refresh = new SessionRefresh(boundary);

	async function fetchWithSession(request: Request): Promise<Response> {
		const again = request.clone();
		// Sure to be refused: refresh first. Whatever comes of it, the request's own answer decides.
		if (mark.isStale()) await refresh.run(mark.read());
		const seen = mark.read();
		const response = await boundary.fetch(withDeadline(request));
		if (!(await isUnauthenticated(response))) return response;
		switch (await refresh.run(seen)) {
			case 'refreshed': {
				const second = await boundary.fetch(withDeadline(again));
				if (await isUnauthenticated(second)) signedOut();
				return second;
			}
			case 'signed_out':
				signedOut();
				return response;
			case 'unreachable':
				throw new TypeError('the session could not be refreshed: no answer');
		}
	}

	function signedOut(): void {
		mark.clear();
		boundary.onSignedOut();
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
