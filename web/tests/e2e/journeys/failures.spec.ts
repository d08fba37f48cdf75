// SPDX-License-Identifier: Apache-2.0
// What goes wrong is told in a plain sentence, with what to do, in the person's language.
import { expect, type Locator, type Page, test } from '@playwright/test';
import { hears } from '../fixtures/hearing.ts';
import { House } from '../fixtures/house.ts';
import {
	ANA,
	BETO,
	CAIO,
	PASSWORD,
	type Person,
	type PersonOptions,
	refused,
	SERVER_GONE
} from '../fixtures/people.ts';
import { joinRoom, microphone, occupant, room } from '../fixtures/steps.ts';
import { LOCALES, words } from '../fixtures/words.ts';

test.describe.configure({ mode: 'serial' });

let house: House;
let ana: Person;

test.beforeAll(async () => {
	({ house, ana } = await House.open());
	await joinRoom(ana);
});
test.afterEach(async ({}, info) => house.tell(info));
test.afterAll(async () => house.close());

/** Presses the room; the voice bar and the room's page say why it failed. */
async function joinFails(page: Page, title: string, text: string, code: string): Promise<void> {
	await room(page).click({ position: { x: 60, y: 12 } });
	await expect(page.getByRole('alert')).toContainText(title);
	await page.getByRole('link', { name: 'Ver o que fazer' }).click();
	const failure = page.getByRole('region', { name: title });
	await expect(failure).toContainText(text);
	await expect(failure.getByText(code, { exact: true })).toBeVisible();
	await expect(failure.getByRole('button', { name: 'Tentar de novo' })).toBeVisible();
	await expect(occupant(ana.page, BETO), 'nobody is shown who is not there').toBeHidden();
}

async function visit(options: PersonOptions): Promise<Person> {
	const person = await house.enter(BETO, 'chromium', options);
	await expect(room(person.page), 'who closed the tab is seen to be gone at once').toHaveAccessibleName(/1 pessoa/, {
		timeout: 3_000
	});
	return person;
}

/** The button in the voice bar of who has no microphone that opens. */
function troubledMicrophone(page: Page, word: string): Locator {
	return page.getByRole('button', { name: `Ativar microfone (${word})` });
}

test('microphone refused: why, what to do, and in to listen', async () => {
	const beto = await visit({ microphone: 'refused' });
	await joinFails(
		beto.page,
		'Seu microfone está bloqueado',
		'Toque no cadeado ao lado do endereço › Microfone › Permitir.',
		'V-MIC-NEGADO'
	);
	await expect(troubledMicrophone(beto.page, 'Bloqueado')).toHaveAttribute('aria-pressed', 'true');
	await beto.page.getByRole('button', { name: 'Entrar só para ouvir' }).click();
	await hears(beto.page, ANA.hz);
	await expect(occupant(ana.page, BETO)).toContainText('fechado');
	await expect(troubledMicrophone(beto.page, 'Desligado')).toBeVisible();

	await test.step('pressed on another screen: asked again, and told what to do', async () => {
		await beto.page.getByRole('link', { name: 'geral' }).click();
		await troubledMicrophone(beto.page, 'Desligado').click();
		await expect(troubledMicrophone(beto.page, 'Bloqueado')).toBeVisible();
		await expect(
			beto.page
				.getByText('Seu microfone está bloqueado. Toque no cadeado ao lado do endereço › Microfone › Permitir.')
				.first()
		).toBeVisible();
	});
	await test.step('allowed later, without leaving', async () => {
		await beto.context.grantPermissions(['microphone']);
		await hears(ana.page, BETO.hz);
		await expect(microphone(beto.page)).toContainText('Aberto');
	});
	beto.expectNoFaults();
	await beto.closeTab();
});

test('no microphone', async () => {
	const beto = await visit({ microphone: 'absent' });
	await joinFails(
		beto.page,
		'Nenhum microfone foi encontrado',
		'Ligue um microfone ou fone e tente de novo.',
		'V-MIC-AUSENTE'
	);
	await expect(troubledMicrophone(beto.page, 'Sem microfone')).toBeVisible();
	await beto.page.getByRole('region', { name: 'Sua voz' }).getByRole('button', { name: 'Fechar' }).click();
	await expect(troubledMicrophone(beto.page, 'Sem microfone'), 'also in no room').toBeVisible();
	beto.expectNoFaults();
	await beto.leave();
});

test('wrong password, in three languages', async () => {
	for (const locale of LOCALES) {
		const say = words(locale);
		const person = await house.arrive(BETO, 'chromium', { locale });
		person.expects(refused(401));
		await person.page.goto(`${house.server.url}/entrar`);
		await person.page.getByLabel(say('username')).fill('beto');
		await person.page.getByLabel(say('password'), { exact: true }).fill('outra coisa aqui');
		await person.page.getByRole('button', { name: say('sign_in'), exact: true }).click();
		await expect(person.page.getByRole('alert')).toHaveText(say('problem_invalid_credentials'));
		await expect(person.page.locator('html')).toHaveAttribute('lang', locale);
		person.expectNoFaults();
		await person.leave();
	}
});

test('an invite that is used up, and one that never was', async () => {
	const link = await house.invite({ max_uses: 1 });
	const caio = await house.arrive(CAIO);
	caio.expects(refused(404, 409, 410));
	await caio.page.goto(link);
	await expect(caio.page.getByText('Serve para mais uma pessoa.')).toBeVisible();
	await caio.page.getByLabel('Nome de usuário').fill(CAIO.username);
	await caio.page.getByLabel('Senha', { exact: true }).fill(PASSWORD);
	await caio.page.getByLabel('Li as regras e concordo').check();
	await caio.page.getByRole('button', { name: 'Criar conta e entrar' }).click();
	await expect(room(caio.page)).toBeVisible();

	const late = await house.arrive(BETO);
	late.expects(refused(404, 409, 410));
	await late.page.goto(link);
	await expect(late.page.getByRole('heading', { name: 'Este convite já foi usado' })).toBeVisible();
	await expect(late.page.getByText('Peça outro a quem convidou você.')).toBeVisible();
	await late.page.goto(`${house.server.url}/invite/ABCDEFGHJK`);
	await expect(late.page.getByRole('heading', { name: 'Este convite não existe' })).toBeVisible();
	for (const person of [caio, late]) {
		person.expectNoFaults();
		await person.leave();
	}
});

test('an old set-up link, in three languages', async () => {
	for (const locale of LOCALES) {
		const person = await house.arrive(BETO, 'chromium', { locale });
		person.expects(refused(401, 403, 404, 409));
		await person.page.goto(`${house.server.url}/setup#abcdefghijklmnopqrstuvwxyz`);
		await expect(person.page.getByRole('heading', { name: words(locale)('setup_done_title') })).toBeVisible();
		await expect(person.page.getByText(words(locale)('setup_done_text'))).toBeVisible();
		person.expectNoFaults();
		await person.leave();
	}
});

test('log-out ends the session on the server', async () => {
	const beto = await visit({});
	const cookies = await beto.context.cookies();
	expect(cookies.filter((cookie) => !cookie.httpOnly || cookie.sameSite === 'None')).toEqual([]);
	const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
	const me = () => fetch(`${house.server.url}/api/v1/me`, { headers: { cookie } });
	expect((await me()).status).toBe(200);
	await joinRoom(beto);
	await beto.page.getByRole('link', { name: 'Ajustes' }).click();
	await beto.page.getByRole('link', { name: 'Conta' }).click();
	await beto.page.getByRole('button', { name: 'Sair da conta' }).click();
	await expect(beto.page.getByRole('link', { name: 'Entrar' })).toBeVisible();
	expect((await me()).status, 'the cookies that were are worth nothing').toBe(401);
	await expect(occupant(ana.page, BETO), 'a voice does not outlive its session').toBeHidden();
	beto.expectNoFaults();
	await beto.leave();
});

test('the server is gone', async () => {
	const beto = await visit({});
	const visitor = await house.arrive(CAIO);
	await visitor.page.goto(`${house.server.url}/entrar`);
	for (const person of [ana, beto, visitor]) person.expects(SERVER_GONE);
	await visitor.page.getByLabel('Nome de usuário').fill(CAIO.username);
	await visitor.page.getByLabel('Senha', { exact: true }).fill(PASSWORD);
	await house.server.kill();

	await visitor.page.getByRole('button', { name: 'Entrar', exact: true }).click();
	await expect(visitor.page.getByRole('alert')).toHaveText(
		'O servidor não respondeu. Confira a internet e tente de novo.'
	);
	await expect(beto.page.getByText('Sem conexão com o servidor. Voltamos sozinhos assim que der.')).toBeVisible();
	await room(beto.page).click({ position: { x: 60, y: 12 } });
	await expect(beto.page.getByRole('alert')).toContainText('O servidor não responde');
	await expect(beto.page.getByText('V-SERVIDOR')).toBeVisible();
	await expect(ana.page.getByText('Voltando para a sala')).toBeVisible();
	await expect(ana.page.getByText('Voz conectada')).toBeHidden();

	await test.step('every screen opens without it', async () => {
		await beto.page.getByRole('link', { name: 'Ajustes' }).click();
		await expect(beto.page.getByRole('heading', { level: 1, name: 'Voz' })).toBeVisible();
		await beto.page.getByRole('link', { name: 'Voltar' }).click();
		await expect(room(beto.page)).toBeVisible();
	});

	await house.server.run();
	await beto.page.getByRole('button', { name: 'Tentar de novo' }).last().click();
	await hears(beto.page, ANA.hz);
	await visitor.page.getByRole('button', { name: 'Entrar', exact: true }).click();
	await expect(room(visitor.page)).toBeVisible();
	house.expectNoFaults();
});
