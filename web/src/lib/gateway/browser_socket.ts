// SPDX-License-Identifier: Apache-2.0
import type { Socket, SocketHandlers } from './gateway';

/** Opens the gateway of this page's origin. */
export function openBrowserSocket(handlers: SocketHandlers): Socket {
	const url = new URL('/api/v1/gateway', location.href);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	const socket = new WebSocket(url);
	socket.onopen = () => handlers.onOpen();
	socket.onmessage = (message) => {
		if (typeof message.data === 'string') handlers.onText(message.data);
	};
	socket.onclose = (end) => handlers.onClose(end.code);
	return {
		send: (text) => socket.send(text),
		close: () => socket.close(1000)
	};
}
