// Liquid handler methods (PyLabRobot's names). All move liquid or tips, so none may be repeated.
// Longest times are a STAR's: its firmware answers within 30 s a step, or nobody knows what happened.

import type { MethodPolicy } from './policy.js';

const TIPS: MethodPolicy = { retryClass: 'non-idempotent', expectedMs: 5_000, longestMs: 120_000 };
const LIQUID: MethodPolicy = { retryClass: 'non-idempotent', expectedMs: 4_000, longestMs: 180_000 };

export const LIQUID_HANDLER_POLICIES: Readonly<Record<string, MethodPolicy>> = {
  pick_up_tips: TIPS,
  drop_tips: TIPS,
  return_tips: TIPS,
  discard_tips: TIPS,
  aspirate: LIQUID,
  dispense: LIQUID,
};
