// SPDX-License-Identifier: Apache-2.0
/** Node without a DOM, but with what a browser is sent: runes work as they do there. */
import type { Environment } from 'vitest/environments';

export default {
	name: 'browser-code',
	viteEnvironment: 'client',
	setup: () => ({ teardown() {} })
} satisfies Environment;
