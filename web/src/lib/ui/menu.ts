// SPDX-License-Identifier: Apache-2.0
import type { IconName } from './icons';

/** A row of a menu. */
export type MenuItem = { label: string; icon: IconName; danger?: boolean; onselect: () => void };
