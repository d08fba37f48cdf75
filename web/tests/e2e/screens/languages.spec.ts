// SPDX-License-Identifier: Apache-2.0
// The words of every language have room: nothing is cut and nothing too wide, on a desktop, a phone and a small phone.
import { expect, type Page } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { BETO } from '../fixtures/people.ts';
import { joinRoom } from '../fixtures/steps.ts';
import { LOCALES, words } from '../fixtures/words.ts';

const SIZES = [
	{ width: 1280, height: 800 },
	{ width: 390, height: 844 },
	{ width: 320, height: 640 }
];
const SECTIONS = ['voz', 'aparencia', 'idioma', 'teclado', 'conta'];

for (const locale of LOCALES) {
	test(`room for the words: ${locale}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		await joinRoom(ana);
		const say = words(locale);
		const outside = await house.arrive(BETO, 'chromium', { locale });
		for (const path of ['/', '/entrar', '/criar-conta', '/setup', new URL(await house.invite()).pathname]) {
			await outside.page.goto(house.server.url + path);
			await expect(outside.page.getByRole('heading', { level: 1 })).toBeVisible();
			await nothingCut(outside.page, `${locale} ${path}`);
		}
		const { page } = ana;
		await page.evaluate((value) => localStorage.setItem('PARAGLIDE_LOCALE', value), locale);
		await page.reload();
		await expect(page.getByRole('textbox', { name: say('composer_label') })).toBeVisible();
		await nothingCut(page, `${locale} main`);
		await page.keyboard.press('Control+/');
		await expect(page.getByRole('dialog')).toBeVisible();
		await nothingCut(page, `${locale} shortcuts`);
		await page.keyboard.press('Escape');
		for (const section of SECTIONS) {
			await page.goto(`${house.server.url}/ajustes/${section}`);
			await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
			await nothingCut(page, `${locale} ${section}`);
		}
	});
}

/** Names that people gave may end in dots; what the product says may not. */
async function nothingCut(page: Page, where: string): Promise<void> {
	for (const size of SIZES) {
		await page.setViewportSize(size);
		const cut = await page.evaluate(() => {
			const found: string[] = [];
			for (const element of document.querySelectorAll<HTMLElement>('body *')) {
				if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
				const { overflowX, clipPath } = getComputedStyle(element);
				const box = element.getBoundingClientRect();
				const wide = box.right > innerWidth + 1 && box.width > 1;
				const clips = overflowX !== 'visible' && clipPath === 'none' && !['INPUT', 'SELECT'].includes(element.tagName);
				const clipped = clips && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1;
				if (wide || clipped) found.push(`${element.className}: ${element.textContent?.trim().slice(0, 60)}`);
			}
			return found;
		});
		expect.soft(cut, `${where}, ${size.width} px`).toEqual([]);
	}
	await page.setViewportSize(SIZES[0] ?? { width: 1280, height: 800 });
}
