// The policy of every machine method that a protocol can send, by front end. One table per front end.

import { LIQUID_HANDLER_POLICIES } from './liquid-handler.js';
import type { MethodPolicy } from './policy.js';

const POLICIES: Readonly<Record<string, Readonly<Record<string, MethodPolicy>>>> = {
  LiquidHandler: LIQUID_HANDLER_POLICIES,
};

/** For methods without an entry: the most careful class, a generous limit. */
const CAREFUL: MethodPolicy = { retryClass: 'non-idempotent', expectedMs: 10_000, longestMs: 600_000 };

export function getMethodPolicy(frontend: string, method: string): MethodPolicy {
  return POLICIES[frontend]?.[method] ?? CAREFUL;
}
