// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, it } from 'vitest';
import { PushToTalk } from '$lib/voice/push_to_talk';
import { FakeClock } from './fakes/clock';

let clock: FakeClock;
let key: string;
let releaseMs: number;
let changes: boolean[];
let pushToTalk: PushToTalk;

beforeEach(() => {
	clock = new FakeClock();
	key = 'KeyV';
	releaseMs = 100;
	changes = [];
	pushToTalk = new PushToTalk(
		clock,
		() => ({ key, releaseMs }),
		(talking) => void changes.push(talking)
	);
});

it('talks from down to a moment after up, also while the key repeats', async () => {
	expect(pushToTalk.down('KeyV', 'elsewhere')).toBe(true);
	pushToTalk.down('KeyV', 'elsewhere');
	expect(changes).toEqual([true]);
	expect(pushToTalk.up('KeyV')).toBe(true);
	await clock.advance(99);
	expect(pushToTalk.talking).toBe(true);
	await clock.advance(1);
	expect(changes).toEqual([true, false]);
});

it('goes on when the key comes down again within the release', async () => {
	pushToTalk.down('KeyV', 'elsewhere');
	pushToTalk.up('KeyV');
	await clock.advance(50);
	pushToTalk.down('KeyV', 'elsewhere');
	await clock.advance(500);
	expect(changes).toEqual([true]);
});

it('is silent at once without a release delay', () => {
	releaseMs = 0;
	pushToTalk.down('KeyV', 'elsewhere');
	pushToTalk.up('KeyV');
	expect(changes).toEqual([true, false]);
});

it('does not mind other keys, nor an up without its down', () => {
	expect(pushToTalk.down('KeyB', 'elsewhere')).toBe(false);
	expect(pushToTalk.up('KeyV')).toBe(false);
	expect(changes).toEqual([]);
});

it.each([
	['KeyV', 'text', false],
	['Backquote', 'text', false],
	['Space', 'text', false],
	['ShiftLeft', 'text', false],
	['F8', 'text', true],
	['ControlRight', 'text', true],
	['Mouse4', 'text', true],
	['Space', 'control', false],
	['Enter', 'control', false],
	['KeyV', 'control', true],
	['Space', 'elsewhere', true]
] as const)('%s in %s: %s', (code, target, talks) => {
	key = code;
	expect(pushToTalk.down(code, target)).toBe(talks);
	expect(pushToTalk.talking).toBe(talks);
});

it('ends when the page loses focus, and the late up changes nothing', async () => {
	pushToTalk.down('KeyV', 'elsewhere');
	pushToTalk.reset();
	expect(changes).toEqual([true, false]);
	expect(pushToTalk.up('KeyV')).toBe(false);
	await clock.advance(1_000);
	expect(changes).toEqual([true, false]);
});

it('the key ends although the pointer went down in a text field afterwards', async () => {
	pushToTalk.down('KeyV', 'elsewhere');
	pushToTalk.down('KeyV', 'text');
	pushToTalk.up('KeyV');
	await clock.advance(100);
	expect(pushToTalk.talking).toBe(false);
});

it('the button on the screen and the key hold it together', async () => {
	pushToTalk.button(true);
	pushToTalk.down('KeyV', 'elsewhere');
	pushToTalk.button(false);
	await clock.advance(1_000);
	expect(pushToTalk.talking).toBe(true);
	pushToTalk.up('KeyV');
	await clock.advance(100);
	expect(changes).toEqual([true, false]);
});
