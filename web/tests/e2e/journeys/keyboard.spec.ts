// SPDX-License-Identifier: Apache-2.0
// Without a mouse: into the community, into a room, out again; on a phone: by the buttons of the layers.
import { expect, type Page } from '@playwright/test';
import { hears, hearsNo } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, CAIO, PASSWORD } from '../fixtures/people.ts';
import { headphones, joinRoom, message, microphone, room } from '../fixtures/steps.ts';

/** Presses Tab until the element has the focus, as someone would who looks where it is. */
async function tabTo(page: Page, role: Parameters<Page['getByRole']>[0], name: string | RegExp): Promise<void> {
	const target = page.getByRole(role, { name });
	for (let presses = 0; presses < 40; presses += 1) {
		if (await target.evaluate((element) => element === document.activeElement)) {
			await expect(target, 'what has the focus can be seen').toBeInViewport();
			return;
		}
		await page.keyboard.press('Tab');
	}
	throw new Error(`the Tab key does not reach ${role} ${name}`);
}

test('a room by keyboard alone', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	await joinRoom(ana);
	await house.signUp(BETO);
	const beto = await house.arrive(BETO);
	const { page } = beto;

	await page.goto(`${house.server.url}/`);
	await tabTo(page, 'link', 'Entrar');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { level: 1, name: 'Entre com a sua conta' })).toBeVisible();
	await tabTo(page, 'textbox', 'Nome de usuário');
	await page.keyboard.type(BETO.username);
	await tabTo(page, 'textbox', 'Senha');
	await page.keyboard.type(PASSWORD);
	await page.keyboard.press('Enter');
	await expect(room(page)).toBeVisible();

	await test.step('the room list is one stop; arrows move; Enter joins', async () => {
		await tabTo(page, 'treeitem', /^Sala de conversa/);
		await page.keyboard.press('ArrowRight');
		await expect(page.getByRole('treeitem', { name: /^ana/ })).toBeFocused();
		await page.keyboard.press('ArrowLeft');
		await expect(room(page)).toBeFocused();
		await page.keyboard.press('ArrowLeft');
		await expect(room(page)).toHaveAttribute('aria-expanded', 'false');
		await page.keyboard.press('ArrowRight');
		await expect(room(page)).toHaveAttribute('aria-expanded', 'true');
		await page.keyboard.press('Enter');
		await hears(page, ANA.hz);
		await hears(ana.page, BETO.hz);
	});

	await test.step('shortcuts: mute and deafen from anywhere', async () => {
		await page.keyboard.press('Control+Shift+M');
		await expect(microphone(page)).toHaveAttribute('aria-pressed', 'true');
		await hearsNo(ana.page, BETO.hz);
		await page.keyboard.press('Control+Shift+M');
		await hears(ana.page, BETO.hz);
		await page.keyboard.press('Control+Shift+D');
		await expect(headphones(page)).toHaveAttribute('aria-pressed', 'true');
		await hearsNo(page, ANA.hz);
		await page.keyboard.press('Control+Shift+D');
		await hears(page, ANA.hz);
	});

	await test.step('pressed faster than it can be said: no old news afterwards', async () => {
		for (let press = 0; press < 4; press += 1) await page.keyboard.press('Control+Shift+M');
		const said = await page.evaluate(async () => {
			const region = document.querySelector('[role="status"].sr[aria-live="polite"]');
			if (region === null) throw new Error('nothing is read out');
			const later: string[] = [];
			await new Promise<void>((resolve) => {
				const look = new MutationObserver(() => {
					if (region.textContent === '') resolve();
					else later.push(region.textContent);
				});
				look.observe(region, { childList: true, characterData: true, subtree: true });
				if (region.textContent === '') resolve();
			});
			return later;
		});
		expect(said).not.toContain('Microfone: Fechado');
		await hears(ana.page, BETO.hz);
	});

	await test.step('a message', async () => {
		await tabTo(page, 'textbox', 'Escrever mensagem');
		await page.keyboard.type('sem mouse');
		await page.keyboard.press('Enter');
		await expect(message(ana.page, 'sem mouse')).toHaveCount(1);
		// No trap: the composer lets go.
		await page.keyboard.press('Shift+Tab');
		await expect(page.getByRole('textbox', { name: 'Escrever mensagem' })).not.toBeFocused();
	});

	await test.step('out', async () => {
		await tabTo(page, 'button', 'Sair da sala');
		await page.keyboard.press('Enter');
		await hearsNo(ana.page, BETO.hz);
		await expect(room(ana.page)).toHaveAccessibleName(/1 pessoa/);
	});
});

test('shortcuts: channels, the list of shortcuts, and the focus comes back', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	for (const name of ['avisos', 'fotos']) {
		const made = await house.owner.call('POST', `/communities/${house.communityId}/channels`, { kind: 'text', name });
		expect(made.status, JSON.stringify(made.body)).toBe(201);
	}
	const { page } = ana;
	const title = (name: string) => page.getByRole('heading', { level: 1, name, exact: true });
	await expect(page.getByRole('link', { name: 'fotos' })).toBeVisible();
	for (const [key, name] of [
		['Alt+ArrowDown', 'avisos'],
		['Alt+ArrowDown', 'fotos'],
		['Alt+ArrowDown', 'fotos'],
		['Alt+ArrowUp', 'avisos'],
		['Alt+ArrowUp', 'geral']
	] as const) {
		await page.keyboard.press(key);
		await expect(title(name)).toBeVisible();
	}
	const composer = page.getByRole('textbox', { name: 'Escrever mensagem' });
	await composer.fill('pela metade');
	await page.keyboard.press('Control+/');
	const list = page.getByRole('dialog', { name: 'Atalhos do teclado' });
	await expect(list.getByRole('term')).toHaveText([
		'Silenciar ou ativar o microfone',
		'Parar ou voltar a ouvir',
		'Canal anterior',
		'Próximo canal',
		'Mostrar esta lista'
	]);
	await page.keyboard.press('Escape');
	await expect(list).toBeHidden();
	await expect(composer).toBeFocused();
	await expect(composer, 'and what was begun').toHaveValue('pela metade');

	await test.step('the people panel: one stop, arrows, its menu, and back', async () => {
		await house.enter(BETO);
		await house.signUp(CAIO);
		const people = page.getByRole('complementary', { name: 'Pessoas' });
		await tabTo(page, 'button', 'Ações para beto');
		await page.keyboard.press('ArrowDown');
		const button = people.getByRole('button', { name: 'Ações para caio' });
		await expect(button).toBeFocused();
		await page.keyboard.press('Enter');
		await page.keyboard.press('ArrowDown');
		await expect(page.getByRole('menuitem', { name: 'Fechar o microfone' })).toBeFocused();
		await page.keyboard.press('Escape');
		await expect(button).toBeFocused();
		await page.keyboard.press('Shift+F10');
		await expect(page.getByRole('menu')).toBeVisible();
		await page.keyboard.press('Escape');
		await expect(button).toBeFocused();
	});
});

for (const viewport of [
	{ width: 390, height: 844 },
	{ width: 320, height: 640 }
]) {
	test(`a phone, ${viewport.width}×${viewport.height}: room, text, people`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		await joinRoom(ana);
		const beto = await house.enter(BETO, 'chromium', { viewport, touch: true });
		const { page } = beto;
		await page.getByRole('button', { name: 'Ver canais e salas' }).tap();
		await room(page).tap({ position: { x: 60, y: 12 } });
		await hears(page, ANA.hz);
		await hears(ana.page, BETO.hz);
		await expect(page.getByRole('heading', { level: 1, name: 'Sala de conversa' })).toBeVisible();
		const height = await page.evaluate(() => document.documentElement.scrollHeight);
		expect(height, 'the page itself does not scroll').toBe(viewport.height);
		await microphone(page).tap();
		await hearsNo(ana.page, BETO.hz);
		await microphone(page).tap();
		await page.getByRole('button', { name: 'Pessoas' }).tap();
		await expect(page.getByRole('complementary', { name: 'Pessoas' })).toContainText('ana');
		await expect(microphone(page), 'the voice bar stays').toBeInViewport();
		await page.getByRole('button', { name: 'Voltar para o conteúdo' }).tap();
		await page.getByRole('button', { name: 'Ver canais e salas' }).tap();
		await expect(microphone(page)).toBeInViewport();
		await page.getByRole('link', { name: 'geral' }).tap();
		await page.getByRole('textbox', { name: 'Escrever mensagem' }).fill('do celular');
		await page.getByRole('button', { name: 'Enviar' }).tap();
		await expect(message(ana.page, 'do celular')).toHaveCount(1);
		await page.getByRole('button', { name: 'Sair da sala' }).tap();
		await hearsNo(ana.page, BETO.hz);
		for (const control of [microphone(page), headphones(page)]) {
			const box = await control.boundingBox();
			expect(Math.min(box?.width ?? 0, box?.height ?? 0), 'a finger finds it').toBeGreaterThanOrEqual(44);
		}
	});
}
