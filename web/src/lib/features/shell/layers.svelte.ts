// SPDX-License-Identifier: Apache-2.0
/** Which zone is in front where not all four fit, and whether people stand beside the content where they do. */

const PHONE = '(max-width: 44rem), (max-width: 60rem) and (max-height: 28rem)';
const NARROW = '(max-width: 60rem)';

class Layers {
	/** In front on a phone. */
	front: 'content' | 'channels' | 'people' = $state('content');
	/** Beside the content on a wide screen. */
	peopleBeside = $state(true);

	get isPhone(): boolean {
		return matchMedia(PHONE).matches;
	}

	togglePeople(): void {
		if (matchMedia(NARROW).matches) this.front = this.front === 'people' ? 'content' : 'people';
		else this.peopleBeside = !this.peopleBeside;
	}
}

export const layers = new Layers();
