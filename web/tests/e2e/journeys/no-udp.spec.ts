// SPDX-License-Identifier: Apache-2.0
// A network that lets no UDP through to the server: HTTP works, voice can't.
import { expect } from '@playwright/test';
import { test } from '../fixtures/house.ts';
import { type BrowserName } from '../fixtures/people.ts';
import { BETO } from '../fixtures/people.ts';
import { message, room, write } from '../fixtures/steps.ts';

/** Nobody has this address in the tests' network. */
const NOWHERE = '10.99.0.200';

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`no UDP to the server, with ${second}`, async ({ openHouse }) => {
		const { house, ana } = await openHouse({ server: { env: { VOZ_VOICE_ADVERTISE: NOWHERE } } });
		const beto = await house.enter(BETO, second);
		await room(beto.page).click({ position: { x: 60, y: 12 } });
		await expect(beto.page.getByText('Entrando na sala').first()).toBeVisible();
		await expect(beto.page.getByRole('alert')).toContainText('A rede daqui bloqueia chamadas de voz', {
			timeout: 20_000
		});
		await beto.page.getByRole('link', { name: 'Ver o que fazer' }).click();
		const failure = beto.page.getByRole('region', { name: 'A rede daqui bloqueia chamadas de voz' });
		await expect(failure).toContainText('Seu microfone está certo. Tente por outra rede, como os dados do celular.');
		await expect(failure).toContainText('V-UDP-BLOQ');
		await failure.getByText('Para quem cuida da rede').click();
		await expect(failure).toContainText('Libere UDP para o endereço do servidor');
		await expect(room(ana.page), 'who is not connected does not stay inside').toHaveAccessibleName(/vazia/);

		await beto.page.getByRole('link', { name: 'geral' }).click();
		await write(beto, 'por texto então');
		await expect(message(ana.page, 'por texto então')).toHaveCount(1);
	});
}
