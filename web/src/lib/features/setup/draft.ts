// SPDX-License-Identifier: Apache-2.0
/** What the wizard asks, and at which of its steps a refused field is. */
import type { Failure, SetupForm } from '$lib/state';
import { accountErrors, type FieldErrors } from '../account/new_account';

export type SetupAnswers = Omit<SetupForm, 'token'>;

export const LAST_STEP = 3;

/** What has to be mended before the next step; the rest is the server's to refuse. */
export function stepErrors(step: number, { username, password, instance_name, community }: SetupAnswers): FieldErrors {
	if (step === 0) return accountErrors({ username, password });
	const names = {
		instance_name,
		'community.name': community.name,
		'community.text_channel': community.text_channel,
		'community.room': community.room
	};
	const empty = Object.entries(names).filter(([field, name]) => stepOfField(field) === step && name.trim() === '');
	return Object.fromEntries(empty.map(([field]) => [field, 'empty']));
}

/** The step that asks for the first refused field; `null` when the refusal is about none. */
export function stepOfFailure(failure: Failure): number | null {
	const steps = Object.keys(failure.fields).map(stepOfField);
	return steps.length === 0 ? null : Math.min(...steps);
}

function stepOfField(field: string): number {
	if (field === 'username' || field === 'password') return 0;
	if (field === 'instance_name') return 1;
	if (field === 'sign_up') return 2;
	return LAST_STEP;
}
