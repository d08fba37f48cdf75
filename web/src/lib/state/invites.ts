// SPDX-License-Identifier: Apache-2.0
import { doneOf, resultOf, type Api } from '$lib/api/client';
import { succeeded, type Result } from '$lib/api/failures';
import type { Community, Invite, InvitePreview } from '$lib/api/types';

/** Invites; nothing of them is kept here. */
export class Invites {
	constructor(private readonly api: Api) {}

	/** What a person sees before accepting; needs no session. */
	preview(code: string): Promise<Result<InvitePreview>> {
		return resultOf(this.api.GET('/api/v1/invites/{code}', { params: { path: { code } } }));
	}

	/** @param rulesVersion of the rules that were shown */
	accept(code: string, rulesVersion: number): Promise<Result<Community>> {
		return resultOf(
			this.api.POST('/api/v1/invites/{code}/accept', {
				params: { path: { code } },
				body: { rules_version: rulesVersion }
			})
		);
	}

	/** Usable ones, newest first. */
	async list(communityId: string): Promise<Result<Invite[]>> {
		const result = await resultOf(
			this.api.GET('/api/v1/communities/{community_id}/invites', {
				params: { path: { community_id: communityId } }
			})
		);
		return result.ok ? succeeded(result.value.items) : result;
	}

	create(communityId: string, form: { maxUses?: number; expiresInS?: number }): Promise<Result<Invite>> {
		return resultOf(
			this.api.POST('/api/v1/communities/{community_id}/invites', {
				params: { path: { community_id: communityId } },
				body: { max_uses: form.maxUses ?? null, expires_in_s: form.expiresInS ?? null }
			})
		);
	}

	revoke(communityId: string, code: string): Promise<Result<void>> {
		return doneOf(
			this.api.DELETE('/api/v1/communities/{community_id}/invites/{code}', {
				params: { path: { community_id: communityId, code } }
			})
		);
	}
}
