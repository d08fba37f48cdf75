// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@playwright/test';
import { hears, hearsNo, longestGap, negotiations, packetsLost, watchTone } from '../fixtures/hearing.ts';
import { median, pressToWord } from '../fixtures/latency.ts';
import { ANA, BETO, type BrowserName, CAIO, Person, refused } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import {
	acceptInvite,
	headphones,
	joinRoom,
	leaveRoom,
	makeInvite,
	microphone,
	occupant,
	room,
	setUp
} from '../fixtures/steps.ts';

for (const second of ['chromium', 'firefox'] satisfies BrowserName[]) {
	test(`from a set-up link to two people who hear each other, with ${second}`, async () => {
		const server = await Server.start();
		const [ana, beto, caio] = await Promise.all([Person.arrive(ANA), Person.arrive(BETO, second), Person.arrive(CAIO)]);
		try {
			const link = server.setupLink();
			await setUp(ana, link);
			await test.step('the set-up link is used up', async () => {
				beto.expects(refused(409));
				await beto.page.goto(link);
				await expect(beto.page.getByRole('heading', { name: 'Este servidor já está pronto' })).toBeVisible();
			});
			await acceptInvite(beto, await makeInvite(ana));

			await test.step('they hear each other and not themselves', async () => {
				await expect(room(beto.page)).toHaveAccessibleName(/vazia/);
				await joinRoom(ana);
				await expect(occupant(beto.page, ANA), 'Beto sees who is inside before he joins').toBeVisible();
				await joinRoom(beto);
				await hears(ana.page, BETO.hz);
				await hears(beto.page, ANA.hz);
				await hearsNo(ana.page, ANA.hz);
				await hearsNo(beto.page, BETO.hz);
			});

			await test.step('who speaks is shown to both', async () => {
				for (const { page } of [ana, beto]) {
					await expect(occupant(page, ANA)).toContainText('falando');
					await expect(occupant(page, BETO)).toContainText('falando');
				}
			});

			await test.step('mute', async () => {
				await microphone(ana.page).click();
				await expect(microphone(ana.page)).toHaveAttribute('aria-pressed', 'true');
				await hearsNo(beto.page, ANA.hz);
				await expect(occupant(beto.page, ANA)).toContainText('fechado');
				await expect(occupant(beto.page, ANA)).not.toContainText('falando');
				await hears(ana.page, BETO.hz);
				await microphone(ana.page).click();
				await hears(beto.page, ANA.hz);
				await expect(occupant(beto.page, ANA)).toContainText('falando');
			});

			await test.step('who is muted or deafened is shown within 200 ms, who speaks within 150 ms', async () => {
				const muted: number[] = [];
				const deafened: number[] = [];
				const speaking: number[] = [];
				for (let round = 0; round < 5; round += 1) {
					muted.push(await pressToWord(microphone(ana.page), occupant(beto.page, ANA), 'fechado'));
					await hearsNo(beto.page, ANA.hz);
					speaking.push(await pressToWord(microphone(ana.page), occupant(beto.page, ANA), 'falando'));
					await hears(beto.page, ANA.hz);
					deafened.push(await pressToWord(headphones(ana.page), occupant(beto.page, ANA), 'não ouve'));
					await hearsNo(beto.page, ANA.hz);
					await headphones(ana.page).click();
					await hears(beto.page, ANA.hz);
				}
				expect(median(muted), `muted: ${muted.join(', ')} ms`).toBeLessThanOrEqual(200);
				expect(median(deafened), `deafened: ${deafened.join(', ')} ms`).toBeLessThanOrEqual(200);
				expect(median(speaking), `speaking: ${speaking.join(', ')} ms`).toBeLessThanOrEqual(150);
			});

			await test.step('deafen', async () => {
				await headphones(beto.page).click();
				await hearsNo(beto.page, ANA.hz);
				await expect(occupant(ana.page, BETO)).toContainText('não ouve');
				await hearsNo(ana.page, BETO.hz);
				await headphones(beto.page).click();
				await hears(beto.page, ANA.hz);
				await hears(ana.page, BETO.hz);
			});

			await test.step('a third person comes and goes: no renegotiation, no gap', async () => {
				await acceptInvite(caio, await makeInvite(ana));
				const before = [await negotiations(ana.page), await negotiations(beto.page)];
				const lostBefore = [await packetsLost(ana.page), await packetsLost(beto.page)];
				await watchTone(ana.page, BETO.hz);
				await watchTone(beto.page, ANA.hz);
				await joinRoom(caio);
				await hears(ana.page, CAIO.hz);
				await hears(beto.page, CAIO.hz);
				await hears(caio.page, ANA.hz);
				await hears(caio.page, BETO.hz);
				await leaveRoom(caio);
				await hearsNo(ana.page, CAIO.hz);
				await hearsNo(beto.page, CAIO.hz);
				await expect(occupant(ana.page, CAIO)).toBeHidden();
				expect(await longestGap(ana.page), 'Ana hears Beto all the time').toBeLessThan(100);
				expect(await longestGap(beto.page), 'Beto hears Ana all the time').toBeLessThan(100);
				expect([await packetsLost(ana.page), await packetsLost(beto.page)]).toEqual(lostBefore);
				expect([await negotiations(ana.page), await negotiations(beto.page)]).toEqual(before);
				expect(before[0]).toMatchObject({ connections: 1, offers: 1, remoteDescriptions: 1 });
				expect(before[1]).toMatchObject({ connections: 1, offers: 1, remoteDescriptions: 1 });
			});

			await test.step('leave', async () => {
				await leaveRoom(beto);
				await hearsNo(ana.page, BETO.hz);
				await expect(occupant(ana.page, BETO)).toBeHidden();
			});
			for (const person of [ana, beto, caio]) person.expectNoFaults();
		} catch (error) {
			console.log(server.log());
			throw error;
		} finally {
			await Promise.all([ana.leave(), beto.leave(), caio.leave()]);
			await server.stop();
		}
	});
}
