// SPDX-License-Identifier: Apache-2.0
// kill -9: nobody reloads, nobody clicks; voice comes back, what was acknowledged is there, nothing appears twice.
import { expect } from '@playwright/test';
import { hears, hearsNo } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, type BrowserName, SERVER_GONE } from '../fixtures/people.ts';
import { message, messages, occupant, talk, write } from '../fixtures/steps.ts';

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`after kill -9 both are back in the room, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		const people = [ana, beto];
		await talk(ana, beto);
		for (const { page } of people) await expect(occupant(page, BETO)).toContainText('falando');
		await write(ana, 'antes, da Ana');
		await write(beto, 'antes, do Beto');
		for (const { page } of people) {
			await expect(message(page, 'antes, da Ana')).toHaveCount(1);
			await expect(message(page, 'antes, do Beto')).toHaveCount(1);
			await expect(messages(page).getByText('Enviando…')).toHaveCount(0);
			// Gone after a reload.
			await page.evaluate(() => Object.assign(window, { sameDocument: true }));
		}

		for (const person of people) person.expects(SERVER_GONE);
		await house.server.kill();
		await hearsNo(ana.page, BETO.hz);
		await hearsNo(beto.page, ANA.hz);
		for (const { page } of people) {
			await expect(page.getByText(/^Sem conexão com o servidor/)).toBeVisible();
			await expect(page.getByRole('tree'), 'nobody hears anybody').not.toContainText('falando');
		}
		await write(ana, 'no escuro, da Ana');
		await write(beto, 'no escuro, do Beto');
		await expect(message(ana.page, 'no escuro, da Ana')).toContainText('Enviando…');
		await expect(message(beto.page, 'no escuro, do Beto')).toContainText('Enviando…');

		await house.server.run();
		await hears(ana.page, BETO.hz);
		await hears(beto.page, ANA.hz);
		for (const { page } of people) {
			await expect(page.getByText('Voz conectada')).toBeVisible();
			await expect(page.getByText(/^Sem conexão com o servidor/)).toBeHidden();
			await expect(occupant(page, ANA)).toContainText('falando');
			await expect(occupant(page, BETO)).toContainText('falando');
			for (const text of ['antes, da Ana', 'antes, do Beto', 'no escuro, da Ana', 'no escuro, do Beto']) {
				await expect(message(page, text)).toHaveCount(1);
			}
			await expect(messages(page).getByText('Enviando…')).toHaveCount(0);
			expect(await page.evaluate(() => 'sameDocument' in window), 'nobody reloaded').toBe(true);
		}
		await hearsNo(ana.page, ANA.hz);
		await hearsNo(beto.page, BETO.hz);

		await test.step('the server has each message once', async () => {
			const page = await house.owner.call<{ items: { content: string }[] }>(
				'GET',
				`/channels/${house.channelId}/messages`
			);
			expect(page.body.items.map((item) => item.content).sort()).toEqual([
				'antes, da Ana',
				'antes, do Beto',
				'no escuro, da Ana',
				'no escuro, do Beto'
			]);
		});
		await test.step('a reload offers the way back', async () => {
			await beto.page.reload();
			await expect(message(beto.page, 'no escuro, da Ana')).toHaveCount(1);
			await beto.page.getByRole('button', { name: 'Entrar de novo' }).click();
			await hears(beto.page, ANA.hz);
			await hears(ana.page, BETO.hz);
		});
	});
}
