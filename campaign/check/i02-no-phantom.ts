// I2: what completed has happened: exactly one act for each step that was sent, with the arguments that were asked for, and
// one result in every record.

import type { Invariant, Value, Violation } from './evidence.js';
import { compareAct } from './compare-act.js';
import { fieldsOf, listDevices, listScheduled, listTrails, outcomeOf, textOf, toCanonical, type Scheduled, type Trail } from './trails.js';
import { isRepeatable } from './repeatable.js';

export const noPhantom: Invariant = {
  id: 'I2',
  says: 'A command that completed has acted as asked, and every record holds the same result.',
  check(evidence) {
    const devices = listDevices(evidence);
    const answers = new Map(listScheduled(evidence).flatMap(toAnswer));
    return listTrails(evidence).flatMap((trail) =>
      outcomeOf(trail)?.['status'] === 'completed'
        ? [...checkHappened(trail, devices), ...checkResult(trail, answers)]
        : checkTold(trail, answers),
    );
  },
};

/** Nobody is told of a success that the journal does not hold. */
function checkTold(trail: Trail, answers: ReadonlyMap<string, Value>): readonly Violation[] {
  if (!answers.has(trail.id)) return [];
  const ended = textOf(outcomeOf(trail)?.['status']);
  return [
    {
      what: `${trail.id}: the history was told that it completed, and the journal holds it as ${ended === '' ? 'not ended' : ended}.`,
      tape: trail.acts.map(({ n }) => n),
    },
  ];
}

function checkHappened(trail: Trail, devices: ReadonlyMap<string, string>): readonly Violation[] {
  const device = devices.get(trail.machine);
  // Commands that only ask write no SENT; machines without a device simulator leave no tape.
  if (device === undefined || trail.sent.length === 0) return [];
  const steps = new Set(trail.sent.map(({ body }) => body['step'] ?? 1)).size;
  const tape = trail.acts.map(({ n }) => n);
  if (trail.acts.length < steps && !isReadOnTape(trail))
    return [{ what: `${trail.id} (${trail.method}) completed and acted ${trail.acts.length} times in ${steps} steps.`, tape }];
  const elsewhere = trail.acts.filter((line) => line.device !== device);
  if (elsewhere.length > 0) return [{ what: `${trail.id} is a command to ${trail.machine} and moved ${elsewhere[0]?.device}.`, tape }];
  const unfinished = isRepeatable(trail.method) ? [] : trail.acts.filter(({ outcome }) => outcome !== 'done');
  if (unfinished.length > 0) return [{ what: `${trail.id} completed, though its act was ${unfinished[0]?.outcome}.`, tape }];
  return trail.acts.flatMap((line) => compareAct(trail, line).map((what) => ({ what: `${trail.id}: ${what}`, tape: [line.n] })));
}

/** Its reads are on the tape and are no acts. */
function isReadOnTape({ method }: Trail): boolean {
  return isRepeatable(method);
}

function checkResult(trail: Trail, answers: ReadonlyMap<string, Value>): readonly Violation[] {
  const inJournal = toCanonical(outcomeOf(trail)?.['result']);
  const tape = trail.acts.map(({ n }) => n);
  const violations: Violation[] = [];
  if (answers.has(trail.id) && toCanonical(answers.get(trail.id)) !== inJournal)
    violations.push({ what: `${trail.id}: the history got another result than the journal holds.`, tape });
  if (trail.row && toCanonical(trail.row.result) !== inJournal)
    violations.push({ what: `${trail.id}: Postgres shows another result than the journal holds.`, tape });
  return violations;
}

/** What the workflow was told, where it was told of success. Results that did not fit a block are left out of it. */
function toAnswer({ request, activity, inBlock }: Scheduled): [string, Value][] {
  const id = textOf(request['id']);
  if (inBlock)
    return inBlock['status'] === 'completed' && !('$unencodable' in fieldsOf(inBlock['result'])) ? [[id, inBlock['result'] ?? null]] : [];
  return activity.type === 'executeCommand' && activity.end === 'completed' ? [[id, activity.result]] : [];
}
