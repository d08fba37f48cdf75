// SPDX-License-Identifier: Apache-2.0
/** Words for what the server refused. The server sends codes; the sentences are ours. */
import { m } from '$lib/paraglide/messages';
import type { Failure, FailureCode, FieldError } from '$lib/state';
import { voiceFailureText } from './voice';

/** What happened and what to do. */
export function failureText(failure: Failure): string {
	const seconds = failure.retryAfterS ?? 60;
	const words: Record<FailureCode, () => string> = {
		bad_request: m.problem_bad_request,
		validation: m.problem_validation,
		unauthenticated: m.problem_unauthenticated,
		invalid_credentials: m.problem_invalid_credentials,
		forbidden: m.problem_forbidden,
		not_found: m.problem_not_found,
		origin_refused: m.problem_origin_refused,
		payload_too_large: m.problem_payload_too_large,
		rate_limited: () => m.problem_rate_limited({ seconds }),
		overloaded: () => m.problem_overloaded({ seconds }),
		internal: () =>
			failure.requestId
				? `${m.problem_internal()} ${m.problem_support({ id: failure.requestId })}`
				: m.problem_internal(),
		setup_token_invalid: m.problem_setup_token_invalid,
		setup_done: m.problem_setup_done,
		username_taken: m.problem_username_taken,
		sign_up_closed: () => `${m.problem_sign_up_closed()} ${m.sign_up_closed_text()}`,
		sign_up_invite_only: () => `${m.problem_sign_up_invite_only()} ${m.problem_ask_invite()}`,
		invite_not_found: () => `${inviteGoneTitle(failure.code)}. ${m.invite_ask_another()}`,
		invite_expired: () => `${inviteGoneTitle(failure.code)}. ${m.invite_ask_another()}`,
		invite_used_up: () => `${inviteGoneTitle(failure.code)}. ${m.invite_ask_another()}`,
		invite_revoked: () => `${inviteGoneTitle(failure.code)}. ${m.invite_ask_another()}`,
		rules_changed: m.problem_rules_changed,
		limit_reached: m.problem_limit_reached,
		voice_offer_unsupported: () => voiceFailureText('V-NAVEGADOR'),
		room_full: () => voiceFailureText('V-SALA-CHEIA'),
		not_in_room: m.problem_not_in_room,
		voice_unavailable: () => voiceFailureText('V-VOZ-PARADA'),
		command_unexpected: m.problem_outdated,
		network_unreachable: m.problem_network,
		answer_unreadable: m.problem_answer_unreadable,
		timeout: m.problem_timeout,
		not_connected: m.problem_not_connected
	};
	// A code that is not here is of a server that is newer than this page.
	return (words[failure.code] ?? m.problem_outdated)();
}

/** Why an invite opens nothing, as a title. */
export function inviteGoneTitle(code: FailureCode): string {
	switch (code) {
		case 'invite_expired':
			return m.problem_invite_expired();
		case 'invite_used_up':
			return m.problem_invite_used_up();
		case 'invite_revoked':
			return m.problem_invite_revoked();
		default:
			return m.problem_invite_not_found();
	}
}

/** What is wrong with one field, `undefined` when nothing is. `field` is the wire's name of it. */
export function fieldText(failure: Failure | null, field: string): string | undefined {
	if (failure === null) return undefined;
	if (failure.code === 'username_taken' && field === 'username') return m.problem_username_taken();
	const error = failure.fields[field];
	return error === undefined ? undefined : fieldErrorText(error, field);
}

/** True when the failure is told at its field, so that it need not be told again. */
export function isToldAtField(failure: Failure): boolean {
	return failure.code === 'username_taken' || (failure.code === 'validation' && Object.keys(failure.fields).length > 0);
}

function fieldErrorText(error: FieldError, field: string): string {
	if (error === 'too_short' && field === 'username') return m.field_username_too_short();
	if (error === 'characters' && field === 'username') return m.field_username_characters();
	if (error === 'too_short' && field === 'password') return m.field_password_too_short();
	const words: Record<FieldError, () => string> = {
		empty: m.field_empty,
		too_short: m.field_too_short,
		too_long: m.field_too_long,
		characters: m.field_characters,
		too_common: m.field_too_common,
		out_of_range: m.field_out_of_range
	};
	return (words[error] ?? m.field_characters)();
}
