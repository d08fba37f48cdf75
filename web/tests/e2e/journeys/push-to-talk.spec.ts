// SPDX-License-Identifier: Apache-2.0
import { expect } from '@playwright/test';
import { hears, hearsNo } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, type BrowserName, type Person } from '../fixtures/people.ts';
import { headphones, joinRoom, leaveRoom, microphone, occupant, room } from '../fixtures/steps.ts';

async function choose(person: Person, press: () => Promise<void>, name: string): Promise<void> {
	const { page } = person;
	await page.getByRole('link', { name: 'Ajustes' }).click();
	await page.getByRole('radio', { name: /Só com a tecla/ }).check();
	await page.getByRole('button', { name: 'Trocar a tecla para falar' }).click();
	await expect(page.getByText('Aperte a tecla nova. Esc desiste.')).toBeVisible();
	await press();
	await expect(page.getByRole('group', { name: 'Tecla para falar' }).getByRole('status')).toContainText(name);
}

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`push-to-talk, chosen in the settings, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		const { page } = beto;
		await joinRoom(ana);
		await joinRoom(beto);
		await hears(ana.page, BETO.hz);

		await test.step('chosen while in the room: silent at once', async () => {
			await page.getByRole('link', { name: 'Ajustes' }).click();
			await page.getByRole('radio', { name: /Só com a tecla/ }).check();
			await hearsNo(ana.page, BETO.hz);
			await page.getByRole('button', { name: 'Trocar a tecla para falar' }).click();
			await expect(page.getByText('Aperte a tecla nova. Esc desiste.')).toBeVisible();
			await page.keyboard.press('KeyT');
			await expect(page.getByRole('group', { name: 'Tecla para falar' }).getByRole('status')).toContainText('T');
			await hearsNo(ana.page, BETO.hz);
			await page.getByRole('link', { name: 'Voltar' }).click();
			await expect(room(page)).toBeVisible();
		});

		await test.step('key down: heard; up: silent', async () => {
			await expect(microphone(page)).toContainText('Com tecla');
			for (let word = 0; word < 2; word += 1) {
				await page.keyboard.down('KeyT');
				await hears(ana.page, BETO.hz);
				await expect(occupant(ana.page, BETO)).toContainText('falando');
				await expect(microphone(page)).toContainText('Aberto');
				await page.keyboard.up('KeyT');
				await hearsNo(ana.page, BETO.hz);
				await expect(occupant(ana.page, BETO)).not.toContainText('falando');
			}
			await hears(page, ANA.hz);
		});

		await test.step('the key writes in a text field and does not talk', async () => {
			const composer = page.getByRole('textbox', { name: 'Escrever mensagem' });
			await composer.focus();
			await page.keyboard.down('KeyT');
			await expect(composer).toHaveValue('t');
			await expect(microphone(page)).toContainText('Com tecla');
			await page.keyboard.up('KeyT');
			await composer.fill('');
		});

		await test.step('a button does the same, by mouse and by space bar', async () => {
			await page.getByRole('link', { name: 'Sala de conversa' }).click();
			const hold = page.getByRole('button', { name: 'Segurar para falar' });
			await hold.hover();
			await page.mouse.down();
			await hears(ana.page, BETO.hz);
			await page.mouse.up();
			await hearsNo(ana.page, BETO.hz);
			await hold.focus();
			await page.keyboard.down('Space');
			await hears(ana.page, BETO.hz);
			await page.keyboard.up('Space');
			await hearsNo(ana.page, BETO.hz);
		});

		await test.step('another key, still after a reload', async () => {
			await page.reload();
			await page.getByRole('button', { name: 'Entrar de novo' }).click();
			await hears(page, ANA.hz);
			await page.keyboard.down('KeyT');
			await hears(ana.page, BETO.hz);
			await page.keyboard.up('KeyT');
			await hearsNo(ana.page, BETO.hz);
		});
	});
}

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`the space bar after a click, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		const { page } = beto;
		await joinRoom(ana);
		const pressLong = async () => {
			await page.keyboard.down('Space');
			await page.keyboard.down('Space');
			await page.keyboard.up('Space');
		};
		await choose(beto, pressLong, 'Espaço');
		await page.getByRole('link', { name: 'Voltar' }).click();
		const word = async () => {
			await page.keyboard.down('Space');
			await hears(ana.page, BETO.hz);
			await page.keyboard.up('Space');
			await hearsNo(ana.page, BETO.hz);
		};

		await test.step('what was clicked is not pressed, the second time neither', async () => {
			await joinRoom(beto);
			const { href } = new URL(page.url());
			await word();
			await word();
			await expect(page, 'the room view does not open').toHaveURL(href);
			await headphones(page).click();
			await headphones(page).click();
			await word();
			await word();
			await expect(headphones(page)).toHaveAttribute('aria-pressed', 'false');
		});

		await test.step('what the keyboard brought the focus to is pressed', async () => {
			await page.keyboard.press('Shift+Tab');
			await expect(microphone(page)).toBeFocused();
			await page.keyboard.press('Tab');
			await page.keyboard.press('Space');
			await expect(headphones(page)).toHaveAttribute('aria-pressed', 'true');
			await page.keyboard.press('Enter');
			await expect(headphones(page)).toHaveAttribute('aria-pressed', 'false');
			await headphones(page).click();
			await headphones(page).click();
			await word();
			await expect(headphones(page), 'and then clicked: not pressed').toHaveAttribute('aria-pressed', 'false');
		});
	});
}

test('the mouse button that goes back', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const beto = await house.enter(BETO);
	const { page } = beto;
	const mouse = await page.context().newCDPSession(page);
	const button = { x: 900, y: 700, button: 'back', clickCount: 1 } as const;
	const down = () => mouse.send('Input.dispatchMouseEvent', { ...button, type: 'mousePressed', buttons: 8 });
	const up = () => mouse.send('Input.dispatchMouseEvent', { ...button, type: 'mouseReleased', buttons: 0 });
	await joinRoom(ana);
	await joinRoom(beto);
	const press = async () => {
		await down();
		await up();
	};
	await choose(beto, press, 'Botão 4 do mouse');
	await down();
	await hears(ana.page, BETO.hz);
	await up();
	await hearsNo(ana.page, BETO.hz);
	await expect(page.getByRole('radio', { name: /Só com a tecla/ }), 'still in the settings').toBeVisible();
	await leaveRoom(beto);
	await press();
	await expect(room(page), 'in no room it goes back').toBeVisible();
	await expect(page.getByRole('radio', { name: /Só com a tecla/ })).toBeHidden();
});
