// I3: every act is known to people, and every doubt has reached one.

import type { Evidence, Invariant, Violation } from './evidence.js';
import { findJournalGap } from './journal-gap.js';
import { groupBy, isAct, listScheduled, listTrails, outcomeOf, textOf, type Scheduled, type Trail } from './trails.js';

/** A machine is stopped, and homed at its panel, in the name of nobody's command. */
const BY_NOBODY = /^(stop|halt|abort|deactivate|home)/u;
const KNOWN = ['completed', 'failed', 'stopped', 'uncertain', 'resolved'];
/** Failures that say that it is known what the machine did. */
const SETTLED = ['MACHINE_ERROR', 'PARTLY_DONE'];

export const noSilentLoss: Invariant = {
  id: 'I3',
  says: 'Every act has a command with an outcome, and every doubt was put before a person.',
  check(evidence) {
    const nameless = evidence.tape.filter((line) => isAct(line) && line.commandId === null && !BY_NOBODY.test(line.op));
    const scheduled = groupBy(listScheduled(evidence), ({ request }) => textOf(request['id']));
    const gap = findJournalGap(evidence);
    return [
      ...nameless.map(({ n, op, device }) => ({ what: `${device} did ${op} for no command.`, tape: [n] })),
      ...listTrails(evidence).flatMap((trail) => [
        ...(gap.commands.has(trail.id) ? [] : checkKnown(trail)),
        ...checkAsked(trail, evidence),
        ...checkTold(trail, scheduled.get(trail.id) ?? []),
      ]),
    ];
  },
};

function checkKnown({ id, acts, row }: Trail): readonly Violation[] {
  if (acts.length === 0 || (row && KNOWN.includes(row.status))) return [];
  return [{ what: `${id} acted, and people see ${row ? `it as ${row.status}` : 'nothing of it'}.`, tape: acts.map(({ n }) => n) }];
}

/** A person was asked; or, where the run had ended or was past asking, the machine was taken out of service. */
function checkAsked(trail: Trail, { database }: Evidence): readonly Violation[] {
  if (outcomeOf(trail)?.['status'] !== 'uncertain') return [];
  const isAsked = database.inbox.some(({ subject }) => subject['commandId'] === trail.id);
  const isHeld = database.events.some(
    ({ type, runId, data }) =>
      type === 'machine.quarantined' && (data['commandId'] === trail.id || (runId === trail.runId && data['machine'] === trail.machine)),
  );
  if (isAsked || isHeld) return [];
  return [{ what: `${trail.id} is uncertain, and nobody was asked nor ${trail.machine} quarantined.`, tape: trail.acts.map(({ n }) => n) }];
}

/** The run that asked for it hears of the doubt as a doubt, else nobody would be asked. */
function checkTold(trail: Trail, scheduled: readonly Scheduled[]): readonly Violation[] {
  if (outcomeOf(trail)?.['status'] !== 'uncertain') return [];
  const told = scheduled.find(({ activity, inBlock }) =>
    inBlock ? inBlock['status'] === 'failed' : SETTLED.includes(activity.failure ?? ''),
  );
  return told === undefined
    ? []
    : [
        {
          what: `${trail.id} is uncertain, and its run was told that it failed (${told.activity.failure ?? 'in a block'}).`,
          tape: trail.acts.map(({ n }) => n),
        },
      ];
}
