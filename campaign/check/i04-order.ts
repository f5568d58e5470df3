// I4: machines did things in the order in which they were told to, one at a time, and never for two runs side by side.

import type { Evidence, Invariant, TapeLine, Violation } from './evidence.js';
import { groupBy, isAct, listDevices, textOf, fieldsOf } from './trails.js';

export const order: Invariant = {
  id: 'I4',
  says: 'The order of acts is the order of the records; acts of one machine never overlap.',
  check(evidence) {
    const devices = [...groupBy(evidence.tape.filter(isAct), ({ device }) => device)];
    return devices.flatMap(([device, lines]) => [
      ...checkOverlap(lines),
      ...checkOwners(device, lines),
      ...checkOrder(device, lines, evidence),
    ]);
  },
};

function checkOverlap(lines: readonly TapeLine[]): readonly Violation[] {
  // What no command asked for is a stop: it acts beside the motion that it ends.
  const inTime = lines.filter(({ commandId }) => commandId !== null).sort((a, b) => a.beganMonoNs - b.beganMonoNs);
  return inTime.flatMap((line, k) => {
    const before = inTime[k - 1];
    if (!before || before.monoNs <= line.beganMonoNs) return [];
    return [{ what: `${line.device} began ${line.op} before its ${before.op} had ended.`, tape: [before.n, line.n] }];
  });
}

/** A fence belongs to one run: two runs under the same one shared the machine without a claim. */
function checkOwners(device: string, lines: readonly TapeLine[]): readonly Violation[] {
  return [...groupBy(lines, ({ fence }) => String(fence))].flatMap(([fence, each]) => {
    const owners = [...groupBy(each, ({ commandId }) => commandId?.split('/')[0] ?? '')];
    const [, second] = owners;
    // A command for a waiting run, given by a person, acts under the fence of that run and begins when nothing else does.
    if (!second || fence === 'null') return [];
    const interleaved = countTurns(each) > owners.length && !owners.some(([, acts]) => acts.every(isManual));
    return interleaved
      ? [
          {
            what: `${device} served runs ${owners.map(([id]) => id).join(' and ')} in turns under fence ${fence}.`,
            tape: second[1].map(({ n }) => n),
          },
        ]
      : [];
  });
}

function isManual({ commandId }: TapeLine): boolean {
  return commandId?.split('/')[1] === 'manual';
}

function countTurns(lines: readonly TapeLine[]): number {
  return lines.filter(({ commandId }, k) => commandId?.split('/')[0] !== lines[k - 1]?.commandId?.split('/')[0]).length;
}

/** First acts on the tape, rows of SENT in the journal and ordinals in Postgres tell one order. */
function checkOrder(device: string, lines: readonly TapeLine[], evidence: Evidence): readonly Violation[] {
  const machines = [...listDevices(evidence)].filter(([, each]) => each === device).map(([machine]) => machine);
  const acted = new Map<string, number>();
  for (const { commandId, n } of lines) if (commandId !== null && !acted.has(commandId)) acted.set(commandId, n);
  const sent = new Map<string, number>();
  for (const { kind, key, body } of listByAge(evidence.journals).flatMap(({ rows }) => [...rows].sort((a, b) => a.row - b.row))) {
    const isOurs = kind === 'SENT' && machines.includes(textOf(fieldsOf(body['command'])['machine']));
    if (isOurs && key !== null && !sent.has(key)) sent.set(key, sent.size);
  }
  const shown = new Map(evidence.database.commands.map(({ id, ordinal }) => [id, ordinal]));
  return [...compareOrder(acted, sent, `${device}: tape and journal`), ...compareOrder(acted, shown, `${device}: tape and Postgres`)];
}

/** One that began with the loss of another counts its rows anew, and is younger. */
function listByAge(journals: Evidence['journals']): Evidence['journals'] {
  const hasBegunAnew = ({ rows }: Evidence['journals'][number]): boolean =>
    rows.some(({ kind, body }) => kind === 'LOST' && body['isWhole'] === false);
  return [...journals].sort((a, b) => Number(hasBegunAnew(a)) - Number(hasBegunAnew(b)));
}

function compareOrder(acted: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>, who: string): readonly Violation[] {
  const both = [...acted].filter(([id]) => other.has(id)).sort(([, a], [, b]) => a - b);
  return both.flatMap(([id, n], k) => {
    const before = both[k - 1];
    if (!before || Number(other.get(before[0])) < Number(other.get(id))) return [];
    return [{ what: `${who} tell another order of ${before[0]} and ${id}.`, tape: [before[1], n] }];
  });
}
