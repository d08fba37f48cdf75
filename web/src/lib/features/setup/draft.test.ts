// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Failure } from '$lib/state';
import { stepOfFailure } from './draft';

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
