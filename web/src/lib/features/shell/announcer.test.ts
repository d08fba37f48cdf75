// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announcer } from './announcer.svelte';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.runAllTimers();
	vi.useRealTimers();
});

/** All that is said until nothing waits any more. */
function rest(): string[] {
	const said: string[] = [];
	for (; announcer.text !== ''; vi.advanceTimersToNextTimer()) said.push(announcer.text);
	return said;
}

it('says one after the other, each for as long as it takes to read it out', () => {
	announcer.say('um');
	announcer.say('dois');
	expect(announcer.text).toBe('um');
	vi.advanceTimersByTime(1_400);
	expect(announcer.text).toBe('um');
	expect(rest()).toEqual(['um', 'dois']);
});

it('says of the own microphone how it is when its turn comes, once', () => {
	let microphone = 'aberto';
	for (let press = 0; press < 6; press += 1) {
		microphone = microphone === 'aberto' ? 'fechado' : 'aberto';
		announcer.say(() => microphone, 'own microphone');
		announcer.say('ouvindo', 'own hearing');
		vi.advanceTimersByTime(200);
	}
	expect(rest()).toEqual(['fechado', 'aberto', 'ouvindo']);
});

it('keeps what is about something else', () => {
	announcer.say('Caio entrou');
	announcer.say('fechado', 'own microphone');
	announcer.say('Beto saiu');
	announcer.say('aberto', 'own microphone');
	expect(rest()).toEqual(['Caio entrou', 'Beto saiu', 'aberto']);
});
