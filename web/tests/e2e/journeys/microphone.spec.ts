// SPDX-License-Identifier: Apache-2.0
// The microphone while inside.
import { expect, type Page } from '@playwright/test';
import { hears, hearsNo, negotiations } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { BETO, type BrowserName } from '../fixtures/people.ts';
import { joinRoom, microphone } from '../fixtures/steps.ts';

/** The track that is sent, and what it was opened with. */
function sent(page: Page) {
	return page.evaluate(() => {
		const [sender] = window.vozTest.connections.at(-1)?.getSenders() ?? [];
		return { id: sender?.track?.id, automaticVolume: sender?.track?.getSettings().autoGainControl };
	});
}

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`automatic volume, switched while inside, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		const { page } = beto;
		await joinRoom(ana);
		await joinRoom(beto);
		await hears(ana.page, BETO.hz);
		const before = await negotiations(page);
		await page.getByRole('link', { name: 'Ajustes' }).click();

		async function turn(on: boolean): Promise<void> {
			const { id } = await sent(page);
			await page.getByRole('switch', { name: 'Volume automático' }).setChecked(on);
			await expect.poll(async () => (await sent(page)).id).not.toBe(id);
			// Firefox’s simulated microphone never says that it has it.
			if (second === 'chromium') expect((await sent(page)).automaticVolume).toBe(on);
		}

		await turn(true);
		await hears(ana.page, BETO.hz);
		await microphone(page).click();
		await hearsNo(ana.page, BETO.hz);
		await turn(false);
		await hearsNo(ana.page, BETO.hz);
		await microphone(page).click();
		await hears(ana.page, BETO.hz);
		expect(await negotiations(page)).toEqual(before);
		house.expectNoFaults();
	});
}
