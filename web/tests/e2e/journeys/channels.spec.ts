// SPDX-License-Identifier: Apache-2.0
// The owner makes, renames and removes channels and rooms; a member can't, on screen or by the API.
import { expect, type Page } from '@playwright/test';
import { hears } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, type Person } from '../fixtures/people.ts';
import { CHANNEL, COMMUNITY, joinRoom, message, ROOM, room, write } from '../fixtures/steps.ts';

function channel(page: Page, name: string) {
	return page.getByRole('list', { name: 'Texto' }).getByRole('link', { name });
}

async function name(person: Person, given: string, button: string): Promise<void> {
	const dialog = person.page.getByRole('dialog');
	await dialog.getByLabel('Nome').fill(given);
	await dialog.getByRole('button', { name: button }).click();
	await expect(dialog).toBeHidden();
}

async function choose(person: Person, target: 'text' | 'room', of: string, item: string): Promise<void> {
	const { page } = person;
	if (target === 'text') {
		await channel(page, of).hover();
		await page
			.getByRole('button', { name: `Ações para ${of}` })
			.first()
			.click();
	} else {
		await room(page, of).click({ button: 'right', position: { x: 60, y: 12 } });
	}
	await page.getByRole('menuitem', { name: item }).click();
}

test('the owner makes, renames and removes; everyone sees it at once', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const beto = await house.enter(BETO);

	await ana.page.getByRole('button', { name: 'Criar canal de texto' }).click();
	await name(ana, 'avisos', 'Criar');
	await expect(ana.page.getByRole('heading', { level: 1, name: 'avisos' })).toBeVisible();
	await channel(beto.page, 'avisos').click();
	await write(ana, 'Prova na sexta');
	await expect(message(beto.page, 'Prova na sexta')).toHaveCount(1);

	await choose(ana, 'text', 'avisos', 'Mudar o nome');
	await name(ana, 'recados', 'Salvar');
	await expect(channel(beto.page, 'recados')).toBeVisible();
	await expect(beto.page.getByRole('heading', { level: 1, name: 'recados' })).toBeVisible();

	await ana.page.getByRole('button', { name: 'Criar sala' }).click();
	await name(ana, 'Recreio', 'Criar');
	await expect(room(beto.page, 'Recreio')).toBeVisible();
	await choose(ana, 'room', 'Recreio', 'Mudar o nome');
	await name(ana, 'Intervalo', 'Salvar');
	await expect(room(beto.page, 'Intervalo')).toBeVisible();
	await expect(room(beto.page, 'Recreio')).toBeHidden();

	await joinRoom(ana, 'Intervalo');
	await joinRoom(beto, 'Intervalo');
	await hears(beto.page, ANA.hz);
	await choose(ana, 'room', 'Intervalo', 'Apagar sala');
	await ana.page.getByRole('alertdialog').getByRole('button', { name: 'Apagar' }).click();
	for (const { page } of [ana, beto]) {
		await expect(room(page, 'Intervalo')).toBeHidden();
		await expect(page.getByText('A sala foi apagada. Escolha outra na lista.')).toBeVisible();
		await expect(page.getByText('Voz conectada')).toBeHidden();
	}

	await choose(ana, 'text', 'recados', 'Apagar canal');
	await ana.page.getByRole('alertdialog').getByRole('button', { name: 'Apagar' }).click();
	await expect(channel(beto.page, 'recados')).toBeHidden();
	await expect(beto.page.getByText('Este canal não existe mais')).toBeVisible();
	await beto.page.getByRole('link', { name: `Ir para ${CHANNEL}` }).click();
	await expect(beto.page.getByRole('heading', { level: 1, name: CHANNEL })).toBeVisible();
});

test('who deletes a channel is led on, and so is the focus', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const { page } = ana;
	const heading = (of: string) => page.getByRole('heading', { level: 1, name: of });
	const remove = async (item: string) => {
		const dialog = page.getByRole('alertdialog');
		await page.getByRole('menuitem', { name: item }).press('Enter');
		await dialog.getByRole('button', { name: 'Apagar' }).press('Enter');
		await expect(dialog).toBeHidden();
	};
	for (const [kind, given] of [
		['text', 'avisos'],
		['text', 'fotos'],
		['room', 'Recreio']
	]) {
		const made = await house.owner.call('POST', `/communities/${house.communityId}/channels`, { kind, name: given });
		expect(made.status, JSON.stringify(made.body)).toBe(201);
	}

	await test.step('one that is not open: to what stands beside it', async () => {
		await page.getByRole('button', { name: 'Ações para fotos' }).press('Enter');
		await remove('Apagar canal');
		await expect(room(page, ROOM)).toBeFocused();
		await expect(heading(CHANNEL)).toBeVisible();
		await room(page, 'Recreio').press('Shift+F10');
		await remove('Apagar sala');
		await expect(room(page, ROOM)).toBeFocused();
	});

	await test.step('the open one: to the first that is left', async () => {
		await channel(page, 'avisos').click();
		await expect(heading('avisos')).toBeVisible();
		await page.getByRole('button', { name: 'Ações para avisos' }).press('Enter');
		await remove('Apagar canal');
		await expect(heading(CHANNEL)).toBeFocused();
	});

	await test.step('the last one: to the way to make another', async () => {
		const beto = await house.enter(BETO);
		await room(page, ROOM).press('Shift+F10');
		await remove('Apagar sala');
		await expect(channel(page, CHANNEL)).toBeFocused();
		await page.getByRole('button', { name: `Ações para ${CHANNEL}` }).press('Enter');
		await remove('Apagar canal');
		await expect(heading(COMMUNITY)).toBeFocused();
		await expect(page.getByRole('heading', { name: 'Esta comunidade ainda não tem canais' })).toBeVisible();
		await expect(page.getByRole('main').getByRole('button', { name: 'Criar canal de texto' })).toBeVisible();
		await expect(beto.page.getByRole('heading', { name: 'Esta comunidade ainda não tem canais' })).toBeVisible();
	});
});

test('a member has no such controls and is refused by the API', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const { page } = await house.enter(BETO);
	await joinRoom(ana);
	await expect(room(page)).toHaveAccessibleName(/1 pessoa/);

	await test.step('no controls', async () => {
		for (const control of ['Criar canal de texto', 'Criar sala', `Ações para ${CHANNEL}`, 'Ações para ana']) {
			await expect(page.getByRole('button', { name: control })).toHaveCount(0);
		}
		await page.getByRole('button', { name: `Opções de ${COMMUNITY}` }).click();
		await expect(page.getByRole('menuitem')).toHaveText(['Ver as regras']);
		await page.keyboard.press('Escape');
		await room(page).click({ button: 'right', position: { x: 60, y: 12 } });
		await expect(page.getByRole('menuitem')).toHaveText(['Entrar na sala', 'Ver a sala']);
		await page.getByRole('menuitem', { name: 'Ver a sala' }).click();
		await expect(page.getByRole('heading', { level: 1, name: ROOM })).toBeVisible();
		await expect(page.getByRole('button', { name: /^Ações para/ })).toHaveCount(0);
	});

	await test.step('refused', async () => {
		const { api } = house.account(BETO);
		const { userId } = house.account(ANA);
		const roomId = new URL(page.url()).pathname.split('/')[3];
		const refusals: [string, string, unknown?][] = [
			['POST', `/communities/${house.communityId}/channels`, { kind: 'text', name: 'meu' }],
			['PATCH', `/channels/${house.channelId}`, { name: 'meu' }],
			['DELETE', `/channels/${house.channelId}`],
			['DELETE', `/channels/${roomId}`],
			['PUT', `/communities/${house.communityId}/members/${userId}/voice-mute`, { muted: true }],
			['DELETE', `/channels/${roomId}/occupants/${userId}`],
			['GET', `/communities/${house.communityId}/invites`],
			['POST', `/communities/${house.communityId}/invites`, {}]
		];
		for (const [method, path, body] of refusals) {
			const answer = await api.call<{ code: string }>(method, path, body);
			expect({ method, path, status: answer.status, code: answer.body?.code }).toMatchObject({
				status: 403,
				code: 'forbidden'
			});
		}
		await expect(room(page)).toHaveAccessibleName(/1 pessoa/);
		await expect(channel(page, CHANNEL)).toBeVisible();
	});
});
