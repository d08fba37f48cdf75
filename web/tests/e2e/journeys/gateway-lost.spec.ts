// SPDX-License-Identifier: Apache-2.0
// The gateway's connection is lost and voice is not: people talk on, are told the truth, and nothing is made anew.
import { expect } from '@playwright/test';
import { hears, hearsNo, negotiations } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { passAll, refuseTcp } from '../fixtures/network.ts';
import { ANA, BETO, type BrowserName, SERVER_GONE } from '../fixtures/people.ts';
import { microphone, occupant, talk } from '../fixtures/steps.ts';

test.afterEach(passAll);

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`voice outlives the gateway, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		const people = [ana, beto];
		await talk(ana, beto);

		for (const person of people) person.expects(SERVER_GONE);
		refuseTcp(house.server.port);
		// What a browser tells its pages when the network changes; each then looks whether its connection lives.
		for (const { page } of people) await page.evaluate(() => dispatchEvent(new Event('offline')));
		for (const { page } of people) {
			await expect(page.getByText('A voz segue sem o servidor')).toBeVisible();
			await expect(page.getByText('Voz conectada')).toBeHidden();
			await expect(page.getByRole('tree'), 'nobody tells who stopped').not.toContainText('falando');
		}
		await hears(ana.page, BETO.hz);
		await hears(beto.page, ANA.hz);
		await microphone(beto.page).click();
		await hearsNo(ana.page, BETO.hz);

		passAll();
		for (const { page } of people) await expect(page.getByText('Voz conectada')).toBeVisible();
		await expect(occupant(ana.page, BETO), 'what nobody could be told is told now').toContainText('fechado');
		await expect(occupant(beto.page, ANA), 'who spoke all the while').toContainText('falando');
		await microphone(beto.page).click();
		await hears(ana.page, BETO.hz);
		for (const { page } of people) expect(await negotiations(page)).toMatchObject({ connections: 1, offers: 1 });
	});
}
