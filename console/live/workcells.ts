// The workcells of a lab, as its machines name them.

import type { Machine } from '../status/run-status.js';

export function listWorkcells(machines: readonly Machine[] | undefined): readonly string[] {
  return [...new Set(machines?.map(({ workcell }) => workcell))].sort();
}
