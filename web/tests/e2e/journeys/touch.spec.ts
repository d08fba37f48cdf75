// SPDX-License-Identifier: Apache-2.0
// A phone by finger: layers by swipe, menus by a long press.
import { expect } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { BETO } from '../fixtures/people.ts';
import { CHANNEL, joinRoom, messages, microphone, occupant, room, write } from '../fixtures/steps.ts';
import { longPress, swipe } from '../fixtures/touch.ts';

const PHONE = { viewport: { width: 390, height: 844 }, touch: true };

test('layers by swipe; the voice bar stays', async ({ openHouse }) => {
	const { house } = await openHouse();
	const beto = await house.enter(BETO, 'chromium', PHONE);
	const { page } = beto;
	const content = messages(page);
	const channels = page.getByRole('region', { name: 'Canais e salas' });
	const people = page.getByRole('complementary', { name: 'Pessoas' });
	// A finger on what goes away when the messages come would be lost.
	await expect(content).toContainText('Ainda não há mensagens');
	await expect(channels).toBeHidden();

	await swipe(content, 200);
	await expect(channels).toBeVisible();
	await expect(channels, 'the keyboard goes with it').toBeFocused();
	await expect(content).toBeHidden();
	await expect(microphone(page)).toBeInViewport();
	await swipe(channels, 200);
	await expect(channels, 'there is nothing further').toBeVisible();

	await swipe(channels, -200);
	await expect(content).toBeVisible();
	await swipe(content, -200);
	await expect(people).toBeVisible();
	await expect(microphone(page)).toBeInViewport();
	await swipe(people, 200);
	await expect(people).toBeHidden();
	await expect(content).toBeVisible();

	await test.step('scrolling, a short way and a field are none', async () => {
		await swipe(content, 90, 300);
		await swipe(content, 40);
		await swipe(page.getByRole('textbox', { name: 'Escrever mensagem' }), 120);
		await expect(content).toBeVisible();
		await expect(channels).toBeHidden();
		await expect(people).toBeHidden();
	});
});

test('a long press opens the one menu of what is pressed, and is no click', async ({ openHouse }) => {
	const { house, ana } = await openHouse({ ana: PHONE });
	const beto = await house.enter(BETO);
	await joinRoom(beto);
	const { page } = ana;
	const menu = page.getByRole('menu');
	const shut = async () => {
		await page.keyboard.press('Escape');
		await expect(menu).toBeHidden();
	};
	await page.getByRole('button', { name: 'Ver canais e salas' }).tap();

	await longPress(page.getByRole('link', { name: CHANNEL, exact: true }));
	await expect(menu.getByRole('menuitem')).toContainText(['Mudar o nome', 'Apagar canal']);
	await shut();
	await expect(page.getByRole('region', { name: 'Canais e salas' }), 'the channel was not opened').toBeVisible();

	await longPress(room(page), { x: 60, y: 12 });
	await expect(menu.getByRole('menuitem').first()).toHaveText('Entrar na sala');
	await shut();
	await expect(page.getByText('Voz conectada'), 'the room was not entered').toBeHidden();

	await longPress(occupant(page, BETO));
	await expect(menu).toHaveCount(1);
	await expect(menu, 'from the middle too there is room').toBeInViewport({ ratio: 1 });
	await expect(menu.getByRole('menuitem')).toContainText(['Fechar o microfone', 'Tirar da sala']);
	await shut();

	await page.getByRole('button', { name: 'Voltar para o conteúdo' }).tap();
	await page.getByRole('button', { name: 'Pessoas' }).tap();
	const people = page.getByRole('complementary', { name: 'Pessoas' });
	await longPress(people.getByText(BETO.username, { exact: true }));
	await expect(menu.getByRole('menuitem')).toContainText(['Fechar o microfone', 'Tirar da sala']);
	await shut();

	await test.step('and by its button, with the focus back on it', async () => {
		const button = people.getByRole('button', { name: `Ações para ${BETO.username}` });
		await button.tap();
		await menu.getByRole('menuitem', { name: 'Fechar o microfone' }).tap();
		await expect(page.getByRole('dialog', { name: /Fechar o microfone/ })).toBeVisible();
		await page.keyboard.press('Escape');
		await expect(page.getByRole('dialog')).toBeHidden();
		await button.tap();
		await shut();
		await expect(button).toBeFocused();
	});
	await write(beto, 'tchau');
});
