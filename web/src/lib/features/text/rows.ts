// SPDX-License-Identifier: Apache-2.0
/** How a history stands on the screen: a line for each day, the author once for messages close together. */
import type { MessageItem } from '$lib/state';
import { isSameDay } from '../words/time';

export type LogRow =
	| { kind: 'day'; key: string; day: Date }
	| { kind: 'message'; key: string; item: MessageItem; at: Date; head: boolean };

/** Messages of one person further apart than this name their author again. */
const CLOSE_MS = 5 * 60_000;

/** @param items oldest first */
export function logRows(items: readonly MessageItem[]): LogRow[] {
	const rows: LogRow[] = [];
	let before: { item: MessageItem; at: Date } | null = null;
	for (const item of items) {
		const at = new Date(item.createdAt);
		const newDay = before === null || !isSameDay(before.at, at);
		if (newDay) rows.push({ kind: 'day', key: `day:${item.key}`, day: at });
		const head =
			newDay ||
			before === null ||
			before.item.author.id !== item.author.id ||
			at.getTime() - before.at.getTime() > CLOSE_MS;
		rows.push({ kind: 'message', key: item.key, item, at, head });
		before = { item, at };
	}
	return rows;
}
