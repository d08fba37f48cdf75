// SPDX-License-Identifier: Apache-2.0
// One static shell; every screen is drawn in the browser.
export const ssr = false;
export const prerender = false;
