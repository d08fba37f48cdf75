// SPDX-License-Identifier: Apache-2.0

type Voice = Pick<SpeechSynthesisVoice, 'lang' | 'localService'>;

/** The voice for a text in this language. A remote one sends the text to another host, so it is never taken. */
export function localVoice<V extends Voice>(voices: readonly V[], language: string): V | undefined {
	const fitting = voices.filter(({ lang, localService }) => localService && primary(lang) === primary(language));
	return fitting.find(({ lang }) => subtags(lang).join() === subtags(language).join()) ?? fitting[0];
}

/** Android writes `pt_BR`. */
function subtags(tag: string): string[] {
	return tag.toLowerCase().split(/[-_]/);
}

function primary(tag: string): string | undefined {
	return subtags(tag)[0];
}
