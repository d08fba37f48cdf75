// SPDX-License-Identifier: Apache-2.0
/** A person's voice among fakes: devices, a clock, and the gateway's answers. */
import { succeeded, type Result } from '$lib/api/failures';
import type { VoiceEndReason, VoiceJoin, VoiceJoined, VoiceRoom, VoiceStateUpdate } from '$lib/api/types';
import type { MicrophoneSettings } from '$lib/voice/boundary';
import type { EndCode } from '$lib/voice/codes';
import { VoiceClient } from '$lib/voice/voice_client';
import { FakeClock, settle } from './clock';
import { FakeDevices } from './devices';

export const ROOM = 'room-1';

export class VoiceWorld {
	readonly clock = new FakeClock();
	readonly devices = new FakeDevices();
	/** What the gateway was asked. */
	readonly joins: VoiceJoin[] = [];
	readonly updates: VoiceStateUpdate[] = [];
	leaves = 0;
	checks = 0;
	/** What was told. */
	readonly over: EndCode[] = [];
	readonly steps: string[] = [];
	isLive = true;
	settings: MicrophoneSettings = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
	answerJoin: (request: VoiceJoin) => Promise<Result<VoiceJoined>> = (request) =>
		Promise.resolve(succeeded(joined(request.channel_id)));
	readonly voice: VoiceClient;

	constructor() {
		this.voice = new VoiceClient(
			{
				devices: this.devices,
				clock: this.clock,
				random: () => 0,
				microphoneSettings: () => this.settings,
				signalling: {
					join: (request) => {
						this.joins.push(request);
						return this.answerJoin(request);
					},
					leave: () => {
						this.leaves += 1;
						return Promise.resolve(succeeded(undefined));
					},
					update: (state) => {
						this.updates.push(state);
						return Promise.resolve(succeeded(undefined));
					},
					isLive: () => this.isLive,
					check: () => void (this.checks += 1)
				}
			},
			{
				onChange: () => {
					const { status } = this.voice;
					const step = status.phase === 'joining' ? status.step : status.phase;
					if (this.steps.at(-1) !== step) this.steps.push(step);
				},
				onRoom: () => {},
				onPathLost: () => {},
				onOver: (_, code) => void this.over.push(code)
			}
		);
	}

	async connect(): Promise<void> {
		this.voice.join(ROOM);
		await settle();
		this.devices.peer.connect();
		await settle();
	}

	end(reason: VoiceEndReason): void {
		this.voice.ended({ channel_id: ROOM, epoch: 1, voice_number: 7, reason });
	}
}

export function room(channelId = ROOM, epoch = 1): VoiceRoom {
	return { channel_id: channelId, epoch, occupants: [], speakers: [] };
}

export function joined(channelId: string, epoch = 1): VoiceJoined {
	return { answer: 'the answer', voice_number: 7, room: room(channelId, epoch) };
}
