// SPDX-License-Identifier: Apache-2.0
/** The nouns of the wire by their names; what they mean is said in `schema.ts`. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Channel = Schemas['Channel'];
export type ChannelKind = Schemas['ChannelKind'];
export type ClientCommand = Schemas['ClientCommand'];
export type ClientFrame = Schemas['ClientFrame'];
export type CommandResult = Schemas['CommandResult'];
export type Community = Schemas['Community'];
export type CommunitySnapshot = Schemas['CommunitySnapshot'];
export type ErrorCode = Schemas['ErrorCode'];
export type FieldError = Schemas['FieldError'];
export type GatewayEvent = Schemas['Event'];
export type Instance = Schemas['Instance'];
export type Invite = Schemas['Invite'];
export type InvitePreview = Schemas['InvitePreview'];
export type Me = Schemas['Me'];
export type Member = Schemas['Member'];
export type MemberRole = Schemas['MemberRole'];
export type MemberVoiceMuted = Schemas['MemberVoiceMuted'];
export type Message = Schemas['Message'];
export type MessagePage = Schemas['MessagePage'];
export type Occupant = Schemas['Occupant'];
export type PermissionName = Schemas['PermissionName'];
export type Problem = Schemas['Problem'];
export type Ready = Schemas['Ready'];
export type Reply = Schemas['Reply'];
export type Rules = Schemas['Rules'];
export type ServerEvent = Schemas['ServerEvent'];
export type ServerFrame = Schemas['ServerFrame'];
export type SetupRequest = Schemas['SetupRequest'];
export type SignedIn = Schemas['SignedIn'];
export type SignUpMode = Schemas['SignUpMode'];
export type SignUpRequest = Schemas['SignUpRequest'];
export type User = Schemas['User'];
export type VoiceClaim = Schemas['VoiceClaim'];
export type VoiceEnded = Schemas['VoiceEnded'];
export type VoiceEndReason = Schemas['VoiceEndReason'];
export type VoiceJoin = Schemas['VoiceJoin'];
export type VoiceJoined = Schemas['VoiceJoined'];
export type VoiceRoom = Schemas['VoiceRoom'];
export type VoiceSpeaking = Schemas['VoiceSpeaking'];
export type VoiceStateUpdate = Schemas['VoiceStateUpdate'];
