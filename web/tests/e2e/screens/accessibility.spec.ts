// SPDX-License-Identifier: Apache-2.0
// Every screen: no serious finding of axe in dark and light, nothing wider than a phone or a window at 200 %, targets
// that a finger finds, focus that is seen, and the tree that a screen reader gets, kept in `aria/`. After a wanted change: `tests/e2e/run accessibility --update-snapshots=all`.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page, test, type TestInfo } from '@playwright/test';
import { join } from 'node:path';
import { expectTree } from '../fixtures/aria.ts';
import { beforeSetUp, inside, type Screen, signedOut, states } from '../fixtures/screens.ts';

/** The same page; axe brings a copy of the types along. */
type AxePage = ConstructorParameters<typeof AxeBuilder>[0]['page'];

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const SMALL_PHONE = { width: 320, height: 640 };
/** 1280×800 at 200 %. */
const ZOOMED = { width: 640, height: 400 };
/** 1280×1024 at 400 % (WCAG 1.4.10). */
const REFLOWED = { width: 320, height: 256 };

/** Where the Tab key goes through all of it: one of each kind. */
const WALKED = ['setup-community', 'invite', 'main', 'dialog-invite', 'room', 'settings-voice', 'voice-failure'];

for (const set of [beforeSetUp, signedOut, inside, states]) {
	test(set.name, async ({}, info) => {
		test.setTimeout(300_000);
		const scene = await set({ viewport: DESKTOP });
		try {
			for (const screen of scene.screens) await test.step(screen.name, () => check(screen, info));
			scene.expectNoFaults();
		} catch (error) {
			await scene.tell(info);
			throw error;
		} finally {
			await scene.close();
		}
	});
}

async function check(screen: Screen, info: TestInfo): Promise<void> {
	const page = await screen.open();
	const modal = page.getByRole('dialog').or(page.getByRole('alertdialog'));
	const root = (await modal.count()) > 0 ? modal : page.locator('body');
	await expectTree(root, join(import.meta.dirname, 'aria', `${screen.name}.yml`), info);
	await noFindings(page, `${screen.name}, dark`);
	await page.emulateMedia({ colorScheme: 'light' });
	await noFindings(page, `${screen.name}, light`, ['color-contrast', 'link-in-text-block']);
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.setViewportSize(PHONE);
	await fits(page, `${screen.name}, ${PHONE.width} px`);
	await noFindings(page, `${screen.name}, phone`);
	await targets(page, screen.name);
	for (const size of [SMALL_PHONE, ZOOMED, REFLOWED]) {
		const where = `${screen.name}, ${size.width}×${size.height}`;
		await page.setViewportSize(size);
		await fits(page, where);
		if (WALKED.includes(screen.name)) await focusIsSeen(page, where);
	}
	const menu = page.getByRole('menu');
	await reachable((await menu.count()) > 0 ? menu : root, `${screen.name}, ${REFLOWED.width}×${REFLOWED.height}`);
	await page.setViewportSize(DESKTOP);
	await screen.shut?.();
}

/** @param rules all of them when it is absent */
async function noFindings(page: Page, where: string, rules?: string[]): Promise<void> {
	// Legacy mode: the page has no frames, so axe needs no second page for them.
	const axe = new AxeBuilder({ page: page as AxePage }).setLegacyMode();
	if (rules === undefined) axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
	else axe.withRules(rules);
	const { violations } = await axe.analyze();
	const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
	const told = serious.map(({ id, impact, nodes }) => ({
		id,
		impact,
		nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`)
	}));
	expect.soft(told, `axe: ${where}`).toEqual([]);
}

/** Nothing is to be scrolled sideways, and nothing is cut off at the side (WCAG 1.4.10). */
async function fits(page: Page, where: string): Promise<void> {
	const outside = () =>
		page.evaluate(() => {
			const width = document.documentElement.clientWidth;
			const found: string[] = [];
			// As for what is in it, a pixel is left to rounding.
			if (document.documentElement.scrollWidth > width + 1)
				found.push(`page: ${document.documentElement.scrollWidth} px`);
			for (const element of document.querySelectorAll<HTMLElement>('body *')) {
				if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
				const box = element.getBoundingClientRect();
				// What is for screen readers alone is clipped to a point.
				if (box.width <= 1 || box.height <= 1) continue;
				const style = getComputedStyle(element);
				if (style.position === 'fixed' && (box.bottom <= 0 || box.top >= innerHeight)) continue;
				if (box.right > width + 1 || box.left < -1) {
					found.push(`${element.tagName.toLowerCase()}.${element.className}: ${box.left}–${box.right}`);
				}
				const scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll';
				if (scrolls && element.scrollWidth > element.clientWidth + 1) {
					found.push(`${element.tagName.toLowerCase()}.${element.className} scrolls: ${element.scrollWidth}`);
				}
			}
			return found;
		});
	// A menu comes after the window.
	await expect
		.configure({ soft: true })
		.poll(outside, { message: `too wide: ${where}`, timeout: 5_000 })
		.toEqual([]);
}

/** Every control can be scrolled to and pressed, nothing stands over it, and words are neither broken nor out of it. */
async function reachable(root: Locator, where: string): Promise<void> {
	const found = await root.evaluate((within) => {
		const wrong: string[] = [];
		const seen = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
		for (const control of within.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea')) {
			const shown = control.closest('label') ?? control;
			if (!seen(shown) || control.matches('.skip')) continue;
			shown.scrollIntoView({ block: 'nearest' });
			const box = shown.getBoundingClientRect();
			const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
			const name = control.getAttribute('aria-label') ?? shown.textContent?.trim();
			if (hit === null || !shown.contains(hit)) wrong.push(`${name}: covered by ${hit?.className}`);
		}
		const texts = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
		for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
			const parent = text.parentElement;
			// What is for screen readers alone is clipped to a point.
			if (parent === null || !seen(parent) || parent.clientWidth === 1) continue;
			const control = parent.closest('button, a[href]')?.getBoundingClientRect();
			for (const { 0: word, index } of (text.textContent ?? '').matchAll(/\p{L}+/gu)) {
				const range = document.createRange();
				range.setStart(text, index);
				range.setEnd(text, index + word.length);
				const box = range.getBoundingClientRect();
				if (range.getClientRects().length > 1) wrong.push(`${word}: broken`);
				if (control && (box.left < control.left || box.right > control.right)) wrong.push(`${word}: out of its button`);
			}
		}
		return wrong;
	});
	expect.soft(found, `in the way: ${where}`).toEqual([]);
}

/** Big enough for a finger (WCAG 2.5.8); links in running text are as high as it. Microphone and leave: 44 px. */
async function targets(page: Page, where: string): Promise<void> {
	const small = await page.evaluate(() => {
		const found: string[] = [];
		for (const element of document.querySelectorAll<HTMLElement>(
			'button, a[href], input, select, textarea, [role="treeitem"], [role="menuitem"]'
		)) {
			if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
			if (getComputedStyle(element).display === 'inline') continue;
			const box = (element.closest('label') ?? element).getBoundingClientRect();
			const name = element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '';
			const least = /^(Silenciar|Ativar microfone|Sair da sala)/.test(name) ? 44 : 24;
			if (Math.min(box.width, box.height) < least) {
				found.push(`${element.tagName.toLowerCase()} ${name}: ${box.width}×${box.height}, not ${least}`);
			}
		}
		return found;
	});
	expect.soft(small, `too small: ${where}`).toEqual([]);
}

/** Tab by Tab through the whole screen: what has the focus can be seen, not covered by bars (WCAG 2.4.11). */
async function focusIsSeen(page: Page, where: string): Promise<void> {
	const hidden: string[] = [];
	let stops = 0;
	for (; stops < 80; stops += 1) {
		await page.keyboard.press('Tab');
		const told = await page.evaluate(() => {
			const element = document.activeElement;
			if (!(element instanceof HTMLElement) || element === document.body) return 'end';
			if ('walked' in element.dataset) return null;
			element.dataset['walked'] = '';
			const box = element.getBoundingClientRect();
			const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [x, y] as const));
			const seen = points.some(([x, y]) => {
				const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
				if (hit === null) return false;
				return element.contains(hit) || hit.closest('label')?.contains(element);
			});
			const name = element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '';
			return { name: `${element.tagName.toLowerCase()} ${name}`, seen };
		});
		if (told === null) break;
		// Past the last the browser begins again at the first.
		if (told === 'end') continue;
		if (!told.seen) hidden.push(told.name);
	}
	await page.evaluate(() => {
		for (const element of document.querySelectorAll('[data-walked]')) delete (element as HTMLElement).dataset['walked'];
	});
	expect.soft(hidden, `hidden while it has the focus: ${where}`).toEqual([]);
	expect.soft(stops, `the Tab key goes somewhere: ${where}`).toBeGreaterThan(1);
}
