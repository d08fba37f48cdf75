// SPDX-License-Identifier: Apache-2.0
/** Where a key leads in the tree of rooms (ARIA Authoring Practices, tree view). */

export interface TreeNode {
	id: string;
	/** `null` for a room. */
	parent: string | null;
	/** A room with people that is shut or open; `null` where nothing is inside. */
	expanded: boolean | null;
}

export type TreeMove = { focus: string } | { expand: string } | { collapse: string };

/** @param nodes those visible now, from above downwards */
export function treeMove(nodes: readonly TreeNode[], current: string, key: string): TreeMove | null {
	const at = nodes.findIndex((node) => node.id === current);
	const node = nodes[at];
	if (node === undefined) return null;
	switch (key) {
		case 'ArrowDown':
			return focusOn(nodes[at + 1]);
		case 'ArrowUp':
			return focusOn(nodes[at - 1]);
		case 'Home':
			return focusOn(nodes[0]);
		case 'End':
			return focusOn(nodes.at(-1));
		case 'ArrowRight':
			if (node.expanded === false) return { expand: node.id };
			return node.expanded === true ? focusOn(nodes[at + 1]) : null;
		case 'ArrowLeft':
			if (node.expanded === true) return { collapse: node.id };
			return node.parent === null ? null : { focus: node.parent };
		default:
			return null;
	}
}

function focusOn(node: TreeNode | undefined): TreeMove | null {
	return node === undefined ? null : { focus: node.id };
}
