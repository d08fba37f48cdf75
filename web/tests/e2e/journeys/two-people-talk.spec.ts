// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@playwright/test';
import { hears, hearsNo, offers } from '../fixtures/hearing.ts';
import { ANA, BETO, type BrowserName, CAIO, Person } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import { acceptInvite, joinRoom, makeInvite, room, setUp } from '../fixtures/steps.ts';

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`from a set-up link to two people who hear each other, with ${second}`, async () => {
		const server = await Server.start();
		const ana = await Person.arrive(ANA);
		const beto = await Person.arrive(BETO, second);
		try {
			await setUp(ana, server.setupLink());
			await acceptInvite(beto, await makeInvite(ana));

			await joinRoom(ana);
			await expect(room(beto.page), 'Beto sees who is inside before he joins').toContainText('ana');
			await joinRoom(beto);
			await hears(ana.page, BETO.hz);
			await hears(beto.page, ANA.hz);
			await hearsNo(ana.page, ANA.hz);
			await hearsNo(beto.page, BETO.hz);

			await ana.page.getByRole('button', { name: 'Silenciar' }).first().click();
			await hearsNo(beto.page, ANA.hz);
			await expect(room(beto.page)).toContainText('fechado');
			await ana.page.getByRole('button', { name: 'Ativar microfone' }).first().click();
			await hears(beto.page, ANA.hz);

			const caio = await Person.arrive(CAIO);
			try {
				await acceptInvite(caio, await makeInvite(ana));
				await joinRoom(caio);
				await hears(ana.page, CAIO.hz);
				await hears(beto.page, CAIO.hz);
				await hears(caio.page, ANA.hz);
				await hears(caio.page, BETO.hz);
				await caio.page.getByRole('button', { name: 'Sair da sala' }).first().click();
				await hearsNo(ana.page, CAIO.hz);
				await hears(ana.page, BETO.hz);
				caio.expectNoFaults();
			} finally {
				await caio.leave();
			}
			expect(await offers(ana.page), 'a third person comes and goes without renegotiation').toBe(1);
			expect(await offers(beto.page)).toBe(1);
			ana.expectNoFaults();
			beto.expectNoFaults();
		} catch (error) {
			console.log(server.log(), ana.report(), beto.report());
			throw error;
		} finally {
			await ana.leave();
			await beto.leave();
			await server.stop();
		}
	});
}
