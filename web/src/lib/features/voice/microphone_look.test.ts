// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { microphoneLook, type MicrophoneSituation } from './microphone_look';

overwriteGetLocale(() => 'pt-BR');

const OPEN: MicrophoneSituation = {
	microphone: 'open',
	inRoom: true,
	selfMuted: false,
	moderated: false,
	pushToTalk: false,
	transmitting: true
};

describe('the microphone’s button', () => {
	it.each([
		['V-MIC-NEGADO', 'Bloqueado'],
		['V-MIC-INSEGURO', 'Bloqueado'],
		['V-MIC-AUSENTE', 'Sem microfone'],
		['V-MIC-OCUPADO', 'Ocupado'],
		['V-MIC-ERRO', 'Não abriu'],
		['V-MIC-CALADO', 'Calado']
	] as const)('never says that a microphone is open when it can’t be: %s', (microphone, word) => {
		for (const inRoom of [true, false]) {
			for (const selfMuted of [true, false]) {
				const look = microphoneLook({ ...OPEN, microphone, inRoom, selfMuted, transmitting: false });
				expect(look).toMatchObject({ word, look: 'off', closed: true });
			}
		}
	});

	it('says that who only listens has none on', () => {
		expect(microphoneLook({ ...OPEN, microphone: 'none', transmitting: false }).word).toBe('Desligado');
	});

	it('says what will be, before a room', () => {
		const before = { ...OPEN, microphone: 'none', inRoom: false, transmitting: false } as const;
		expect(microphoneLook(before)).toMatchObject({ word: 'Aberto', look: 'plain', closed: false });
		expect(microphoneLook({ ...before, selfMuted: true })).toMatchObject({ word: 'Fechado', closed: true });
		expect(microphoneLook({ ...before, pushToTalk: true })).toMatchObject({ word: 'Com tecla', closed: false });
		expect(microphoneLook({ ...before, moderated: true, pushToTalk: true })).toMatchObject({
			word: 'Mudo',
			look: 'off'
		});
	});

	it('is lit while it is open', () => {
		expect(microphoneLook(OPEN)).toMatchObject({ word: 'Aberto', look: 'lit', closed: false });
		expect(microphoneLook({ ...OPEN, pushToTalk: true })).toMatchObject({ word: 'Aberto', look: 'lit' });
		expect(microphoneLook({ ...OPEN, moderated: true })).toMatchObject({
			word: 'Mudo',
			state: 'Mudo pela moderação',
			look: 'off'
		});
	});
});
