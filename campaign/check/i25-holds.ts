// I25: by the rows of the journal alone, nothing of a run is sent while it is held, and nothing at a machine of which nobody
// knows what it did last.

import type { Invariant, Journal, JournalRow, Violation } from './evidence.js';
import { fieldsOf, listTrails, textOf } from './trails.js';

/** The hold that is never lifted: of a run that was ended from outside. Its cleanups do not begin either. */
const FINAL_REV = 2 ** 53 - 1;
/** A command that was let in just before may write its first row just after. */
const GRACE_MS = 100;

export const holds: Invariant = {
  id: 'I25',
  says: 'After a hold of a run, or a doubt about a machine, no SENT stands before it is lifted.',
  check(evidence) {
    const shielded = new Set(
      listTrails(evidence)
        .filter(({ isShielded }) => isShielded)
        .map(({ id }) => id),
    );
    return evidence.journals.flatMap((journal) => [...findHeld(journal, shielded), ...findDoubted(journal)]);
  },
};

function findHeld({ rows }: Journal, shielded: ReadonlySet<string>): readonly Violation[] {
  const held = new Map<string, JournalRow>();
  return rows.flatMap((row) => {
    const { kind, key, body, atMs } = row;
    if (kind === 'HOLD') {
      if (body['isHeld'] === true) held.set(textOf(body['runId']), row);
      else held.delete(textOf(body['runId']));
    }
    // What goes on with its next step was let in long ago.
    if (kind !== 'SENT' || Number(body['step'] ?? 1) > 1) return [];
    const hold = held.get(textOf(fieldsOf(body['command'])['runId'])) ?? findCallHold(held, key ?? '');
    if (hold === undefined || (atMs >= hold.atMs && atMs - hold.atMs <= GRACE_MS)) return [];
    if (hold.body['rev'] !== FINAL_REV && shielded.has(key ?? '')) return [];
    return [{ what: `${key} was sent at row ${row.row}, though its run or call is held since row ${hold.row}.`, tape: [] }];
  });
}

/** The hold of a call that the command is part of: `run/path`, followed by what begins a call or a part of it, or the number of the command. */
function findCallHold(held: ReadonlyMap<string, JournalRow>, commandId: string): JournalRow | undefined {
  return [...held].find(
    ([scope]) => scope.includes('/') && commandId.startsWith(scope) && '/[({'.includes(commandId.charAt(scope.length)),
  )?.[1];
}

function findDoubted({ rows }: Journal): readonly Violation[] {
  const machines = new Map<string, string>();
  const doubted = new Map<string, { readonly commandId: string; readonly row: number }>();
  return rows.flatMap(({ row, kind, key, body }) => {
    const command = fieldsOf(body['command']);
    if (key !== null && command['machine'] !== undefined) machines.set(key, textOf(command['machine']));
    if (kind === 'RELEASE') doubted.delete(textOf(body['machine']));
    if (kind === 'RESOLVE')
      for (const [machine, { commandId }] of doubted) if (commandId === body['commandId'] || commandId === key) doubted.delete(machine);
    const machine = machines.get(key ?? '') ?? '';
    if (kind === 'END' && key !== null && fieldsOf(body['outcome'])['status'] === 'uncertain')
      doubted.set(machine, { commandId: key, row });
    const doubt = kind === 'SENT' ? doubted.get(machine) : undefined;
    return doubt === undefined || doubt.commandId === key
      ? []
      : [{ what: `${key} was sent at row ${row}, though nobody had said what ${doubt.commandId} did (row ${doubt.row}).`, tape: [] }];
  });
}
