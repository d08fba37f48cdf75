// SPDX-License-Identifier: Apache-2.0
// A form that is refused brings its person to what is wrong; a page that does not come says why, and comes later.
import { expect, type Locator, type Page, test as plain } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, PASSWORD, Person, refused } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import { room } from '../fixtures/steps.ts';

const username = (page: Page) => page.getByLabel('Nome de usuário');
const password = (page: Page) => page.getByLabel('Senha', { exact: true });

async function isAt(field: Locator, note: string): Promise<void> {
	await expect(field).toBeFocused();
	await expect(field).toHaveAccessibleDescription(new RegExp(note));
}

test('sign-up and sign-in: the focus goes to the first field that is wrong', async ({ openHouse }) => {
	const { house } = await openHouse();
	const visitor = await house.arrive(BETO);
	const { page } = visitor;
	visitor.expects(refused(409));
	const sent: string[] = [];
	page.on('request', (request) => void sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
	await page.goto(await house.invite());
	const create = page.getByRole('button', { name: 'Criar conta e entrar' });
	await create.click();
	await isAt(username(page), 'Falta preencher');
	await username(page).fill('João');
	await create.click();
	await isAt(username(page), 'letras sem acento nem ç');
	await username(page).fill(ANA.username);
	await create.click();
	await isAt(password(page), 'Falta preencher');
	await password(page).fill('abc');
	await create.click();
	await isAt(password(page), 'pelo menos 10 caracteres');
	expect(sent, 'nothing is asked of the server').not.toContain('POST /api/v1/accounts');
	await password(page).fill(PASSWORD);
	await create.click();
	await isAt(page.getByLabel('Li as regras e concordo'), 'Marque aqui');
	await page.keyboard.press('Space');
	await create.click();
	await isAt(username(page), 'Este nome já existe');

	await page.goto(`${house.server.url}/entrar`);
	await username(page).fill(ANA.username);
	await page.keyboard.press('Enter');
	await isAt(password(page), 'Falta preencher');
});

test('dialogs: the focus goes to the field that is wrong', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	await house.signUp(BETO);
	const { page } = ana;
	ana.expects(refused(422));
	const dialog = page.getByRole('dialog');
	await page.getByRole('button', { name: /^Opções de/ }).click();
	await page.getByRole('menuitem', { name: 'Criar canal de texto' }).click();
	await dialog.getByRole('button', { name: 'Criar', exact: true }).click();
	await isAt(dialog.getByRole('textbox'), 'Falta preencher');
	await page.keyboard.press('Escape');

	const people = page.getByRole('complementary', { name: 'Pessoas' });
	await people.getByText(BETO.username, { exact: true }).hover();
	await people.getByRole('button', { name: 'Ações para beto' }).click();
	await page.getByRole('menuitem', { name: 'Fechar o microfone' }).click();
	await dialog.getByLabel('Motivo').fill('ru\u200bído');
	await dialog.getByRole('button', { name: 'Fechar o microfone' }).click();
	await isAt(dialog.getByLabel('Motivo'), 'Tem letras ou sinais');
});

plain('the wizard stops at what is wrong, and goes back to what was refused at its end', async () => {
	const server = await Server.start();
	const owner = await Person.arrive(ANA);
	const { page } = owner;
	owner.expects(refused(422));
	try {
		await page.goto(server.setupLink());
		const next = page.getByRole('button', { name: 'Continuar' });
		await username(page).fill('João');
		await next.click();
		await isAt(username(page), 'letras sem acento nem ç');
		await username(page).fill(ANA.username);
		await next.click();
		await isAt(password(page), 'Falta preencher');
		await password(page).fill('abc');
		await next.click();
		await isAt(password(page), 'pelo menos 10 caracteres');
		// What only the server knows.
		await password(page).fill('password123');
		await next.click();
		await page.getByLabel('Nome do lugar').fill('Escola da Ana');
		await next.click();
		await expect(page.getByRole('heading', { name: 'Quem pode criar conta aqui?' })).toBeFocused();
		await next.click();
		await page.getByRole('button', { name: 'Criar comunidade' }).click();
		await isAt(password(page), 'fácil de adivinhar');
		owner.expectNoFaults();
	} finally {
		await owner.leave();
		await server.stop();
	}
});

test('an invite of the list, where the browser does not copy: its own link is selected', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	const { page } = ana;
	const links = [await house.invite(), await house.invite()];
	await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
	await page.getByRole('button', { name: /^Opções de/ }).click();
	await page.getByRole('menuitem', { name: 'Convidar pessoas' }).click();
	for (const link of links) {
		await page.getByRole('button', { name: `Copiar link ${link.split('/').at(-1)}` }).click();
		const field = page.getByRole('textbox', { name: 'Link do convite' });
		await expect(field).toBeFocused();
		await expect(field).toHaveValue(link);
		expect(await page.evaluate(() => getSelection()?.toString())).toBe(link);
		await expect(page.getByText('Não deu para copiar. Selecione o link e copie.').last()).toBeVisible();
	}
});

test('an invite where nobody may make an account: for those who have one', async ({ openHouse }) => {
	const { house } = await openHouse({ signUp: 'closed' });
	house.server.createUser(BETO.username, PASSWORD);
	const { page } = await house.arrive(BETO);
	await page.goto(await house.invite());
	await expect(page.getByText('Aqui só a pessoa responsável cria contas.')).toBeVisible();
	await expect(page.getByRole('button', { name: /Criar conta/ })).toHaveCount(0);
	await username(page).fill(BETO.username);
	await password(page).fill(PASSWORD);
	await page.getByRole('button', { name: 'Entrar', exact: true }).click();
	await page.getByLabel('Li as regras e concordo').check();
	await page.getByRole('button', { name: 'Entrar na comunidade' }).click();
	await expect(room(page)).toBeVisible();
});

test('a page that is refused does not say that the server is silent', async ({ openHouse }) => {
	const { house } = await openHouse();
	const visitor = await house.arrive(BETO);
	const { page } = visitor;
	visitor.expects(refused(429));
	const limited = { type: 'urn:voz:error:rate_limited', status: 429, code: 'rate_limited', retry_after_s: 7 };
	await page.route(/\/(invites\/\w+|setup\/check)$/, (route) =>
		route.fulfill({ status: 429, contentType: 'application/problem+json', json: limited })
	);
	for (const address of [await house.invite(), `${house.server.url}/setup#abc`]) {
		await page.goto(address);
		await expect(page.getByRole('heading', { name: 'Não deu para abrir esta página' })).toBeVisible();
		await expect(page.getByText('Muitas tentativas. Espere 7 s e tente de novo.')).toBeVisible();
	}
});

test('a first answer that is late: the page comes by itself', async ({ openHouse }) => {
	const { house } = await openHouse();
	const visitor = await house.arrive(BETO);
	const { page } = visitor;
	visitor.expects(refused(503));
	let away = true;
	await page.route(/\/api\/v1\/instance$/, (route) => (away ? route.fulfill({ status: 503 }) : route.continue()));
	await page.goto(`${house.server.url}/entrar`);
	await expect(page.getByRole('heading', { name: 'O servidor não responde' })).toBeVisible();
	away = false;
	await expect(username(page)).toBeVisible();
});
