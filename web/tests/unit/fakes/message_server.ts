// SPDX-License-Identifier: Apache-2.0
/** The messages of channel `t1`, kept and paged as the server does. */
import type { Message } from '$lib/api/types';
import { json, type ApiServer } from './api_server';
import { ME } from './gateway_server';

export class MessageServer {
	/** Oldest first. */
	readonly stored: Message[] = [];

	constructor(http: ApiServer) {
		http.on('POST', /\/channels\/t1\/messages$/, ({ body }) => {
			const { content, nonce } = body as { content: string; nonce: string };
			const known = this.stored.find((message) => message.nonce === nonce);
			return known ? json(known, 200) : json(this.store(content, nonce), 201);
		});
		http.on('GET', /\/channels\/t1\/messages/, ({ path }) => {
			const query = new URL(path, 'http://x').searchParams;
			const limit = Number(query.get('limit') ?? 50);
			const after = query.get('after');
			const before = query.get('before');
			if (after !== null) {
				const newer = this.stored.filter(({ id }) => id > after);
				return json({ items: newer.slice(0, limit), has_more: newer.length > limit });
			}
			const older = before === null ? this.stored : this.stored.filter(({ id }) => id < before);
			return json({ items: older.slice(-limit), has_more: older.length > limit });
		});
	}

	store(content: string, nonce = '', author = ME.user): Message {
		const id = `m${String(this.stored.length + 1).padStart(6, '0')}`;
		const message = { id, channel_id: 't1', author, content, nonce: nonce || id, created_at: '2026-01-01T00:00:00Z' };
		this.stored.push(message);
		return message;
	}
}
