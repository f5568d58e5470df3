// When people are told again: by the time that an item waits, however often anybody looks.

import { expect, test } from '@jest/globals';
import type { InboxSubject } from './inbox.js';
import { findDue, REMINDERS_MAX, type WaitingItem } from './reminder.js';

const DEFAULTS = { remindAfterMs: 1_000, escalateAfterMs: 3_000 };
const DOUBT: InboxSubject = { kind: 'held-machine', text: 'Look', commandId: 'c', machine: 'star', known: 'k' };

function wait(subject: InboxSubject, waitedMs: number, told: Partial<WaitingItem> = {}) {
  return findDue({ subject, createdAtMs: 0, reminders: 0, isEscalated: false, ...told }, DEFAULTS, waitedMs);
}

test('a doubt is reminded of by the settings, again and again, and escalated once', () => {
  expect(wait(DOUBT, 999)).toEqual({ isEscalation: false });
  expect(wait(DOUBT, 1_000)).toEqual({ reminder: 1, isEscalation: false });
  expect(wait(DOUBT, 1_999, { reminders: 1 })).toEqual({ isEscalation: false });
  expect(wait(DOUBT, 2_000, { reminders: 1 })).toEqual({ reminder: 2, isEscalation: false });
  expect(wait(DOUBT, 3_000, { reminders: 2 })).toEqual({ reminder: 3, isEscalation: true });
  expect(wait(DOUBT, 3_500, { reminders: 3, isEscalated: true })).toEqual({ isEscalation: false });
});

test('what was missed while nobody looked is told as one', () => {
  expect(wait(DOUBT, 7_900, { reminders: 2 })).toEqual({ reminder: 7, isEscalation: true });
});

test('nobody is told more often than the limit', () => {
  expect(wait(DOUBT, 1_000_000, { reminders: REMINDERS_MAX - 1, isEscalated: true })).toEqual({
    reminder: REMINDERS_MAX,
    isEscalation: false,
  });
  expect(wait(DOUBT, 2_000_000, { reminders: REMINDERS_MAX, isEscalated: true })).toEqual({ isEscalation: false });
});

test('a question waits in silence, or as its protocol says', () => {
  expect(wait({ kind: 'confirm', text: '?' }, 1_000_000)).toEqual({ isEscalation: false });
  expect(wait({ kind: 'confirm', text: '?', remindAfterMs: 50 }, 120)).toEqual({ reminder: 2, isEscalation: false });
  expect(wait({ kind: 'confirm', text: '?', escalateAfterMs: 50 }, 120)).toEqual({ isEscalation: true });
});
