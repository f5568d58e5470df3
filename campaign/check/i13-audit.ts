// I13: what was accepted is on record once, with who asked for it, and the record has no gaps.

import type { EventRow, Evidence, Invariant, Observation, RequestAction, Violation } from './evidence.js';
import { groupBy, textOf } from './trails.js';

type Request = Extract<Observation, { what: 'request' }>;

/** The event that an accepted request leaves exactly once; requests that may change nothing leave none of their own. */
const LEAVES: Partial<Record<RequestAction, readonly string[]>> = {
  start: ['run.created'],
  answer: ['inbox.answered', 'alarm.acknowledged'],
  cancel: ['run.cancelling'],
};

export const audit: Invariant = {
  id: 'I13',
  says: 'Every accepted request is on record once, and the record has no gaps.',
  check: (evidence) => [...checkGaps(evidence), ...checkRequests(evidence), ...checkActors(evidence)],
};

function checkGaps({ database }: Evidence): readonly Violation[] {
  const inLab = [...database.events].sort((a, b) => a.pos - b.pos);
  const perRun = groupBy(
    inLab.filter(({ runId }) => runId !== null),
    ({ runId }) => runId ?? '',
  );
  return [
    ...findGap(
      inLab.map(({ pos }) => pos),
      'The history of the lab',
    ),
    ...[...perRun].flatMap(([runId, events]) =>
      findGap(
        events.map(({ seq }) => seq ?? 0),
        `The history of run ${runId}`,
      ),
    ),
  ];
}

function findGap(numbers: readonly number[], what: string): readonly Violation[] {
  const at = numbers.findIndex((number, k) => number !== k + 1);
  return at === -1 ? [] : [{ what: `${what} has number ${numbers[at]} where ${at + 1} belongs.`, tape: [] }];
}

function checkRequests({ observations, database }: Evidence): readonly Violation[] {
  const accepted = observations.filter((seen): seen is Request => seen.what === 'request' && seen.status >= 200 && seen.status < 300);
  const subjects = new Map(accepted.map((request) => [`${request.action} ${request.itemId ?? request.runId ?? ''}`, request]));
  return [...subjects.values()].flatMap((request) => {
    const types = LEAVES[request.action];
    if (types === undefined) return [];
    const found = database.events.filter((event) => types.includes(event.type) && isAbout(event, request)).length;
    // A cancel of a run that was ending anyway is accepted and changes nothing.
    const isFine = found === 1 || (found === 0 && request.action === 'cancel');
    return isFine
      ? []
      : [
          {
            what: `The accepted ${request.action} of ${request.itemId ?? request.runId} left ${found} events ${types.join(' or ')}.`,
            tape: [],
          },
        ];
  });
}

function isAbout(event: EventRow, { itemId, runId }: Request): boolean {
  return itemId === undefined ? event.runId === runId : event.data['itemId'] === itemId;
}

function checkActors({ database }: Evidence): readonly Violation[] {
  const answers = database.events.filter(({ type }) => LEAVES.answer?.includes(type));
  return answers
    .filter(({ data }) => textOf(data['by']) === '')
    .map(({ data }) => ({ what: `Nobody is named for the answer to ${textOf(data['itemId'])}.`, tape: [] }));
}
