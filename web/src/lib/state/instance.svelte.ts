// SPDX-License-Identifier: Apache-2.0
import { doneOf, resultOf, type Api } from '$lib/api/client';
import { succeeded, type Result } from '$lib/api/failures';
import type { Instance as InstanceInfo, Me, SetupRequest } from '$lib/api/types';
import type { Session } from './session.svelte';

/** The set-up wizard's answers. */
export type SetupForm = Omit<SetupRequest, 'transport'>;

/** The instance, as anyone may see it. */
export class Instance {
	#info: InstanceInfo | null = $state.raw(null);

	constructor(
		private readonly api: Api,
		private readonly session: Session
	) {}

	get info(): InstanceInfo | null {
		return this.#info;
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
