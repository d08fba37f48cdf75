// SPDX-License-Identifier: Apache-2.0
// The first minutes and what goes wrong, in the languages of which the other files do not tell.
import { expect, type Page, test as plain } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { ANA, BETO, CAIO, PASSWORD, Person, refused, SERVER_GONE } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import { CHANNEL, ROOM, room } from '../fixtures/steps.ts';
import { type Locale, LOCALES, strays, words } from '../fixtures/words.ts';

const OTHERS = LOCALES.filter((locale) => locale !== 'pt-BR');

/** Nobody has this address in the tests' network. */
const NOWHERE = '10.99.0.200';

async function allIn(page: Page, locale: Locale, given: string[] = []): Promise<void> {
	await expect(page.locator('html')).toHaveAttribute('lang', locale);
	expect.soft(await strays(page, locale, given), `${locale}, ${page.url()}`).toEqual([]);
}

for (const locale of OTHERS) {
	plain(`the set-up wizard, to the community: ${locale}`, async () => {
		const say = words(locale);
		const server = await Server.start();
		const owner = await Person.arrive(ANA, 'chromium', { locale });
		const { page } = owner;
		const asks = async (title: string) => {
			await expect(page.getByRole('heading', { level: 1, name: say(title) })).toBeVisible();
			await allIn(page, locale);
		};
		const next = () => page.getByRole('button', { name: say('continue') }).click();
		try {
			await page.goto(server.setupLink());
			await asks('setup_owner_title');
			expect(await strays(page, 'pt-BR'), 'it would be found').toContain(say('setup_owner_text'));
			await page.getByLabel(say('username')).fill('João');
			await page.getByLabel(say('password'), { exact: true }).fill('abc');
			await next();
			await expect(page.getByText(say('field_username_characters'))).toBeVisible();
			await expect(page.getByText(say('field_password_too_short'))).toBeVisible();
			await allIn(page, locale);
			await page.getByLabel(say('username')).fill(ANA.username);
			await page.getByLabel(say('password'), { exact: true }).fill(PASSWORD);
			await next();
			await asks('setup_place_title');
			await page.getByLabel(say('setup_place_name')).fill('Ana & Co');
			await next();
			await asks('setup_sign_up_title');
			await next();
			await asks('setup_community_title');
			await page.getByRole('button', { name: say('setup_finish') }).click();
			await expect(room(page, say('setup_room_default'))).toBeVisible();
			await asks('setup_text_channel_default');
			owner.expectNoFaults();
		} finally {
			await owner.leave();
			await server.stop();
		}
	});
}

test('what goes wrong, told in the other languages', async ({ openHouse }) => {
	const { house, ana } = await openHouse({ server: { env: { VOZ_VOICE_ADVERTISE: NOWHERE } } });
	const usedUp = await house.invite({ max_uses: 1 });
	await house.signUp(BETO, usedUp);
	await house.signUp(CAIO);
	const inside: { person: Person; locale: Locale }[] = [];

	const inLanguage = async (locale: Locale) => {
		const say = words(locale);
		const character = locale === 'en' ? BETO : CAIO;
		const joinFails = async ({ page }: Person, failure: string, code: string) => {
			await page.getByLabel(say('username')).fill(character.username);
			await page.getByLabel(say('password'), { exact: true }).fill(PASSWORD);
			await page.getByRole('button', { name: say('sign_in'), exact: true }).click();
			await room(page).click({ position: { x: 60, y: 12 } });
			await expect(page.getByRole('alert')).toContainText(say(`${failure}_title`), { timeout: 20_000 });
			await page.getByRole('link', { name: say('fail_see') }).click();
			const told = page.getByRole('region', { name: say(`${failure}_title`) });
			await expect(told).toContainText(say(`${failure}_text`));
			await expect(told.getByText(code, { exact: true })).toBeVisible();
			await expect(told.getByRole('button', { name: say('try_again') })).toBeVisible();
			await allIn(page, locale, [CHANNEL, ROOM]);
		};
		const arrive = async (microphone?: 'refused' | 'absent') => {
			const person = await house.arrive(character, 'chromium', { locale, ...(microphone && { microphone }) });
			await person.page.goto(`${house.server.url}/entrar`);
			return person;
		};

		const refusing = await arrive('refused');
		refusing.expects(refused(404, 409, 410));
		await refusing.page.goto(usedUp);
		await expect(refusing.page.getByRole('heading', { name: say('problem_invite_used_up') })).toBeVisible();
		await expect(refusing.page.getByText(say('invite_ask_another'))).toBeVisible();
		await allIn(refusing.page, locale);
		await refusing.page.goto(`${house.server.url}/entrar`);
		await joinFails(refusing, 'fail_mic_negado', 'V-MIC-NEGADO');
		await refusing.leave();

		const without = await arrive('absent');
		await joinFails(without, 'fail_mic_ausente', 'V-MIC-AUSENTE');
		await without.leave();

		const person = await arrive();
		await joinFails(person, 'fail_udp_bloq', 'V-UDP-BLOQ');
		await expect(person.page.getByText(say('fail_network_admin'))).toBeVisible();
		inside.push({ person, locale });
	};
	await Promise.all(OTHERS.map(inLanguage));

	await test.step('the server is gone', async () => {
		for (const person of [ana, ...inside.map(({ person }) => person)]) person.expects(SERVER_GONE);
		await house.server.kill();
		const tell = async ({ person: { page }, locale }: (typeof inside)[number]) => {
			const say = words(locale);
			await expect(page.getByText(say('conn_lost'))).toBeVisible();
			await page
				.getByRole('button', { name: say('try_again') })
				.last()
				.click();
			const told = page.getByRole('region', { name: say('fail_servidor_title') });
			await expect(told).toContainText(say('fail_servidor_text'));
			await expect(told.getByText('V-SERVIDOR', { exact: true })).toBeVisible();
			await allIn(page, locale, [CHANNEL, ROOM]);
		};
		await Promise.all(inside.map(tell));
	});
});
