// SPDX-License-Identifier: Apache-2.0
/** What can be said of a new account before it is sent, in the server's codes; the server's rules (`crates/domain`) decide. */
import type { Failure, FieldError } from '$lib/state';

export type FieldErrors = Record<string, FieldError>;

const PASSWORD_MIN = 10;

export function accountErrors({ username, password }: { username: string; password: string }): FieldErrors {
	const errors: FieldErrors = {};
	const name = username.trim();
	if (name === '') errors['username'] = 'empty';
	else if (!/^[\w.-]+$/.test(name)) errors['username'] = 'characters';
	else if (name.length < 2) errors['username'] = 'too_short';
	if (password === '') errors['password'] = 'empty';
	else if ([...password].length < PASSWORD_MIN) errors['password'] = 'too_short';
	return errors;
}

/** As the server would refuse these fields; `null` where there are none. */
export function refusalOf(fields: FieldErrors): Failure | null {
	if (Object.keys(fields).length === 0) return null;
	return { code: 'validation', fields, retryAfterS: null, requestId: null };
}
