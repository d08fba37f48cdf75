// SPDX-License-Identifier: Apache-2.0
// The words of every language have room: nothing is cut and nothing too wide, on a desktop, a phone and a small phone.
import { expect, type Page } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { BETO } from '../fixtures/people.ts';
import { joinRoom, ROOM } from '../fixtures/steps.ts';
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
		await page.evaluate((value) => {
			localStorage.setItem('PARAGLIDE_LOCALE', value);
			// Its name is one of the longest.
			const preferences = { microphoneMode: 'push_to_talk', pushToTalkKey: 'ArrowRight' };
			localStorage.setItem('voz.preferences', JSON.stringify(preferences));
		}, locale);
		await page.reload();
		await expect(page.getByRole('textbox', { name: say('composer_label') })).toBeVisible();
		await nothingCut(page, `${locale} main`);
		await page.keyboard.press('Control+/');
		await expect(page.getByRole('dialog')).toBeVisible();
		await nothingCut(page, `${locale} shortcuts`);
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: say('rejoin'), exact: true }).click();
		await expect(page.getByText(say('voice_connected')).first()).toBeVisible();
		const dock = page.getByRole('region', { name: say('nav_voice') });
		await dock.getByRole('link', { name: ROOM }).click();
		await expect(page.getByRole('heading', { level: 1, name: ROOM })).toBeVisible();
		await nothingCut(page, `${locale} room`);
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
				// The voice controls are as narrow as the window lets them be.
				const text = element.matches('.ctl > span') && element.parentElement?.getBoundingClientRect();
				const tight = text && (box.left < text.left + 4 || box.right > text.right - 4);
				if (wide || clipped || tight) found.push(`${element.className}: ${element.textContent?.trim().slice(0, 60)}`);
			}
			return found;
		});
		expect.soft(cut, `${where}, ${size.width} px`).toEqual([]);
	}
	await page.setViewportSize(SIZES[0] ?? { width: 1280, height: 800 });
}
