// SPDX-License-Identifier: Apache-2.0
/** Words for why voice does not connect, and the step at which it stopped. */
import { m } from '$lib/paraglide/messages';
import type { MicrophoneCode, VoiceCode, VoiceNotice } from '$lib/state';

export type VoiceStep = 'permission' | 'connection' | 'audio';

export const VOICE_STEPS: readonly VoiceStep[] = ['permission', 'connection', 'audio'];

/** What happened, what to do, and where it stopped; `step` is null when the way was not the trouble. */
export interface VoiceFailureWords {
	title: string;
	text: string;
	step: VoiceStep | null;
}

export function voiceFailureWords(code: VoiceCode): VoiceFailureWords {
	const words: Record<VoiceCode, [() => string, () => string, VoiceStep | null]> = {
		'V-MIC-NEGADO': [m.fail_mic_negado_title, m.fail_mic_negado_text, 'permission'],
		'V-MIC-AUSENTE': [m.fail_mic_ausente_title, m.fail_mic_ausente_text, 'permission'],
		'V-MIC-OCUPADO': [m.fail_mic_ocupado_title, m.fail_mic_ocupado_text, 'permission'],
		'V-MIC-INSEGURO': [m.fail_mic_inseguro_title, m.fail_mic_inseguro_text, 'permission'],
		'V-MIC-ERRO': [m.fail_mic_erro_title, m.fail_mic_erro_text, 'permission'],
		'V-MIC-CALADO': [m.fail_mic_calado_title, m.fail_mic_calado_text, 'permission'],
		'V-UDP-BLOQ': [m.fail_udp_bloq_title, m.fail_udp_bloq_text, 'connection'],
		'V-CIFRA': [m.fail_cifra_title, m.fail_cifra_text, 'connection'],
		'V-CAIU': [m.fail_caiu_title, m.fail_caiu_text, 'connection'],
		'V-SERVIDOR': [m.fail_servidor_title, m.fail_servidor_text, 'connection'],
		'V-SALA-CHEIA': [m.fail_sala_cheia_title, m.fail_sala_cheia_text, null],
		'V-SEM-ACESSO': [m.fail_sem_acesso_title, m.fail_sem_acesso_text, null],
		'V-VOZ-PARADA': [m.fail_voz_parada_title, m.fail_voz_parada_text, null],
		'V-NAVEGADOR': [m.fail_navegador_title, m.fail_navegador_text, 'connection'],
		'V-LIMITE': [m.fail_limite_title, m.fail_limite_text, null],
		'V-ERRO': [m.fail_erro_title, m.fail_erro_text, null]
	};
	const [title, text, step] = words[code];
	return { title: title(), text: text(), step };
}

/** What happened and what to do, in one line. */
export function voiceFailureText(code: VoiceCode): string {
	const { title, text } = voiceFailureWords(code);
	return `${title}. ${text}`;
}

/** A microphone that was asked for and did not open: what happened, what to do, and the code. */
export function microphoneTroubleText(code: MicrophoneCode): string {
	return `${voiceFailureText(code)} ${m.fail_code_inline({ code })}`;
}

/** What a moderator or the server did to this person's voice, in one or two sentences. */
export function noticeText(notice: VoiceNotice): string {
	const name = notice.by?.username;
	const reason = notice.reason ? ` ${m.told_muted_reason({ reason: notice.reason })}` : '';
	switch (notice.code) {
		case 'V-SILENCIADO':
			return `${name ? m.told_muted({ name }) : m.told_muted_anonymous()}${reason} ${m.told_muted_next()}`;
		case 'V-DESSILENCIADO':
			return m.told_unmuted();
		case 'V-REMOVIDO':
			return `${name ? m.told_removed_by({ name }) : m.told_removed()}${reason}`;
		case 'V-SALA-APAGADA':
			return m.told_room_deleted();
		case 'V-OUTRA-ABA':
			return m.told_other_tab();
		case 'V-SEM-ACESSO':
			return m.told_access_lost();
	}
}
