// SPDX-License-Identifier: Apache-2.0
/** What was begun in each channel, while this page lives. */
export const drafts = new Map<string, string>();
