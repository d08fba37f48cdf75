// SPDX-License-Identifier: Apache-2.0
import { expect } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, type BrowserName } from '../fixtures/people.ts';
import { CHANNEL, message, messages, write } from '../fixtures/steps.ts';

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`both write, see it at once and after a reload, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		await expect(messages(beto.page)).toContainText('Ainda não há mensagens');
		await write(ana, 'Bom dia, gente!');
		await expect(message(beto.page, 'Bom dia, gente!')).toHaveCount(1);
		await write(beto, 'Bom dia, <b>Ana</b> & todo mundo 🌻');
		await expect(message(ana.page, 'Bom dia, <b>Ana</b> & todo mundo 🌻')).toHaveCount(1);
		await beto.page.getByRole('textbox', { name: 'Escrever mensagem' }).fill('uma');
		await beto.page.keyboard.press('Shift+Enter');
		await beto.page.keyboard.type('duas');
		await beto.page.getByRole('button', { name: 'Enviar' }).click();
		await expect(messages(ana.page).locator('[data-message]').last()).toContainText('uma\nduas', {
			useInnerText: true
		});
		for (const { page } of [ana, beto]) {
			await page.reload();
			await expect(messages(page).locator('[data-message]')).toHaveCount(3);
			await expect(message(page, 'Bom dia, gente!')).toContainText(ANA.username);
			await expect(message(page, 'Bom dia, <b>Ana</b> & todo mundo 🌻')).toContainText(BETO.username);
		}
		house.expectNoFaults();
	});
}

test('a long history comes in pages, in order, without a jump', async ({ openHouse }) => {
	const { house, ana } = await openHouse({ server: { config: '[limits.rates]\nmessage_per_user = "500/10s"\n' } });
	const total = 130;
	for (let number = 1; number <= total; number += 1) {
		const sent = await house.owner.call('POST', `/channels/${house.channelId}/messages`, {
			content: `mensagem ${number}`,
			nonce: `n${number}`
		});
		expect(sent.status, JSON.stringify(sent.body)).toBe(201);
	}
	const { page } = ana;
	await page.reload();
	await expect(message(page, `mensagem ${total}`)).toBeInViewport();
	await expect(message(page, 'mensagem 1')).toHaveCount(0);
	const all = messages(page).locator('[data-message] .txt');
	await messages(page).locator('[data-message]').last().focus();
	while ((await all.count()) < total) {
		const before = await all.count();
		const first = message(page, (await all.first().textContent()) ?? '');
		// To the oldest one that is there: more come by themselves.
		await page.keyboard.press('Home');
		await expect.poll(() => all.count()).toBeGreaterThan(before);
		await expect(first, 'the reader stays where the reader was').toBeInViewport();
		await expect(first).toBeFocused();
	}
	expect(await all.allTextContents()).toEqual(Array.from({ length: total }, (_, at) => `mensagem ${at + 1}`));
	await expect(messages(page)).toContainText(`Aqui começa ${CHANNEL}`);
	house.expectNoFaults();
});
