// SPDX-License-Identifier: Apache-2.0
// The browsers of the tests have no voices, so they are given some.
import { expect } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { BETO } from '../fixtures/people.ts';
import { RULES } from '../fixtures/steps.ts';

test('rules are read by a voice of the device, as soon as there is one, and by no other', async ({ openHouse }) => {
	const { house } = await openHouse();
	const { page } = await house.arrive(BETO);
	await page.addInitScript(() => {
		const voices = [{ name: 'far', lang: 'pt-BR', localService: false }];
		const spoken: string[] = [];
		class Utterance {
			voice = { name: 'any' };
			constructor(readonly text: string) {}
		}
		const speak = ({ voice, text }: Utterance) => spoken.push(`${voice.name}: ${text}`);
		Object.assign(speechSynthesis, { getVoices: () => [...voices], speak });
		Object.assign(window, { voices, spoken, SpeechSynthesisUtterance: Utterance });
	});
	await page.goto(await house.invite());
	const listen = page.getByRole('button', { name: 'Ouvir as regras' });
	await expect(page.getByRole('heading', { name: 'As regras daqui' })).toBeVisible();
	await expect(listen).toHaveCount(0);

	await page.evaluate(() => {
		const { voices } = window as unknown as { voices: object[] };
		voices.push({ name: 'here', lang: 'pt-BR', localService: true });
		speechSynthesis.dispatchEvent(new Event('voiceschanged'));
	});
	await listen.click();
	expect(await page.evaluate(() => (window as unknown as { spoken: string[] }).spoken)).toEqual([`here: ${RULES}`]);
	await page.getByRole('button', { name: /^Parar/ }).click();
	await expect(listen).toBeVisible();
});
