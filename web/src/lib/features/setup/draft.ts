// SPDX-License-Identifier: Apache-2.0
/** What the wizard asks, and at which of its steps a refused field is. */
import type { Failure, SetupForm } from '$lib/state';

export type SetupAnswers = Omit<SetupForm, 'token'>;

export const LAST_STEP = 3;

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
