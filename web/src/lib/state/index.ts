// SPDX-License-Identifier: Apache-2.0
import { App } from './app.svelte';
import { browserPlatform } from './platform';

/** The one running application. */
export const app: App = new App(browserPlatform);

export type { App } from './app.svelte';
export type { ChannelHistory, MessageItem } from './messages.svelte';
export type { PreferenceValues } from './preferences.svelte';
export type { SetupForm } from './instance.svelte';
export type { VoiceNotice } from './voice.svelte';
export type { GatewayStatus } from '$lib/gateway/gateway';
export type { EndCode, MicrophoneCode, VoiceCode } from '$lib/voice/codes';
export type { KeyCode } from '$lib/voice/push_to_talk';
export type { VoiceStats } from '$lib/voice/stats';
export type { JoinStep, MicrophoneMode, VoiceStatus } from '$lib/voice/voice_client';
export type { Failure, FailureCode, Result } from '$lib/api/failures';
export type {
	Channel,
	ChannelKind,
	Community,
	ErrorCode,
	FieldError,
	Instance,
	Invite,
	InvitePreview,
	Me,
	Member,
	MemberRole,
	Message,
	Occupant,
	PermissionName,
	Rules,
	SignUpMode,
	User
} from '$lib/api/types';
