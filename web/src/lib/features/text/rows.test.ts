// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { MessageItem } from '$lib/state';
import { logRows } from './rows';

function item(key: string, author: string, at: Date): MessageItem {
	return {
		key,
		id: key,
		author: { id: author, username: author },
		content: key,
		createdAt: at.toISOString(),
		state: 'sent',
		failure: null
	};
}

test('each day begins with its line', () => {
	const rows = logRows([
		item('1', 'ana', new Date(2026, 10, 23, 23, 59)),
		item('2', 'ana', new Date(2026, 10, 24, 0, 1))
	]);
	expect(rows.map((row) => row.kind)).toEqual(['day', 'message', 'day', 'message']);
	expect(new Set(rows.map((row) => row.key)).size).toBe(4);
});

test('the author stands once over messages close together', () => {
	const rows = logRows([
		item('1', 'ana', new Date(2026, 10, 24, 10, 0)),
		item('2', 'ana', new Date(2026, 10, 24, 10, 4)),
		item('3', 'beto', new Date(2026, 10, 24, 10, 5)),
		item('4', 'beto', new Date(2026, 10, 24, 10, 11))
	]);
	const heads = rows.flatMap((row) => (row.kind === 'message' ? [row.head] : []));
	expect(heads).toEqual([true, false, true, true]);
});

test('no messages, no rows', () => {
	expect(logRows([])).toEqual([]);
});
