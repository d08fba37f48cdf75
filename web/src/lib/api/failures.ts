// SPDX-License-Identifier: Apache-2.0
/** What an action gives back: a value, or why not. Nothing of ours throws for what comes from outside. */
import type { ErrorCode, FieldError } from './types';

/** The wire's codes and those for which no answer came. */
export type FailureCode =
	| ErrorCode
	/** No answer: no network, or no server behind it. */
	| 'network_unreachable'
	/** An answer came that is not of this protocol. */
	| 'answer_unreadable'
	/** A gateway command was not answered in time. */
	| 'timeout'
	/** The gateway is not connected, or was lost before the answer. */
	| 'not_connected';

/** Why something was refused or did not happen. */
export interface Failure {
	code: FailureCode;
	/** Field name → what is wrong; filled with `validation`. */
	fields: Record<string, FieldError>;
	/** Seconds to wait; with `rate_limited` and `overloaded`. */
	retryAfterS: number | null;
	/** Names the failure in the server's log; with `internal`. */
	requestId: string | null;
}

export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export function succeeded<T>(value: T): Result<T> {
	return { ok: true, value };
}

export function failed(failure: Failure): { ok: false; failure: Failure } {
	return { ok: false, failure };
}

/** A failure that has nothing but its code. */
export function failureOf(code: FailureCode): Failure {
	return { code, fields: {}, retryAfterS: null, requestId: null };
}

/**
 * Reads the body of a refused request or command (RFC 9457).
 * @param body parsed JSON, or text that is none
 * @param status HTTP status when there is one: a gateway's own error page means that the server is gone
 */
export function failureFromProblem(body: unknown, status?: number): Failure {
	if (typeof body !== 'object' || body === null || !('code' in body) || typeof body.code !== 'string') {
		return failureOf(status !== undefined && status >= 500 ? 'network_unreachable' : 'answer_unreadable');
	}
	const problem = body as Record<string, unknown>;
	return {
		code: body.code as ErrorCode,
		fields: (problem['fields'] as Record<string, FieldError> | undefined) ?? {},
		retryAfterS: typeof problem['retry_after_s'] === 'number' ? problem['retry_after_s'] : null,
		requestId: typeof problem['request_id'] === 'string' ? problem['request_id'] : null
	};
}
