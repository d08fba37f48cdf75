// SPDX-License-Identifier: Apache-2.0
import type { HandleClientError } from '@sveltejs/kit';

/** An address that leads nowhere is told on the screen and is no fault; everything else is logged once, here. */
export const handleError: HandleClientError = ({ error, status, message }) => {
	if (status !== 404) console.error(error);
	return { message };
};
