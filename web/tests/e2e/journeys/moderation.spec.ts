// SPDX-License-Identifier: Apache-2.0
import { expect } from '@playwright/test';
import { hears, hearsNo, loudness, SILENT_DB, speaks } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO } from '../fixtures/people.ts';
import { joinRoom, leaveRoom, microphone, occupant } from '../fixtures/steps.ts';

test('the owner closes a microphone and takes a person out; the person is told', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const beto = await house.enter(BETO);
	await joinRoom(ana);
	await joinRoom(beto);
	await hears(ana.page, BETO.hz);

	async function act(item: string): Promise<void> {
		const people = ana.page.getByRole('complementary', { name: 'Pessoas' });
		await people.getByText(BETO.username, { exact: true }).hover();
		await people.getByRole('button', { name: 'Ações para beto' }).click();
		await ana.page.getByRole('menuitem', { name: item }).click();
	}

	await test.step('closed, with a reason', async () => {
		await act('Fechar o microfone');
		const dialog = ana.page.getByRole('dialog');
		await dialog.getByLabel('Motivo').fill('Muito barulho de obra');
		await dialog.getByRole('button', { name: 'Fechar o microfone' }).click();
		await hearsNo(ana.page, BETO.hz);
		const told = beto.page.getByRole('alert');
		await expect(told).toContainText('ana fechou o seu microfone.');
		await expect(told).toContainText('Muito barulho de obra');
		for (const { page } of [ana, beto]) await expect(occupant(page, BETO)).toContainText('pela moderação');
		await expect(microphone(beto.page)).toContainText('Mudo');
		await hears(beto.page, ANA.hz);
		await told.getByRole('button', { name: 'Entendi' }).click();
		await expect(told).toBeHidden();
	});

	await test.step('still closed after leaving and coming back', async () => {
		await leaveRoom(beto);
		await expect(occupant(ana.page, BETO)).toBeHidden();
		await expect(microphone(beto.page), 'before a room as well').toHaveAccessibleName(
			'Silenciar (Mudo pela moderação)'
		);
		await beto.page.getByRole('link', { name: 'Ajustes' }).click();
		await beto.page.waitForURL(/\/ajustes/);
		await expect(microphone(beto.page), 'where no community is shown too').toContainText('Mudo');
		await beto.page.goBack();
		await joinRoom(beto);
		await hears(beto.page, ANA.hz);
		await expect(occupant(ana.page, BETO)).toContainText('pela moderação');
		// The tone leaves Beto's browser; the server drops it.
		await speaks(beto.page);
		expect(await loudness(ana.page, BETO.hz)).toBeLessThan(SILENT_DB);
		await expect(occupant(ana.page, BETO)).not.toContainText('falando');
	});

	await test.step('opened again', async () => {
		await act('Liberar o microfone');
		await hears(ana.page, BETO.hz);
		await expect(beto.page.getByText('Seu microfone foi liberado pela moderação.')).toBeVisible();
		await expect(occupant(ana.page, BETO)).toContainText('falando');
	});

	await test.step('taken out of the room', async () => {
		await act('Tirar da sala');
		await hearsNo(ana.page, BETO.hz);
		await expect(beto.page.getByRole('alert')).toContainText('ana tirou você da sala.');
		await expect(beto.page.getByText('Voz conectada')).toBeHidden();
		for (const { page } of [ana, beto]) await expect(occupant(page, BETO)).toBeHidden();
		await hearsNo(beto.page, ANA.hz);
	});

	await test.step('may come back', async () => {
		await joinRoom(beto);
		await hears(ana.page, BETO.hz);
	});
});
