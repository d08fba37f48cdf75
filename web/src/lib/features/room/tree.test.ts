// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { treeMove, type TreeNode } from './tree';

const nodes: TreeNode[] = [
	{ id: 'sala', parent: null, expanded: true },
	{ id: 'ana', parent: 'sala', expanded: null },
	{ id: 'recreio', parent: null, expanded: false },
	{ id: 'vazia', parent: null, expanded: null }
];

test('up, down, home and end stay inside', () => {
	expect(treeMove(nodes, 'sala', 'ArrowDown')).toEqual({ focus: 'ana' });
	expect(treeMove(nodes, 'sala', 'ArrowUp')).toBeNull();
	expect(treeMove(nodes, 'vazia', 'ArrowDown')).toBeNull();
	expect(treeMove(nodes, 'ana', 'End')).toEqual({ focus: 'vazia' });
	expect(treeMove(nodes, 'vazia', 'Home')).toEqual({ focus: 'sala' });
});

test('right opens, then goes in; left goes out, then shuts', () => {
	expect(treeMove(nodes, 'recreio', 'ArrowRight')).toEqual({ expand: 'recreio' });
	expect(treeMove(nodes, 'sala', 'ArrowRight')).toEqual({ focus: 'ana' });
	expect(treeMove(nodes, 'vazia', 'ArrowRight')).toBeNull();
	expect(treeMove(nodes, 'ana', 'ArrowLeft')).toEqual({ focus: 'sala' });
	expect(treeMove(nodes, 'sala', 'ArrowLeft')).toEqual({ collapse: 'sala' });
	expect(treeMove(nodes, 'recreio', 'ArrowLeft')).toBeNull();
});

test('other keys and unknown nodes do nothing', () => {
	expect(treeMove(nodes, 'sala', 'x')).toBeNull();
	expect(treeMove(nodes, 'nobody', 'ArrowDown')).toBeNull();
});
