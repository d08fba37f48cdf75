// SPDX-License-Identifier: Apache-2.0
/** Every code there is has words of its own, in every language, and says what to do. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import type { EndCode, Failure, FailureCode, FieldError, VoiceCode, VoiceNotice } from '$lib/state';
import { failureText, fieldText } from './failure';
import { microphoneTroubleText, noticeText, voiceFailureText } from './voice';

const LOCALES = ['pt-BR', 'en', 'es'] as const;

const { schemas } = (
	JSON.parse(readFileSync('../docs/openapi.json', 'utf8')) as {
		components: { schemas: Record<'ErrorCode' | 'FieldError', { enum: string[] }> };
	}
).components;

/** What the server says, and what is said where it says nothing. */
const FAILURES = [
	...schemas.ErrorCode.enum,
	'network_unreachable',
	'answer_unreadable',
	'timeout',
	'not_connected'
] as FailureCode[];

// Records, so that a code that is added does not compile until it is here.
const VOICE: Record<VoiceCode, true> = {
	'V-MIC-NEGADO': true,
	'V-MIC-AUSENTE': true,
	'V-MIC-OCUPADO': true,
	'V-MIC-INSEGURO': true,
	'V-MIC-ERRO': true,
	'V-MIC-CALADO': true,
	'V-UDP-BLOQ': true,
	'V-CIFRA': true,
	'V-CAIU': true,
	'V-SERVIDOR': true,
	'V-SALA-CHEIA': true,
	'V-SEM-ACESSO': true,
	'V-VOZ-PARADA': true,
	'V-NAVEGADOR': true,
	'V-LIMITE': true,
	'V-ERRO': true
};
const NOTICES: Record<EndCode | VoiceNotice['code'], true> = {
	'V-REMOVIDO': true,
	'V-SALA-APAGADA': true,
	'V-OUTRA-ABA': true,
	'V-SEM-ACESSO': true,
	'V-SILENCIADO': true,
	'V-DESSILENCIADO': true
};

const failureOf = (code: FailureCode): Failure => ({ code, fields: {}, retryAfterS: null, requestId: null });

const keys = <K extends string>(record: Record<K, true>) => Object.keys(record) as K[];

function say<K extends string>(codes: readonly K[], text: (code: K) => string): Map<string, string> {
	const said = new Map<string, string>();
	for (const locale of LOCALES) {
		overwriteGetLocale(() => locale);
		for (const code of codes) said.set(`${locale} ${code}`, text(code));
	}
	return said;
}

/** Which of these are said in the same words as another, or with a hole in them, or not at all. */
function faults(said: Map<string, string>): string[] {
	const by = new Map<string, string[]>();
	for (const [code, text] of said) by.set(text, [...(by.get(text) ?? []), code]);
	return [
		...[...by].filter(([, codes]) => codes.length > 1).map(([text, codes]) => `${codes.join(' = ')}: ${text}`),
		...[...said].filter(([, text]) => text.trim() === '' || /[{}]|undefined/.test(text)).map(([code]) => code)
	];
}

/** Sentences that have no second one: they say what happened, or what to do, but not both. */
function short(said: Map<string, string>): string[] {
	return [...said].filter(([, text]) => !/[.,] \p{L}/u.test(text)).map(([code, text]) => `${code}: ${text}`);
}

describe('failures', () => {
	it('of the server and of the network have words of their own', () => {
		expect(FAILURES.length).toBeGreaterThan(30);
		const said = say(FAILURES, (code) => failureText(failureOf(code)));
		expect(faults(said)).toEqual([]);
		expect(said.size).toBe(3 * FAILURES.length);
	});

	it('say what to do', () => {
		// What is wrong stands at the fields; an address to open, and a button beside it, say it in one sentence.
		const oneSentence: FailureCode[] = ['validation', 'origin_refused'];
		const codes = FAILURES.filter((code) => !oneSentence.includes(code));
		expect(short(say(codes, (code) => failureText(failureOf(code))))).toEqual([]);
	});

	it('of a newer server send for the newer page', () => {
		overwriteGetLocale(() => 'pt-BR');
		expect(failureText(failureOf('from_the_future' as FailureCode))).toBe('Esta página ficou antiga. Recarregue.');
	});

	it('of fields have words', () => {
		const errors = schemas.FieldError.enum as FieldError[];
		for (const field of ['username', 'password', 'name']) {
			const said = say(
				errors,
				(error) => fieldText({ ...failureOf('validation'), fields: { [field]: error } }, field) ?? ''
			);
			expect(faults(said)).toEqual([]);
		}
	});
});

describe('voice', () => {
	it('failures have words of their own and say what to do', () => {
		const said = say(keys(VOICE), voiceFailureText);
		expect(faults(said)).toEqual([]);
		expect(short(said)).toEqual([]);
	});

	it('of a microphone names the code', () => {
		for (const text of say(['V-MIC-NEGADO'], microphoneTroubleText).values()) expect(text).toMatch(/V-MIC-NEGADO$/);
	});

	it('notices have words of their own, with and without a name', () => {
		for (const by of [null, { id: 'u', username: 'ana' }]) {
			const said = say(keys(NOTICES), (code) => noticeText({ code, channelId: null, by, reason: null }));
			expect(faults(said)).toEqual([]);
		}
	});
});
