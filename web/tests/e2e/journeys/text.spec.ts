// SPDX-License-Identifier: Apache-2.0
import { expect, type Locator, type Page } from '@playwright/test';
import { type House, type HouseOptions, test } from '../fixtures/house.ts';
import {
	ANA,
	BETO,
	type BrowserName,
	type Character,
	PASSWORD,
	type Person,
	type PersonOptions,
	refused,
	SERVER_GONE
} from '../fixtures/people.ts';
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
	});
}

test('a first page that fails is asked for once, and again when the person asks', async ({ openHouse }) => {
	const { ana } = await openHouse();
	const { page } = ana;
	ana.expects(refused(500));
	let asked = 0;
	const firstPage = /\/messages\?limit=/;
	await page.route(firstPage, async (route) => {
		asked += 1;
		await route.fulfill({ status: 500 });
	});
	await page.reload();
	await expect(page.getByRole('heading', { name: 'As mensagens não vieram' })).toBeVisible();
	const sent = page.waitForResponse((response) => response.request().method() === 'POST' && response.ok());
	await write(ana, 'Bom dia, gente!');
	await sent;
	expect(asked).toBe(1);
	await page.unroute(firstPage);
	await messages(page).getByRole('button', { name: 'Tentar de novo' }).click();
	await expect(message(page, 'Bom dia, gente!')).toBeVisible();
});

test('what was pasted with characters that nobody sees is sent without them', async ({ openHouse }) => {
	const { ana } = await openHouse();
	await write(ana, '\ufeffUm\u200b link\u202e\u2069 e 👩\u200d🚀');
	await expect(message(ana.page, 'Um link e 👩\u200d🚀')).toHaveCount(1);
	await ana.page.reload();
	await expect(message(ana.page, 'Um link e 👩\u200d🚀')).toHaveCount(1);
});

test('a message that is refused says what is wrong with it', async ({ openHouse }) => {
	const { ana } = await openHouse();
	const { page } = ana;
	ana.expects(refused(422));
	await page.route(/\/messages$/, (route) =>
		route.fulfill({
			status: 422,
			contentType: 'application/problem+json',
			json: { type: 'urn:voz:error:validation', status: 422, code: 'validation', fields: { content: 'characters' } }
		})
	);
	await write(ana, 'Bom dia!');
	await expect(messages(page).getByRole('alert')).toContainText('Tem letras ou sinais que não servem aqui.');
});

test('the Enter that ends a composition sends nothing, in Safari too', async ({ openHouse }) => {
	const { ana } = await openHouse();
	const composer = ana.page.getByRole('textbox', { name: 'Escrever mensagem' });
	await composer.fill('にほん');
	await composer.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true });
	await expect(composer).toHaveValue('にほん');
	await expect(messages(ana.page).locator('[data-message]')).toHaveCount(0);
	await composer.press('Enter');
	await expect(message(ana.page, 'にほん')).toHaveCount(1);
});

test('a draft and an open dialog are for who had them, not for the next person on the page', async ({ openHouse }) => {
	const { house, ana } = await openHouse();
	await house.signUp(BETO);
	const { page } = ana;
	ana.expects(refused(401));
	const composer = page.getByRole('textbox', { name: 'Escrever mensagem' });
	await composer.fill('Só entre nós');

	async function signInAs(character: Character) {
		await page.getByLabel('Nome de usuário').fill(character.username);
		await page.getByLabel('Senha', { exact: true }).fill(PASSWORD);
		await page.getByRole('button', { name: 'Entrar', exact: true }).click();
		await expect(composer).toBeVisible();
	}

	await page.keyboard.press('Control+/');
	await expect(page.getByRole('dialog')).toBeVisible();
	// Signed out elsewhere: the server tells this page.
	const ended = await page.request.delete(`${house.server.url}/api/v1/sessions/current`, {
		headers: { origin: house.server.url }
	});
	expect(ended.ok()).toBe(true);
	await signInAs(BETO);
	await expect(page.getByRole('dialog')).toBeHidden();
	await expect(composer).toHaveValue('');

	await page.getByRole('link', { name: 'Ajustes' }).click();
	await page.getByRole('link', { name: 'Conta' }).click();
	await page.getByRole('button', { name: 'Sair da conta' }).click();
	await page.getByRole('link', { name: 'Entrar' }).click();
	await signInAs(ANA);
	await expect(composer).toHaveValue('Só entre nós');
});

/** Nothing has to be scrolled in it, so nothing comes by itself. */
const TALL = { viewport: { width: 1280, height: 3000 } };

/** A channel with so many messages, `mensagem 1` and on. */
async function withHistory(
	openHouse: (options?: HouseOptions) => Promise<{ house: House; ana: Person }>,
	total: number,
	options: PersonOptions = {}
) {
	const { house, ana } = await openHouse({
		server: { config: '[limits.rates]\nmessage_per_user = "2000/10s"\n' },
		ana: options
	});
	for (let number = 1; number <= total; number += 1) await house.say(ANA, `mensagem ${number}`);
	await ana.page.reload();
	await expect(message(ana.page, `mensagem ${total}`)).toBeInViewport();
	return { house, ana };
}

test('a long history comes in pages, in order, without a jump', async ({ openHouse }) => {
	const total = 130;
	const { ana } = await withHistory(openHouse, total);
	const { page } = ana;
	await expect(message(page, 'mensagem 1')).toHaveCount(0);
	const all = texts(page);
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
});

test('older messages by the button, where all that came fits', async ({ openHouse }) => {
	const { ana } = await withHistory(openHouse, 70, TALL);
	const { page } = ana;
	const older = page.getByRole('button', { name: 'Ver mensagens mais antigas' });
	await older.focus();
	await page.keyboard.press('Enter');
	await expect(texts(page)).toHaveCount(70);
	await expect(messages(page)).toContainText(`Aqui começa ${CHANNEL}`);
	await expect(older).toBeHidden();
	await expect(message(page, 'mensagem 21'), 'the focus goes to what was the oldest').toBeFocused();
});

test('a very long history: some hundreds are drawn, what is read stays, the end is one press away', async ({
	openHouse
}) => {
	test.setTimeout(180_000);
	const total = 500;
	const { house, ana } = await withHistory(openHouse, total);
	const beto = await house.enter(BETO);
	const { page } = ana;
	const log = messages(page);
	const seen = new Set<string>();

	await test.step('up to the first', async () => {
		await expect(async () => {
			for (const text of await texts(page).allTextContents()) seen.add(text);
			expect(await texts(page).count()).toBeLessThanOrEqual(200);
			await log.evaluate((element) => (element.scrollTop = 0));
			await expect(message(page, 'mensagem 1')).toBeInViewport({ timeout: 250 });
		}).toPass({ timeout: 90_000, intervals: [50] });
		expect(seen.size).toBe(total);
		await expect(log).toContainText(`Aqui começa ${CHANNEL}`);
	});

	await test.step('what comes leaves the reader alone, and is counted', async () => {
		await log.evaluate((element) => (element.scrollTop = 700));
		const read = await firstInSight(log);
		const before = await topOf(log, read);
		await house.say(BETO, 'novidade 1');
		await house.say(BETO, 'novidade 2');
		await expect(message(beto.page, 'novidade 2')).toBeInViewport();
		const down = page.getByRole('button', { name: '2 mensagens novas' });
		await expect(down).toBeVisible();
		expect(await topOf(log, read)).toBe(before);
		await down.click();
		await expect(message(page, 'novidade 2')).toBeInViewport();
		await expect(down).toBeHidden();
		expect(await texts(page).count()).toBeLessThanOrEqual(200);
	});

	await test.step('more above, and what is read does not move by a pixel', async () => {
		const first = (await texts(page).first().textContent()) ?? '';
		// Both in one go: nothing is drawn between the reader's move and what is read then.
		const [read, before] = await log.evaluate((element) => {
			element.scrollTop = 300;
			const { top } = element.getBoundingClientRect();
			const all = [...element.querySelectorAll('[data-message]')];
			const item = all.find((candidate) => candidate.getBoundingClientRect().top >= top);
			return [item?.querySelector('.txt')?.textContent ?? '', item?.getBoundingClientRect().y] as const;
		});
		await expect(texts(page).first()).not.toHaveText(first);
		expect(await topOf(log, read)).toBeCloseTo(before ?? 0, 0);
	});

	await test.step('by keyboard: the end from anywhere, and what oneself writes', async () => {
		await page
			.getByText(await firstInSight(log), { exact: true })
			.locator('xpath=ancestor::article')
			.focus();
		await page.keyboard.press('End');
		await expect(message(page, 'novidade 2')).toBeFocused();
		await log.evaluate((element) => (element.scrollTop = 800));
		await write(ana, 'eu também');
		await expect(message(page, 'eu também')).toBeInViewport();
	});
});

test('older messages that do not come: said, and asked for again', async ({ openHouse }) => {
	const { house, ana } = await withHistory(openHouse, 70, TALL);
	const { page } = ana;
	ana.expects(SERVER_GONE);
	await house.server.kill();
	await page.getByRole('button', { name: 'Ver mensagens mais antigas' }).click();
	await expect(messages(page).getByRole('alert')).toBeVisible();
	await house.server.run();
	await expect(async () => {
		await page.getByRole('button', { name: 'Ver mensagens mais antigas' }).click();
		await expect(texts(page)).toHaveCount(70);
	}).toPass();
	await expect(messages(page).getByRole('alert')).toBeHidden();
});

function texts(page: Page): Locator {
	return messages(page).locator('[data-message] .txt');
}

/** The text of the first message that can be read. */
async function firstInSight(log: Locator): Promise<string> {
	return log.evaluate((element) => {
		const { top } = element.getBoundingClientRect();
		const all = [...element.querySelectorAll('[data-message]')];
		return all.find((item) => item.getBoundingClientRect().top >= top)?.querySelector('.txt')?.textContent ?? '';
	});
}

/** Where a message stands, pixels from the top of the page. */
async function topOf(log: Locator, text: string): Promise<number | undefined> {
	return (await log.locator('[data-message]', { has: log.page().getByText(text, { exact: true }) }).boundingBox())?.y;
}
