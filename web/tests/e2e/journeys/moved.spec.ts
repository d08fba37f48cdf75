// SPDX-License-Identifier: Apache-2.0
// A client that comes from another address, as behind a router that lost its table: voice follows it, over the
// same connection, once its browser has answered a check of the server's.
import { expect } from '@playwright/test';
import { hears, hearsNo, negotiations } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { moveVoice, passAll } from '../fixtures/network.ts';
import { ANA, BETO } from '../fixtures/people.ts';
import { joinRoom } from '../fixtures/steps.ts';

test.afterEach(passAll);

test('voice follows both to their new addresses', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const beto = await house.enter(BETO, 'chromium');
	await joinRoom(ana);
	await joinRoom(beto);
	await hears(ana.page, BETO.hz);
	await hears(beto.page, ANA.hz);

	const { moved, settle } = moveVoice(house.server.port);
	await expect.poll(moved).toBe(2);
	await hearsNo(ana.page, BETO.hz);
	await hearsNo(beto.page, ANA.hz);
	settle();
	await hears(ana.page, BETO.hz);
	await hears(beto.page, ANA.hz);
	for (const { page } of [ana, beto]) expect(await negotiations(page)).toMatchObject({ connections: 1 });
});
