// SPDX-License-Identifier: Apache-2.0
/** What is suggested once, right after something was made. */
class Welcome {
	/** The community was just made by the wizard and has nobody else yet. */
	suggestInvite = $state(false);
}

export const welcome = new Welcome();
