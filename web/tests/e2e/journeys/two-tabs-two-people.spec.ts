// SPDX-License-Identifier: Apache-2.0
// The tabs of one browser share its session: whoever signs in or out in one of them does so in all. No tab shows one
// person and acts as another.
import { expect, type Page } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, type Character, PASSWORD } from '../fixtures/people.ts';
import { CHANNEL, joinRoom, message, occupant, write } from '../fixtures/steps.ts';

async function signInAs(page: Page, { username }: Character): Promise<void> {
	await page.getByLabel('Nome de usuário').fill(username);
	await page.getByLabel('Senha', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Entrar', exact: true }).click();
}

const channelHeading = (page: Page) => page.getByRole('heading', { level: 1, name: CHANNEL });
/** Stands there for the owner alone. */
const newChannel = (page: Page) => page.getByRole('button', { name: 'Criar canal de texto' });

test('who signs out in one tab is out in all, and who signs in then is in all', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	await house.signUp(BETO);
	await joinRoom(ana);
	const first = ana.page;
	await expect(newChannel(first)).toBeVisible();
	const second = await ana.context.newPage();
	await second.goto(`${house.server.url}/ajustes/conta`);
	await second.getByRole('button', { name: 'Sair da conta' }).click();

	await expect(first.getByText('Sua sessão terminou. Entre de novo.')).toBeVisible();
	await expect(first.getByText('Voz conectada')).toBeHidden();

	await second.goto(`${house.server.url}/entrar`);
	await signInAs(second, BETO);
	for (const tab of [second, first]) {
		await expect(channelHeading(tab)).toBeVisible();
		await expect(newChannel(tab)).toBeHidden();
		await expect(occupant(tab, ANA)).toBeHidden();
	}
	await write(ana, 'quem escreve é quem se vê');
	for (const tab of [first, second])
		await expect(message(tab, 'quem escreve é quem se vê')).toContainText(BETO.username);
});

test('a second sign-in form is gone as soon as somebody is in by the first', async ({ openHouse }) => {
	const { house } = await openHouse();
	const person = await house.arrive(ANA);
	const first = person.page;
	const second = await person.context.newPage();
	for (const tab of [first, second]) {
		await tab.goto(`${house.server.url}/entrar`);
		await expect(tab.getByRole('heading', { level: 1 })).toBeVisible();
	}
	await second.getByLabel('Nome de usuário').fill(BETO.username);
	await signInAs(first, ANA);
	for (const tab of [first, second]) {
		await expect(channelHeading(tab)).toBeVisible();
		await expect(newChannel(tab)).toBeVisible();
	}
});
