// SPDX-License-Identifier: Apache-2.0
/** All that the application takes from the browser: what a test replaces, and nothing of ours. */
import { openBrowserSocket } from '$lib/gateway/browser_socket';
import type { Socket, SocketHandlers } from '$lib/gateway/gateway';
import { systemClock, type Clock } from '$lib/time/clock';
import type { VoiceDevices } from '$lib/voice/boundary';
import { browserDevices } from '$lib/voice/browser_devices';

export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface Platform {
	origin: () => string;
	fetch: (request: Request) => Promise<Response>;
	locks: () => Pick<LockManager, 'request'> | null;
	/** Shared by the tabs. */
	localStorage: KeyValueStorage;
	/** Of this tab; survives a reload. */
	sessionStorage: KeyValueStorage;
	clock: Clock;
	/** Wall clock, milliseconds since 1970. */
	wallNow: () => number;
	/** Uniform in [0, 1). */
	random: () => number;
	/** New each time, for messages. */
	nonce: () => string;
	openSocket: (handlers: SocketHandlers) => Socket;
	devices: VoiceDevices;
}

export const browserPlatform: Platform = {
	// Absent while the build draws the static pages.
	origin: () => globalThis.location?.origin ?? '',
	fetch: (request) => fetch(request),
	locks: () => globalThis.navigator?.locks ?? null,
	localStorage: browserStorage(() => localStorage),
	sessionStorage: browserStorage(() => sessionStorage),
	clock: systemClock,
	wallNow: () => Date.now(),
	random: () => Math.random(),
	// `randomUUID` exists in secure contexts only.
	nonce: () =>
		[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
	openSocket: openBrowserSocket,
	devices: browserDevices
};

/** The browser's storage; where it is forbidden, full or absent, what is stored lives as long as the page. */
function browserStorage(open: () => Storage): KeyValueStorage {
	const kept = new Map<string, string>();
	function storage(): Storage | null {
		try {
			return open();
		} catch {
			return null;
		}
	}
	return {
		getItem: (key) => kept.get(key) ?? storage()?.getItem(key) ?? null,
		setItem(key, value) {
			try {
				const where = storage();
				if (where === null) kept.set(key, value);
				else where.setItem(key, value);
			} catch {
				kept.set(key, value);
			}
		},
		removeItem(key) {
			kept.delete(key);
			storage()?.removeItem(key);
		}
	};
}
