// SPDX-License-Identifier: Apache-2.0
// UDP that is dropped on the way while everything else arrives: it is noticed, told, and voice comes back by itself.
import { expect } from '@playwright/test';
import { hears, hearsNo, negotiations, reportsReceived } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { dropUdp, passAll } from '../fixtures/network.ts';
import { ANA, BETO, type BrowserName } from '../fixtures/people.ts';
import { headphones, joinRoom, message, microphone, room, talk, write } from '../fixtures/steps.ts';

test.afterEach(passAll);

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`in the middle of a conversation, with ${second}`, async ({ openHouse }, info) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		await talk(ana, beto);
		await beto.page.evaluate(() => Object.assign(window, { sameDocument: true }));

		dropUdp();
		const dropped = Date.now();
		for (const { page } of [ana, beto]) {
			await expect(page.getByText('Voltando para a sala')).toBeVisible({ timeout: 6_000 });
			await expect(page.getByText('A conexão de voz caiu')).toBeVisible();
			await expect(page.getByText('Voz conectada')).toBeHidden();
		}
		const noticedMs = Date.now() - dropped;
		await hearsNo(beto.page, ANA.hz);
		await write(beto, 'caiu a voz, mas leio vocês');
		await expect(message(ana.page, 'caiu a voz, mas leio vocês')).toHaveCount(1);
		await expect(beto.page.getByText(/^Sem conexão com o servidor/)).toBeHidden();

		passAll();
		const passed = Date.now();
		await Promise.all([hears(ana.page, BETO.hz), hears(beto.page, ANA.hz)]);
		const backMs = Date.now() - passed;
		info.annotations.push({ type: 'ms', description: `noticed after ${noticedMs}, heard again ${backMs} after` });
		console.log(info.annotations.at(-1)?.description);
		expect(noticedMs).toBeLessThan(6_000);
		expect(backMs).toBeLessThan(6_000);
		for (const { page } of [ana, beto]) await expect(page.getByText('Voz conectada')).toBeVisible();
		expect(await beto.page.evaluate(() => 'sameDocument' in window), 'nobody reloaded').toBe(true);
	});

	test(`from the start, with ${second}`, async ({ openHouse }) => {
		const { house } = await openHouse();
		const beto = await house.enter(BETO, second);
		dropUdp();
		await room(beto.page).click({ position: { x: 60, y: 12 } });
		const bar = beto.page.getByRole('region', { name: 'Sua voz' });
		await expect(bar.getByRole('alert')).toContainText('A rede daqui bloqueia chamadas de voz', { timeout: 20_000 });
		await expect(bar).toContainText('Tente por outra rede, como os dados do celular.');
		await expect(bar).toContainText('V-UDP-BLOQ');
		await expect(room(beto.page)).toHaveAccessibleName(/vazia/);

		passAll();
		await bar.getByRole('button', { name: 'Tentar de novo' }).click();
		await expect(bar).toContainText('Voz conectada');
	});

	test(`never: who is alone, muted and deafened is not taken for lost, with ${second}`, async ({ openHouse }) => {
		const { house } = await openHouse();
		const beto = await house.enter(BETO, second);
		await joinRoom(beto);
		await microphone(beto.page).click();
		await headphones(beto.page).click();
		const before = await reportsReceived(beto.page);
		// One a second: longer than any silence that counts as broken.
		await expect.poll(() => reportsReceived(beto.page), { timeout: 30_000 }).toBeGreaterThan(before + 8);
		expect(await negotiations(beto.page)).toMatchObject({ connections: 1 });
		await expect(beto.page.getByText('Voz conectada')).toBeVisible();
	});
}
