// SPDX-License-Identifier: Apache-2.0
// The microphone while inside: other settings, lost, closed by oneself or by a moderator.
import { expect, type Page } from '@playwright/test';
import { hears, hearsNo, negotiations } from '../fixtures/hearing.ts';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, type BrowserName } from '../fixtures/people.ts';
import { joinRoom, microphone, occupant } from '../fixtures/steps.ts';

/** The track that is sent, and what it was opened with. */
function sent(page: Page) {
	return page.evaluate(() => {
		const [sender] = window.vozTest.connections.at(-1)?.getSenders() ?? [];
		return { id: sender?.track?.id, automaticVolume: sender?.track?.getSettings().autoGainControl };
	});
}

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`automatic volume, switched while inside, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse();
		const beto = await house.enter(BETO, second);
		const { page } = beto;
		await joinRoom(ana);
		await joinRoom(beto);
		await hears(ana.page, BETO.hz);
		const before = await negotiations(page);
		await page.getByRole('link', { name: 'Ajustes' }).click();

		async function turn(on: boolean): Promise<void> {
			const { id } = await sent(page);
			await page.getByRole('switch', { name: 'Volume automático' }).setChecked(on);
			await expect.poll(async () => (await sent(page)).id).not.toBe(id);
			// Firefox’s simulated microphone never says that it has it.
			if (second === 'chromium') expect((await sent(page)).automaticVolume).toBe(on);
		}

		await turn(true);
		await hears(ana.page, BETO.hz);
		await microphone(page).click();
		await hearsNo(ana.page, BETO.hz);
		await turn(false);
		await hearsNo(ana.page, BETO.hz);
		await microphone(page).click();
		await hears(ana.page, BETO.hz);
		expect(await negotiations(page)).toEqual(before);
	});
}

test('lost on another screen: said there, with what to do', async ({ openHouse }) => {
	const { ana } = await openHouse();
	const { page } = ana;
	await joinRoom(ana);
	await page.getByRole('link', { name: 'Ajustes' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Voz' })).toBeVisible();
	await page.evaluate(() => {
		navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
		const [sender] = window.vozTest.connections.at(-1)?.getSenders() ?? [];
		sender?.track?.stop();
		sender?.track?.dispatchEvent(new Event('ended'));
	});
	const told = 'Nenhum microfone foi encontrado. Ligue um microfone ou fone e tente de novo. Código V-MIC-AUSENTE';
	await expect(page.getByRole('status').getByText(told)).toBeAttached();
	await expect(page.getByText(told).last()).toBeVisible();
});

test('muted by the system: said like one that was lost, until it gives sound again', async ({ openHouse }) => {
	const { ana } = await openHouse();
	const { page } = ana;
	await joinRoom(ana);
	const mute = (muted: boolean) =>
		page.evaluate((muted) => {
			const track = window.vozTest.connections.at(-1)?.getSenders()[0]?.track;
			if (!track) throw new Error('nothing is sent');
			Object.defineProperty(track, 'muted', { configurable: true, value: muted });
			track.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
		}, muted);
	await mute(true);
	const told = /^O sistema calou o microfone\. .* Código V-MIC-CALADO$/;
	await expect(page.getByText(told).last()).toBeVisible();
	await expect(microphone(page)).toHaveText('Calado');
	await expect(occupant(page, ANA)).toContainText('fechado');
	await mute(false);
	await expect(microphone(page)).toHaveText('Aberto');
	await expect(occupant(page, ANA)).not.toContainText('fechado');
});

test('held to talk, while closed or muted by a moderator: says why nobody hears', async ({ openHouse }) => {
	const { house } = await openHouse();
	const beto = await house.enter(BETO);
	const { page } = beto;
	await joinRoom(beto);
	await page.getByRole('link', { name: 'Ajustes' }).click();
	await page.getByRole('radio', { name: /Só com a tecla/ }).check();
	await page.getByRole('link', { name: 'Voltar' }).click();
	await page.getByRole('region', { name: 'Sua voz' }).getByRole('link', { name: 'Sala de conversa' }).click();
	const hold = page.getByRole('button', { name: 'Segurar para falar' });
	const said = page.getByRole('status').filter({ hasText: /^Microfone: / });

	await test.step('closed by oneself', async () => {
		await expect(hold).toHaveText('Segurar para falar');
		await page.keyboard.press('Control+Shift+M');
		await expect(said).toHaveText('Microfone: Fechado');
		await expect(hold).toHaveText('Microfone: Fechado');
		await page.keyboard.press('Control+Shift+M');
		await expect(said).toHaveText('Microfone: Com tecla');
		await expect(hold).toHaveText('Segurar para falar');
	});

	await test.step('not hearing', async () => {
		await page.keyboard.press('Control+Shift+D');
		await expect(hold).toHaveText('Microfone: Fechado');
		await microphone(page).click();
		await expect(hold, 'who opens the microphone wants to hear the answer').toHaveText('Segurar para falar');
	});

	await test.step('by a moderator', async () => {
		const mute = await house.owner.call(
			'PUT',
			`/communities/${house.communityId}/members/${house.account(BETO).userId}/voice-mute`,
			{ muted: true }
		);
		expect(mute.status).toBe(204);
		await expect(microphone(page)).toHaveAccessibleName('Silenciar (Mudo pela moderação)');
		await hold.focus();
		await page.keyboard.down('Space');
		await expect(said).toHaveText('Microfone: Mudo pela moderação');
		await expect(hold).toHaveText('Microfone: Mudo pela moderação');
		await expect(hold).toHaveAttribute('aria-pressed', 'false');
		await page.keyboard.up('Space');
		await page.keyboard.press('Control+Shift+M');
		await page.keyboard.press('Control+Shift+M');
		await expect(microphone(page)).toHaveAccessibleName('Silenciar (Mudo pela moderação)');
	});
});
