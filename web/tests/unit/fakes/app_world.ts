// SPDX-License-Identifier: Apache-2.0
/** The application and all that is at its boundary: HTTP, sockets, storage, devices, the page. */
import { App } from '$lib/state/app.svelte';
import { ApiServer, FakeLocks, FakeStorage, json, noContent } from './api_server';
import { FakeClock, settle } from './clock';
import { STREAM, snapshot } from './community';
import { FakeDevices } from './devices';
import { GatewayServer, ME } from './gateway_server';
import { MessageServer } from './message_server';

export class AppWorld {
	readonly clock = new FakeClock();
	readonly http = new ApiServer();
	readonly gateway = new GatewayServer();
	readonly devices = new FakeDevices();
	readonly localStorage = new FakeStorage();
	readonly pageEvents = new EventTarget();
	readonly page: Window;
	readonly messages: MessageServer;
	readonly app: App;
	readonly #sessionStorage = new FakeStorage();
	#nonces = 0;

	constructor() {
		const document = Object.assign(new EventTarget(), { hidden: false });
		this.page = Object.assign(this.pageEvents, { document }) as unknown as Window;
		const { http } = this;
		http.on('GET', /\/instance$/, () =>
			json({ name: 'Casa', sign_up: 'invite', needs_setup: false, version: '0.1.0' })
		);
		http.on('GET', /\/me$/, () => json(ME));
		http.on('POST', /\/sessions$/, () => json({ me: ME, access_expires_in_s: 900 }, 201));
		http.on('DELETE', /\/sessions\/current$/, () => noContent());
		this.messages = new MessageServer(http);
		this.app = this.newApp();
	}

	/** Another one on the same storage, as after a reload. */
	newApp(): App {
		return new App({
			origin: () => 'http://127.0.0.1:8080',
			fetch: this.http.fetch,
			locks: () => new FakeLocks() as unknown as LockManager,
			localStorage: this.localStorage,
			sessionStorage: this.#sessionStorage,
			clock: this.clock,
			wallNow: () => 1_000_000 + this.clock.now(),
			random: () => 0,
			nonce: () => `nonce-${(this.#nonces += 1)}`,
			openSocket: this.gateway.accept,
			devices: this.devices
		});
	}

	/** Signed in and live, community c1 at cursor k0. */
	async live(): Promise<void> {
		await this.app.start(this.page);
		await this.app.session.signIn('ana', 'uma senha longa');
		this.gateway.current.open();
		this.gateway.current.ready({ streams: [STREAM, 'user:u-ana'] });
		this.gateway.current.event(snapshot('k0'));
		this.gateway.current.resumed();
		await settle();
	}
}
