// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from '@playwright/test';
import journeys from './playwright.config.ts';

// Pictures are no check: they are made apart from the journeys, by `npm run screenshots`.
export default defineConfig({
	...journeys,
	testDir: 'tests/e2e/screenshots',
	testIgnore: [],
	retries: 0
});
