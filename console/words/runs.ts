// Sentences about runs and what waits for people.

import type { InboxItem, Run } from '../status/run-status.js';

export const ITEM_WORDS: Readonly<Record<InboxItem['subject']['kind'], { readonly word: string; readonly action: string }>> = {
  confirm: { word: 'Question', action: 'Answer' },
  choose: { word: 'Question', action: 'Answer' },
  number: { word: 'Question', action: 'Answer' },
  text: { word: 'Question', action: 'Answer' },
  form: { word: 'Question', action: 'Answer' },
  'manual-move': { word: 'Move', action: 'Answer' },
  refill: { word: 'Refill', action: 'Answer' },
  'uncertain-command': { word: 'Uncertain', action: 'Look and answer' },
  'machine-error': { word: 'Error', action: 'Look and answer' },
  'held-machine': { word: 'Held', action: 'Look and answer' },
  'time-window': { word: 'Time', action: 'Answer' },
  alarm: { word: 'Alarm', action: 'Look' },
};

export const PAUSE_WORDS: Readonly<Record<Run['pauseReasons'][number], string>> = {
  operator: 'a person has paused it',
  'stop-all': 'everything is stopped',
  uncertain: 'nobody knows whether a command was done',
  asset: 'a machine has to be looked at',
  policy: 'it waits for a decision',
};

/** How far a run has come, as far as that is known. */
export function sayPosition(run: Run): string {
  const { completed, failed, uncertain } = run.counts.commands;
  if (run.status === 'queued') return sayWaiting(run);
  const parts = [`${completed} ${completed === 1 ? 'command' : 'commands'} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (uncertain > 0) parts.push(`${uncertain} uncertain`);
  if (run.openItems > 0) parts.push('waits for an answer');
  for (const reason of run.pauseReasons) parts.push(PAUSE_WORDS[reason]);
  return parts.join(' · ');
}

export function sayWaiting({ createdBy, waitingFor = [] }: Run): string {
  const [first] = waitingFor;
  if (first === undefined) return `(${createdBy}) begins soon`;
  if (first.reason === 'quarantined') return `(${createdBy}) waits for ${first.asset}, which has to be looked at`;
  return `(${createdBy}) waits for ${first.asset}, ${first.reason === 'held' ? 'held' : 'wanted earlier'} by ${first.heldByProtocol}`;
}
