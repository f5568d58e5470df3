// When people are told again of an item that waits, and when it is escalated. Decided from the item alone, so that it does
// not matter which process looks, how often, or what was down meanwhile.

import type { InboxSubject } from './inbox.js';
import { isQuestion } from './inbox.js';

/** Beyond them nobody is told again; the item stays open. */
export const REMINDERS_MAX = 20;
/** Of what a protocol does not set itself: commands in doubt, machine errors, broken windows, alarms. */
export const DEFAULT_REMIND_AFTER_MS = 30 * 60_000;
export const DEFAULT_ESCALATE_AFTER_MS = 4 * 3_600_000;

export interface Reminding {
  readonly remindAfterMs: number;
  readonly escalateAfterMs: number;
}

export interface WaitingItem {
  readonly subject: InboxSubject;
  readonly createdAtMs: number;
  /** How often people were told again. */
  readonly reminders: number;
  readonly isEscalated: boolean;
}

export interface Due {
  /** The number of the reminder that is due; those that were missed meanwhile are told as one. */
  readonly reminder?: number;
  readonly isEscalation: boolean;
}

/** A question waits in silence unless its protocol says otherwise. */
export function findDue({ subject, createdAtMs, reminders, isEscalated }: WaitingItem, defaults: Reminding, nowMs: number): Due {
  const { remindAfterMs, escalateAfterMs } = isQuestion(subject) ? subject : defaults;
  const waitedMs = nowMs - createdAtMs;
  const reached = remindAfterMs === undefined ? 0 : Math.min(REMINDERS_MAX, Math.floor(waitedMs / remindAfterMs));
  return {
    ...(reached > reminders && { reminder: reached }),
    isEscalation: !isEscalated && escalateAfterMs !== undefined && waitedMs >= escalateAfterMs,
  };
}
