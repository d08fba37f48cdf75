// SPDX-License-Identifier: Apache-2.0
/** What each person began to write in each channel, while this page lives: on one device people take turns. */
const begun = new Map<string, string>();

export function draftOf(userId: string, channelId: string): string {
	return begun.get(keyOf(userId, channelId)) ?? '';
}

export function keepDraft(userId: string, channelId: string, text: string): void {
	begun.set(keyOf(userId, channelId), text);
}

function keyOf(userId: string, channelId: string): string {
	return `${userId} ${channelId}`;
}
