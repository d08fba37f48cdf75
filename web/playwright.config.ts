// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from '@playwright/test';

// Browsers are started by the tests themselves: each person has a browser of its own with a tone of
// its own in the microphone. A project says which browser the voice and text journeys use for the second person.
export default defineConfig({
	testDir: 'tests/e2e',
	testIgnore: 'screenshots/**',
	outputDir: '../target/e2e',
	timeout: 90_000,
	expect: { timeout: 15_000 },
	workers: 1,
	retries: 1,
	reporter: [['list'], ['./tests/e2e/fixtures/retries.ts']],
	forbidOnly: true,
	use: { actionTimeout: 15_000, navigationTimeout: 15_000 }
});
