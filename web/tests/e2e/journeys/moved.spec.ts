// SPDX-License-Identifier: Apache-2.0
// A client that comes from another address, as behind a router that lost its table: voice follows it, over the
// same connection, once its browser has answered a check of the server's.
import { expect } from '@playwright/test';
import { hears, negotiations } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { moveVoice, passAll } from '../fixtures/network.ts';
import { ANA, BETO, type BrowserName } from '../fixtures/people.ts';
import { talk } from '../fixtures/steps.ts';

test.afterEach(passAll);

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`voice follows both to their new addresses, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		await talk(ana, beto);

		const { moved, settle, followed } = moveVoice(house.server.port);
		await expect.poll(moved).toBe(2);
		expect(followed()).toBe(0);
		settle();
		// A second of voice for each.
		await expect.poll(followed, { timeout: 20_000 }).toBeGreaterThan(100);
		await hears(ana.page, BETO.hz);
		await hears(beto.page, ANA.hz);
		// Firefox checks its path every five seconds only: its page may have made another connection by then.
		for (const { page } of second === 'chromium' ? [ana, beto] : [ana]) {
			expect(await negotiations(page)).toMatchObject({ connections: 1 });
		}
	});
}
