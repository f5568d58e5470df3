// What an event makes old. Nothing is drawn from an event alone: what it touches is read again, at most a few times a second.

import type { LabEvent } from './feed.js';

/** Queries are named by what they show; a run's own by its id behind that. */
export type QueryKey = readonly [name: 'runs' | 'run' | 'calls' | 'commands' | 'inbox' | 'machines' | 'labware' | 'stops', id?: string];

export function listTouched({ type, runId }: LabEvent): readonly QueryKey[] {
  const [noun = ''] = type.split('.');
  const { lab, ofRun } = TOUCHED[noun] ?? OF_RUNS;
  return [...lab.map((name) => [name] as const), ...(runId === null ? [] : ofRun.map((name) => [name, runId] as const))];
}

interface Touched {
  readonly lab: readonly QueryKey[0][];
  readonly ofRun: readonly QueryKey[0][];
}

const OF_RUNS: Touched = { lab: ['runs', 'machines'], ofRun: ['run'] };
const OF_INBOX: Touched = { lab: ['inbox', 'runs'], ofRun: ['run'] };
/** By the noun of the event. */
const TOUCHED: Readonly<Record<string, Touched>> = {
  call: { lab: [], ofRun: ['calls', 'run'] },
  command: { lab: [], ofRun: ['commands', 'run'] },
  inbox: OF_INBOX,
  alarm: OF_INBOX,
  machine: { lab: ['machines'], ofRun: [] },
  labware: { lab: ['labware'], ofRun: [] },
  workcell: { lab: ['stops', 'machines', 'runs'], ofRun: [] },
};
