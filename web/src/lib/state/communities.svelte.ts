// SPDX-License-Identifier: Apache-2.0
import type { Community, CommunitySnapshot, PermissionName } from '$lib/api/types';

interface Entry {
	community: Community;
	permissions: ReadonlySet<PermissionName>;
}

/** The communities this person is in. */
export class Communities {
	#entries: ReadonlyMap<string, Entry> = $state.raw(new Map());
	#expected: ReadonlySet<string> | null = $state.raw(null);

	get list(): readonly Community[] {
		return [...this.#entries.values()].map((entry) => entry.community);
	}

	/** Every community that the gateway named has come. */
	get loaded(): boolean {
		return this.#expected !== null && [...this.#expected].every((id) => this.#entries.has(id));
	}

	get(id: string): Community | undefined {
		return this.#entries.get(id)?.community;
	}

	/** Whether the server would allow it; it decides again each time. */
	can(id: string, permission: PermissionName): boolean {
		return this.#entries.get(id)?.permissions.has(permission) ?? false;
	}

	/**
	 * The communities there are, by `ready`.
	 * @returns those that are no more
	 */
	applyReady(ids: readonly string[]): string[] {
		const expected = new Set(ids);
		const gone = [...this.#entries.keys()].filter((id) => !expected.has(id));
		this.#expected = expected;
		this.#entries = new Map([...this.#entries].filter(([id]) => expected.has(id)));
		return gone;
	}

	applySnapshot(snapshot: CommunitySnapshot): void {
		const { community, permissions } = snapshot;
		this.#entries = new Map(this.#entries).set(community.id, { community, permissions: new Set(permissions) });
	}

	/** A community was entered; its snapshot follows. */
	applyEntered(id: string): void {
		this.#expected = new Set(this.#expected).add(id);
	}

	clear(): void {
		this.#entries = new Map();
		this.#expected = null;
	}
}
