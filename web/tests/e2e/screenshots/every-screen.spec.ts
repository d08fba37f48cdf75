// SPDX-License-Identifier: Apache-2.0
// Pictures of every screen for people to look at: desktop and phone, dark and light, the main one in three languages.
// Checks nothing but that each screen can be reached. Run by `make screenshots`, into `target/screenshots/`.
import { type Page, test } from '@playwright/test';
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeSetUp, inside, type Screen, signedOut, states } from '../fixtures/screens.ts';
import { CHANNEL } from '../fixtures/steps.ts';
import { LOCALES, words } from '../fixtures/words.ts';

const FOLDER = resolve(import.meta.dirname, '../../../../target/screenshots');
const SIZES = [
	['desktop', { width: 1280, height: 800 }],
	['phone', { width: 390, height: 844 }]
] as const;

const LANGUAGE = { 'pt-BR': 'Português', en: 'English', es: 'Español' };

test.beforeAll(() => {
	rmSync(FOLDER, { recursive: true, force: true });
	mkdirSync(FOLDER, { recursive: true });
});

test('before set-up', async () => {
	await shootAll(await beforeSetUp());
});

test('signed out', async () => {
	await shootAll(await signedOut());
});

test('nothing there, nobody answers', async () => {
	await shootAll(await states());
});

test('inside', async () => {
	test.setTimeout(240_000);
	await shootAll(await inside(), async (screen, page) => {
		if (screen.name === 'settings-language') {
			for (const locale of LOCALES.slice(1)) {
				const say = words(locale);
				await page.getByRole('radio', { name: LANGUAGE[locale] }).check();
				await page.getByRole('link', { name: say('back') }).click();
				await page.getByRole('link', { name: CHANNEL, exact: true }).click();
				await page.getByRole('textbox', { name: say('composer_label') }).waitFor();
				for (const [size, viewport] of SIZES) {
					await page.setViewportSize(viewport);
					await shoot(page, `main-${locale}`, size);
				}
				await page.setViewportSize(SIZES[0][1]);
				await page.getByRole('link', { name: say('settings'), exact: true }).click();
				const sections = page.getByRole('navigation', { name: say('settings_sections') });
				await sections.getByRole('link', { name: say('settings_language') }).click();
			}
			await page.getByRole('radio', { name: LANGUAGE['pt-BR'] }).check();
		}
	});
});

async function shootAll(
	scene: Awaited<ReturnType<typeof inside>>,
	after?: (screen: Screen, page: Page) => Promise<void>
): Promise<void> {
	try {
		for (const screen of scene.screens) {
			await test.step(screen.name, async () => {
				const page = await screen.open();
				for (const [size, viewport] of SIZES) {
					await page.setViewportSize(viewport);
					await shoot(page, screen.name, size);
				}
				await page.setViewportSize(SIZES[0][1]);
				await after?.(screen, page);
				await screen.shut?.();
			});
		}
	} finally {
		await scene.close();
	}
}

/** Dark and light; the page is left dark. */
async function shoot(page: Page, name: string, size: string): Promise<void> {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		await page.screenshot({ path: `${FOLDER}/${name}-${size}-${colorScheme}.png`, animations: 'disabled' });
	}
}
