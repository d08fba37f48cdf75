// SPDX-License-Identifier: Apache-2.0
// One person in two tabs has one voice: the tab that joined last has it, the other says so and stays out.
import { expect } from '@playwright/test';
import { hears } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO } from '../fixtures/people.ts';
import { joinRoom, occupant, room } from '../fixtures/steps.ts';

test('the tab that joins last has the voice, whichever it is', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const beto = await house.enter(BETO);
	await joinRoom(ana);
	await joinRoom(beto);
	await hears(ana.page, BETO.hz);

	const first = beto.page;
	const second = await beto.context.newPage();
	await second.goto(first.url());
	await expect(room(second)).toHaveAccessibleName(/2 pessoas/);

	await test.step('the other one says where the voice is', async () => {
		await room(second).click({ button: 'right', position: { x: 60, y: 12 } });
		await second.getByRole('menuitem', { name: 'Ver a sala' }).click();
		await expect(second.getByText('Você está na sala por outro aparelho ou aba')).toBeVisible();
		await expect(second.getByText('Se você entrar por aqui, sua voz passa para cá e sai de lá.')).toBeVisible();
		await expect(second.getByText('Você ainda não está na sala')).toBeHidden();
	});

	for (const [tab, other] of [
		[second, first],
		[first, second]
	] as const) {
		await tab.bringToFront();
		await room(tab).click({ position: { x: 60, y: 12 } });
		await expect(tab.getByText('Voz conectada')).toBeVisible();
		await expect(other.getByText('Você entrou em uma sala por outro aparelho ou aba.')).toBeVisible();
		await expect(other.getByText('Voz conectada')).toBeHidden();
		await hears(ana.page, BETO.hz);
		await hears(tab, ANA.hz);
		await expect(occupant(ana.page, BETO)).toHaveCount(1);
	}
});
