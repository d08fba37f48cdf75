// SPDX-License-Identifier: Apache-2.0
/** Which zone is in front where not all four fit, and whether people stand beside the content where they do. */
import { tick } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

export type Layer = 'content' | 'channels' | 'people';

const phone = new MediaQuery('(max-width: 44rem) or ((max-width: 60rem) and (max-height: 28rem))');
const narrow = new MediaQuery('(max-width: 60rem)');

class Layers {
	/** In front on a phone; people also where the screen is too narrow for a fourth zone. */
	front: Layer = $state('content');
	/** Beside the content on a wide screen. */
	peopleBeside = $state(true);

	get isPhone(): boolean {
		return phone.current;
	}

	get peopleShown(): boolean {
		return narrow.current ? this.front === 'people' : this.peopleBeside;
	}

	/** Brings a layer to the front; the keyboard goes with it. */
	show(layer: Layer): void {
		if (this.front === layer) return;
		this.front = layer;
		if (!narrow.current) return;
		void tick().then(() => layerElement(layer)?.focus());
	}

	/** The next layer on the other side: the finger pulls it in. */
	swipe(towards: 'left' | 'right'): void {
		if (!narrow.current) return;
		const order: Layer[] = phone.current ? ['channels', 'content', 'people'] : ['content', 'people'];
		const next = order[order.indexOf(this.front) + (towards === 'left' ? 1 : -1)];
		if (next !== undefined && layerElement(next) !== null) this.show(next);
	}

	togglePeople(): void {
		if (narrow.current) this.show(this.front === 'people' ? 'content' : 'people');
		else this.peopleBeside = !this.peopleBeside;
	}
}

function layerElement(layer: Layer): HTMLElement | null {
	return document.querySelector<HTMLElement>(`[data-layer="${layer}"]`);
}

export const layers = new Layers();
