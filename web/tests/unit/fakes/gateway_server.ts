// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame, CommandResult, GatewayEvent, Me, Problem, Ready } from '$lib/api/types';
import type { Socket, SocketHandlers } from '$lib/gateway/gateway';

export const ME: Me = { user: { id: 'u-ana', username: 'ana' }, instance_admin: false };

/** The server's end of one socket. */
export class ServerSocket implements Socket {
	readonly received: ClientFrame[] = [];
	closedByClient = false;

	constructor(private readonly handlers: SocketHandlers) {}

	send(text: string): void {
		this.received.push(JSON.parse(text) as ClientFrame);
	}
	close(): void {
		this.closedByClient = true;
	}

	open(): void {
		this.handlers.onOpen();
	}
	/** The connection ends, as the client sees it. */
	end(code = 1006): void {
		this.handlers.onClose(code);
	}
	text(text: string): void {
		this.handlers.onText(text);
	}
	event(event: GatewayEvent): void {
		this.text(JSON.stringify(event));
	}
	reply(frame: ClientFrame, result: CommandResult = { type: 'done', data: {} }): void {
		this.text(JSON.stringify({ reply: frame.id, result }));
	}
	refuse(frame: ClientFrame, code: Problem['code']): void {
		this.text(JSON.stringify({ reply: frame.id, error: { type: `urn:voz:error:${code}`, status: 400, code } }));
	}
	/** The last command of this type. */
	last<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }> {
		const frame = this.received.findLast((frame) => frame.type === type);
		if (frame === undefined) throw new Error(`no ${type} was sent`);
		return frame as Extract<ClientFrame, { type: T }>;
	}
	count(type: ClientFrame['type']): number {
		return this.received.filter((frame) => frame.type === type).length;
	}

	ready(change: Partial<Ready> = {}): void {
		this.event({
			type: 'ready',
			data: { epoch: 'e1', session_id: 's1', me: ME, streams: [], resumed: [], ...change }
		});
	}
	resumed(): void {
		this.reply(this.last('resume'), { type: 'resumed', data: {} });
	}
	/** Opening to live, with nothing in between. */
	goLive(change: Partial<Ready> = {}): void {
		this.open();
		this.ready(change);
		this.resumed();
	}
	answerHeartbeats(): void {
		for (const frame of this.received.splice(0)) if (frame.type === 'heartbeat') this.reply(frame);
	}
}

/** Where the client's sockets arrive. */
export class GatewayServer {
	readonly sockets: ServerSocket[] = [];

	readonly accept = (handlers: SocketHandlers): Socket => {
		const socket = new ServerSocket(handlers);
		this.sockets.push(socket);
		return socket;
	};

	get current(): ServerSocket {
		const socket = this.sockets.at(-1);
		if (socket === undefined) throw new Error('no socket was opened');
		return socket;
	}
}
