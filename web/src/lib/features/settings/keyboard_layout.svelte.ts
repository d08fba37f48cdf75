// SPDX-License-Identifier: Apache-2.0
/** What stands on the caps of this keyboard, where the browser tells it (Keyboard Map API). */

type LayoutMap = ReadonlyMap<string, string>;

class KeyboardLayout {
	map: LayoutMap | null = $state.raw(null);

	async load(): Promise<void> {
		const keyboard = (navigator as { keyboard?: { getLayoutMap?: () => Promise<LayoutMap> } }).keyboard;
		try {
			this.map = (await keyboard?.getLayoutMap?.()) ?? null;
		} catch {
			// Refused in a frame or by policy: the standard names stay.
			this.map = null;
		}
	}
}

export const keyboardLayout = new KeyboardLayout();
