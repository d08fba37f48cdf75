// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Failure } from '$lib/state';
import { type SetupAnswers, stepErrors, stepOfFailure } from './draft';

function refusal(fields: Failure['fields']): Failure {
	return { code: 'validation', fields, retryAfterS: null, requestId: null };
}

test('the wizard goes back to the first step with a refused field', () => {
	expect(stepOfFailure(refusal({ 'community.rules': 'too_long', password: 'too_common' }))).toBe(0);
	expect(stepOfFailure(refusal({ instance_name: 'too_long' }))).toBe(1);
	expect(stepOfFailure(refusal({ 'community.name': 'empty' }))).toBe(3);
});

test('a refusal about no field moves nothing', () => {
	expect(stepOfFailure(refusal({}))).toBeNull();
});

test('a step is asked for what it asks', () => {
	const community = { name: ' ', text_channel: 'geral', room: '', rules: '' };
	const answers: SetupAnswers = { username: 'João', password: 'abc', instance_name: '', sign_up: 'invite', community };
	expect([0, 1, 2, 3].map((step) => stepErrors(step, answers))).toEqual([
		{ username: 'characters', password: 'too_short' },
		{ instance_name: 'empty' },
		{},
		{ 'community.name': 'empty', 'community.room': 'empty' }
	]);
});
