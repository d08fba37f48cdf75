// SPDX-License-Identifier: Apache-2.0
/**
 * The application: makes the nouns, joins them to the gateway, and gives each event to those it concerns.
 * What screens may use of it is in README.md.
 */
import { createApi, resultOf, type Api } from '$lib/api/client';
import { failed, failureOf, succeeded, type Result } from '$lib/api/failures';
import { SessionMark } from '$lib/api/session_mark';
import type { VoiceJoined } from '$lib/api/types';
import type { EventHandlers } from '$lib/gateway/events';
import { Gateway, type GatewayStatus } from '$lib/gateway/gateway';
import { Channels } from './channels.svelte';
import { Communities } from './communities.svelte';
import { Connection } from './connection.svelte';
import { Instance } from './instance.svelte';
import { Invites } from './invites';
import { Members } from './members.svelte';
import { Messages } from './messages.svelte';
import type { Platform } from './platform';
import { Preferences } from './preferences.svelte';
import { Rooms } from './rooms.svelte';
import { Session } from './session.svelte';
import { Voice } from './voice.svelte';

const COMMUNITY_STREAM = 'community:';

export class App {
	readonly preferences: Preferences;
	readonly instance: Instance;
	readonly session: Session;
	readonly connection: Connection;
	readonly communities: Communities;
	readonly channels: Channels;
	readonly members: Members;
	readonly rooms: Rooms;
	readonly messages: Messages;
	readonly invites: Invites;
	readonly voice: Voice;
	#api: Api;
	#gateway: Gateway;
	#serverEpoch: string | null = null;
	#stop: AbortController | null = null;

	constructor(platform: Platform) {
		const { clock, random, wallNow } = platform;
		const mark = new SessionMark(platform.localStorage, wallNow);
		this.#api = createApi({
			origin: platform.origin(),
			fetch: platform.fetch,
			locks: platform.locks(),
			mark,
			onSignedOut: () => this.session.follow(),
			guard: (changes) => this.session.guard(changes)
		});
		const api = this.#api;
		this.preferences = new Preferences(platform.localStorage, (values) => this.voice.applyPreferences(values));
		this.session = new Session(api, mark, clock, random, {
			onSignedIn: () => this.#gateway.start(),
			onSignedOut: () => this.#forgetAll()
		});
		this.instance = new Instance(api, this.session, clock, random);
		this.communities = new Communities();
		this.channels = new Channels(api);
		this.members = new Members(api);
		this.rooms = new Rooms(api, (channelId, number) => this.voice.hearsEarly(channelId, number));
		this.invites = new Invites(api);
		this.messages = new Messages({
			api,
			clock,
			wallNow,
			random,
			nonce: platform.nonce,
			me: () => this.session.me
		});
		this.#gateway = new Gateway({
			openSocket: platform.openSocket,
			clock,
			random,
			authorize: () => this.#authorize(),
			mayBeRefused: () => mark.isStale(),
			voiceClaim: () => this.voice.claim(),
			handlers: this.#handlers(),
			onStatus: (status) => this.#applyStatus(status),
			onPing: (ms) => this.connection.applyPing(ms),
			onSessionEnded: () => this.session.applyEnded()
		});
		this.connection = new Connection(clock, () => this.#gateway.check());
		this.voice = new Voice({
			devices: platform.devices,
			signalling: {
				join: async (request) => voiceJoined(await this.#gateway.request({ type: 'voice_join', data: request })),
				leave: () => this.#gateway.request({ type: 'voice_leave', data: {} }),
				update: (state) => this.#gateway.request({ type: 'voice_state', data: state }),
				isLive: () => this.#gateway.status === 'live',
				check: () => this.#gateway.check()
			},
			clock,
			random,
			sessionStorage: platform.sessionStorage,
			preferences: () => this.preferences.values,
			onRoom: (room) => this.rooms.applyRoom(room),
			onPathLost: (channelId) => this.rooms.applySilence(channelId)
		});
	}

	/** Finds out where and who one is, and connects. Called once, by the root layout. */
	async start(page: Window = window): Promise<void> {
		this.#stop?.abort();
		this.#stop = new AbortController();
		const { signal } = this.#stop;
		const follow = (): boolean => this.session.follow();
		const check = (): void => {
			if (follow()) this.#gateway.check();
		};
		page.addEventListener('storage', follow, { signal });
		page.addEventListener('online', check, { signal });
		page.addEventListener('offline', check, { signal });
		page.addEventListener('pageshow', check, { signal });
		page.addEventListener('pagehide', () => this.voice.applyPageHidden(), { signal });
		page.document.addEventListener(
			'visibilitychange',
			() => {
				if (!page.document.hidden) check();
			},
			{ signal }
		);
		this.voice.start(page);
		await Promise.all([this.instance.find(), this.session.restore()]);
	}

	stop(): void {
		this.#stop?.abort();
		this.#stop = null;
		this.voice.stop();
		this.voice.leave();
		this.#gateway.stop();
	}

	async #authorize(): Promise<'authorized' | 'signed_out' | 'unreachable'> {
		const result = await resultOf(this.#api.GET('/api/v1/me'));
		if (result.ok) return 'authorized';
		return result.failure.code === 'unauthenticated' ? 'signed_out' : 'unreachable';
	}

	#applyStatus(status: GatewayStatus): void {
		this.connection.applyStatus(status);
		if (status === 'waiting') this.rooms.applySilence(null);
		if (status !== 'live') return;
		this.voice.applyLive();
		this.messages.applyLive();
	}

	#forgetAll(): void {
		this.voice.clear();
		this.#gateway.stop();
		this.#serverEpoch = null;
		this.communities.clear();
		this.channels.clear();
		this.members.clear();
		this.rooms.clear();
		this.messages.clear();
	}

	#forgetCommunity(communityId: string): void {
		const channelIds = this.channels.replace(communityId, []);
		this.members.forget(communityId);
		this.rooms.forget(channelIds);
		this.messages.forget(channelIds);
	}

	#handlers(): EventHandlers {
		return {
			ready: (ready) => {
				if (!this.session.applyMe(ready.me)) return;
				const ids = ready.streams
					.filter((stream) => stream.startsWith(COMMUNITY_STREAM))
					.map((stream) => stream.slice(COMMUNITY_STREAM.length));
				for (const gone of this.communities.applyReady(ids)) this.#forgetCommunity(gone);
				const restarted = this.#serverEpoch !== null && this.#serverEpoch !== ready.epoch;
				this.#serverEpoch = ready.epoch;
				if (ready.voice) this.rooms.applyRoom(ready.voice);
				if (ready.voice_ended) this.voice.applyEnded(ready.voice_ended);
				this.voice.applyReady(ready.voice ?? null, restarted);
			},
			community_snapshot: (snapshot) => {
				const { id } = snapshot.community;
				this.communities.applySnapshot(snapshot);
				const gone = this.channels.replace(id, snapshot.channels);
				this.messages.forget(gone);
				this.rooms.forget(gone);
				this.members.replace(id, snapshot.members);
				const channelIds = this.channels.idsOf(id);
				this.rooms.replace(channelIds, snapshot.voice_rooms);
				this.messages.applyRestart(channelIds);
			},
			user_snapshot: (me) => {
				this.session.applyMe(me);
			},
			message_created: (message) => this.messages.apply(message),
			channel_created: (channel) => this.channels.apply(channel),
			channel_updated: (channel) => this.channels.apply(channel),
			channel_deleted: ({ channel_id: id }) => {
				this.channels.applyDeleted(id);
				this.rooms.forget([id]);
				this.messages.forget([id]);
			},
			member_joined: (member, stream) => this.members.applyJoined(stream.slice(COMMUNITY_STREAM.length), member),
			member_voice_muted: (event, stream) => {
				this.members.applyVoiceMuted(stream.slice(COMMUNITY_STREAM.length), event.user_id, event.muted);
				if (event.user_id === this.session.me?.user.id) this.voice.applyVoiceMuted(event);
			},
			community_entered: ({ community_id: id }) => this.communities.applyEntered(id),
			// The socket closes after it with the code that ends the session here.
			session_ended: () => {},
			voice_room: (room) => this.rooms.applyRoom(room),
			voice_rooms: ({ community_id: id, rooms }) => this.rooms.replace(this.channels.idsOf(id), rooms),
			voice_speaking: (speaking) => this.rooms.applySpeaking(speaking),
			voice_ended: (end) => this.voice.applyEnded(end)
		};
	}
}

function voiceJoined(result: Awaited<ReturnType<Gateway['request']>>): Result<VoiceJoined> {
	if (!result.ok) return result;
	return result.value.type === 'voice_joined' ? succeeded(result.value.data) : failed(failureOf('answer_unreadable'));
}
