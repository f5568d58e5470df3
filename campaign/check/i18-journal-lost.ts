// I18: under a journal that the lab does not know nothing moves before a person has looked.

import type { Evidence, Invariant, Journal, Violation } from './evidence.js';
import { isAct } from './trails.js';

export const journalLost: Invariant = {
  id: 'I18',
  says: 'After a journal was lost no act begins before a person has accepted the one that is there.',
  check: (evidence) => [...findActs(evidence), ...evidence.journals.flatMap(findSends)],
};

/** By what somebody outside saw: the file was taken away, and a person said that they have looked. */
function findActs({ observations, tape }: Evidence): readonly Violation[] {
  return observations.flatMap((lost, k) => {
    if (lost.what !== 'acknowledged' || lost.action !== 'journal-lost') return [];
    const accepted = observations.slice(k + 1).find((later) => later.what === 'lifting' && later.action === 'journal-lost');
    return tape
      .filter((line) => isAct(line) && line.beganMonoNs > lost.monoNs && line.beganMonoNs < (accepted?.monoNs ?? Infinity))
      .map((line) => ({
        what: `${line.device} began ${line.op} ${Math.round((line.beganMonoNs - lost.monoNs) / 1e6)} ms after the journal was lost.`,
        tape: [line.n],
      }));
  });
}

/** By the journal's own rows. */
function findSends({ rows }: Journal): readonly Violation[] {
  let lostAt: number | undefined;
  return rows.flatMap(({ row, kind, key }) => {
    if (kind === 'LOST') lostAt = row;
    if (kind === 'ACCEPT') lostAt = undefined;
    return kind === 'SENT' && lostAt !== undefined
      ? [{ what: `${key} was sent at row ${row}, though the journal was lost at row ${lostAt}.`, tape: [] }]
      : [];
  });
}
