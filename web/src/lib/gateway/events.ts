// SPDX-License-Identifier: Apache-2.0
import type { GatewayEvent, ServerEvent } from '$lib/api/types';

/** Data of the event with this type. */
export type EventData<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>['data'];

/**
 * One handler for each event there is: an event added to the wire does not compile until it is handled.
 * `stream` is `community:<uuid>`, `user:<uuid>`, or empty for a passing event.
 */
export type EventHandlers = {
	[T in ServerEvent['type']]: (data: EventData<T>, stream: string) => void;
};

/** Calls the handler of `event`. An event that this client is too old to know is left out. */
export function dispatch(event: GatewayEvent, handlers: EventHandlers): void {
	if (!Object.hasOwn(handlers, event.type)) return;
	// Type and data belong together by `ServerEvent`; TypeScript does not follow that through an index.
	const handler = handlers[event.type] as (data: ServerEvent['data'], stream: string) => void;
	handler(event.data, event.stream ?? '');
}
