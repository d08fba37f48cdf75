// SPDX-License-Identifier: Apache-2.0
import { doneOf, resultOf, type Api } from '$lib/api/client';
import { succeeded, type Failure, type Result } from '$lib/api/failures';
import type { Instance as InstanceInfo, Me, SetupRequest } from '$lib/api/types';
import { Backoff } from '$lib/time/backoff';
import { pause, type Clock } from '$lib/time/clock';
import type { Session } from './session.svelte';

/** The set-up wizard's answers. */
export type SetupForm = Omit<SetupRequest, 'transport'>;

/** The instance, as anyone may see it. */
export class Instance {
	#info: InstanceInfo | null = $state.raw(null);
	#trouble: Failure | null = $state.raw(null);

	constructor(
		private readonly api: Api,
		private readonly session: Session,
		private readonly clock: Clock,
		private readonly random: () => number
	) {}

	get info(): InstanceInfo | null {
		return this.#info;
	}

	/** Why nothing is known yet; it is asked again until it is. */
	get trouble(): Failure | null {
		return this.#trouble;
	}

	/** Finds out what this instance is; returns when it is known. */
	async find(): Promise<void> {
		const backoff = new Backoff(this.random);
		for (;;) {
			const result = await this.load();
			this.#trouble = result.ok ? null : result.failure;
			if (result.ok) return;
			await pause(this.clock, backoff.next((result.failure.retryAfterS ?? 0) * 1000));
		}
	}

	async load(): Promise<Result<InstanceInfo>> {
		const result = await resultOf(this.api.GET('/api/v1/instance'));
		if (result.ok) this.#info = result.value;
		return result;
	}

	/** Whether this token opens the wizard. */
	checkSetup(token: string): Promise<Result<void>> {
		return doneOf(this.api.POST('/api/v1/setup/check', { body: { token } }));
	}

	/** Makes the instance; its owner is signed in then. */
	async setUp(form: SetupForm): Promise<Result<Me>> {
		const result = await resultOf(this.api.POST('/api/v1/setup', { body: { ...form, transport: 'cookie' } }));
		if (!result.ok) return result;
		await this.load();
		this.session.applySignedIn(result.value);
		return succeeded(result.value.me);
	}
}
