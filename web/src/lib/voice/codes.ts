// SPDX-License-Identifier: Apache-2.0
/** Short codes that a person can read out to whoever helps; the screens own the sentence for each. */
import type { Failure, FailureCode } from '$lib/api/failures';
import type { VoiceEndReason } from '$lib/api/types';

/** Why the microphone gives no sound. */
export type MicrophoneCode =
	| 'V-MIC-NEGADO'
	| 'V-MIC-AUSENTE'
	| 'V-MIC-OCUPADO'
	| 'V-MIC-INSEGURO'
	| 'V-MIC-ERRO'
	/** It is open, and the system lets no sound through. */
	| 'V-MIC-CALADO';

/** Why voice does not connect. */
export type VoiceCode =
	| MicrophoneCode
	/** No path to the server within the time: UDP is blocked. */
	| 'V-UDP-BLOQ'
	/** A path, but DTLS did not finish. */
	| 'V-CIFRA'
	/** The path was there and broke. */
	| 'V-CAIU'
	/** The server does not answer, or was started again. */
	| 'V-SERVIDOR'
	| 'V-SALA-CHEIA'
	/** Not allowed, or the room is gone. */
	| 'V-SEM-ACESSO'
	/** The media part of the server is off. */
	| 'V-VOZ-PARADA'
	/** The browser can't do what voice needs. */
	| 'V-NAVEGADOR'
	/** Too many tries, or a busy server. */
	| 'V-LIMITE'
	/** A fault of the server or of this program. */
	| 'V-ERRO';

/** Why a voice is over for good. */
export type EndCode = 'V-REMOVIDO' | 'V-SALA-APAGADA' | 'V-OUTRA-ABA' | 'V-SEM-ACESSO';

/** What getUserMedia's rejection means (Media Capture and Streams §10.2). */
export function microphoneCode(error: unknown): MicrophoneCode {
	const name = typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
	switch (name) {
		case 'NotAllowedError':
			return 'V-MIC-NEGADO';
		case 'NotFoundError':
		case 'OverconstrainedError':
			return 'V-MIC-AUSENTE';
		case 'NotReadableError':
		case 'AbortError':
			return 'V-MIC-OCUPADO';
		case 'SecurityError':
			return 'V-MIC-INSEGURO';
		default:
			return 'V-MIC-ERRO';
	}
}

/** A refused `voice_join`: the code, and whether trying again by itself can help. */
export function joinRefusal(failure: Failure): { code: VoiceCode; retry: boolean } {
	const code: FailureCode = failure.code;
	switch (code) {
		case 'room_full':
			return { code: 'V-SALA-CHEIA', retry: false };
		case 'forbidden':
		case 'not_found':
		case 'unauthenticated':
		case 'origin_refused':
			return { code: 'V-SEM-ACESSO', retry: false };
		case 'voice_offer_unsupported':
			return { code: 'V-NAVEGADOR', retry: false };
		case 'voice_unavailable':
			return { code: 'V-VOZ-PARADA', retry: true };
		case 'rate_limited':
		case 'overloaded':
			return { code: 'V-LIMITE', retry: true };
		case 'not_connected':
		case 'timeout':
		case 'network_unreachable':
			return { code: 'V-SERVIDOR', retry: true };
		case 'internal':
			return { code: 'V-ERRO', retry: true };
		case 'bad_request':
		case 'validation':
		case 'invalid_credentials':
		case 'payload_too_large':
		case 'setup_token_invalid':
		case 'setup_done':
		case 'username_taken':
		case 'sign_up_closed':
		case 'sign_up_invite_only':
		case 'invite_not_found':
		case 'invite_expired':
		case 'invite_used_up':
		case 'invite_revoked':
		case 'rules_changed':
		case 'limit_reached':
		case 'not_in_room':
		case 'command_unexpected':
		case 'answer_unreadable':
			return { code: 'V-ERRO', retry: false };
		default:
			// A server newer than this page.
			code satisfies never;
			return { code: 'V-ERRO', retry: false };
	}
}

/** What `voice_ended` asks for: come back by itself, or stay out and say why. */
export function endOf(reason: VoiceEndReason): { rejoin: VoiceCode } | { over: EndCode } {
	switch (reason) {
		case 'connection_lost':
			return { rejoin: 'V-CAIU' };
		case 'server_restart':
			return { rejoin: 'V-SERVIDOR' };
		case 'removed':
			return { over: 'V-REMOVIDO' };
		case 'room_deleted':
			return { over: 'V-SALA-APAGADA' };
		case 'replaced':
			return { over: 'V-OUTRA-ABA' };
		case 'access_lost':
			return { over: 'V-SEM-ACESSO' };
		default:
			reason satisfies never;
			return { over: 'V-SEM-ACESSO' };
	}
}
