// SPDX-License-Identifier: Apache-2.0
/** A finger that goes to one side, told when it is lifted. Buttons do the same: nobody has to know of it. */

const FAR_PX = 60;
const SLOW_MS = 600;

/** For `{@attach}`. */
export function swipe(onswipe: (towards: 'left' | 'right') => void): (node: HTMLElement) => () => void {
	return (node) => {
		let begun: { x: number; y: number; at: number } | null = null;

		function start(event: TouchEvent) {
			const [finger] = event.touches;
			const own = event.target instanceof Element && event.target.closest('input, textarea, select, .wall') !== null;
			const alone = event.touches.length === 1 && finger !== undefined && !own;
			begun = alone ? { x: finger.clientX, y: finger.clientY, at: event.timeStamp } : null;
		}

		function end(event: TouchEvent) {
			const [finger] = event.changedTouches;
			if (begun === null || finger === undefined) return;
			const x = finger.clientX - begun.x;
			const y = finger.clientY - begun.y;
			const quick = event.timeStamp - begun.at < SLOW_MS;
			begun = null;
			const selecting = getSelection()?.type === 'Range';
			if (quick && !selecting && Math.abs(x) >= FAR_PX && Math.abs(x) > 2 * Math.abs(y))
				onswipe(x < 0 ? 'left' : 'right');
		}

		function cancel() {
			begun = null;
		}

		node.addEventListener('touchstart', start, { passive: true });
		node.addEventListener('touchend', end, { passive: true });
		node.addEventListener('touchcancel', cancel, { passive: true });
		return () => {
			node.removeEventListener('touchstart', start);
			node.removeEventListener('touchend', end);
			node.removeEventListener('touchcancel', cancel);
		};
	};
}
