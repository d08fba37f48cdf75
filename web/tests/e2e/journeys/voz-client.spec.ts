// SPDX-License-Identifier: Apache-2.0
// A person in a browser and a program without a screen, in one room.
import { expect } from '@playwright/test';
import { VozClient } from '../fixtures/client.ts';
import { hears, hearsNo } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO } from '../fixtures/people.ts';
import { joinRoom, microphone, occupant, ROOM } from '../fixtures/steps.ts';

test('a browser and voz-client hear each other', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	await joinRoom(ana);
	const client = VozClient.start(BETO, house.server.url, await house.invite({ max_uses: 1 }), ROOM);
	try {
		await hears(ana.page, BETO.hz);
		await expect(occupant(ana.page, BETO)).toContainText('falando');
		await expect
			.poll(() => client.loudness(ANA.hz), { message: 'the client hears Ana', timeout: 20_000 })
			.toBeGreaterThan(-30);
		await microphone(ana.page).click();
		await expect(microphone(ana.page)).toHaveAttribute('aria-pressed', 'true');
		await hears(ana.page, BETO.hz);

		await client.stop();
		expect(client.told()).toBe('voz-client: interrupted before it was over\n');
		await hearsNo(ana.page, BETO.hz);
		await expect(occupant(ana.page, BETO)).toBeHidden();
		// The edges of Ana's tone hold a little of every pitch; Beto's own would be louder than -10.
		expect(client.loudness(BETO.hz), 'the client does not hear itself').toBeLessThan(-40);
	} finally {
		await client.stop();
	}
});
