// I22: an instrument is stopped in the middle of a command only because somebody wanted it stopped: a run that goes on
// elsewhere, a worker that was replaced, or a run that was ended from outside stops nothing.

import type { Evidence, Invariant, JournalRow, TapeLine } from './evidence.js';
import { groupBy, isAct, listScheduled, listTrails, outcomeOf, textOf, listOf, type Trail } from './trails.js';

/** Clocks of a device and of the bridge, and a stop that takes its time. */
const GRACE_MS = 5_000;

export const stops: Invariant = {
  id: 'I22',
  says: 'No command is stopped that nobody cancelled, aborted or stopped with everything.',
  check(evidence) {
    const wanted = listWanted(evidence);
    const scheduled = groupBy(listScheduled(evidence), ({ request }) => textOf(request['id']));
    return listTrails(evidence).flatMap((trail) => {
      const stopped = trail.acts.filter((line) => wasStopped(line, evidence.tape));
      if (stopped.length === 0 && outcomeOf(trail)?.['status'] !== 'stopped') return [];
      const isWanted =
        wasUnderStop(trail, wanted.everything) ||
        wanted.runs.has(trail.runId) ||
        wanted.commands.has(trail.id) ||
        scheduled.get(trail.id)?.some(({ activity }) => activity.isCancelAsked) === true;
      return isWanted
        ? []
        : [{ what: `${trail.id} (${trail.method}) was stopped, and nobody had wanted that.`, tape: stopped.map(({ n }) => n) }];
    });
  },
};

/** Cut short by no fault, and not because its machine was put away. */
function wasStopped({ outcome, fault, device, beganMonoNs, monoNs }: TapeLine, tape: readonly TapeLine[]): boolean {
  if (outcome !== 'part' || fault !== undefined) return false;
  return !tape.some(
    (line) => line.device === device && line.op === 'stop' && !isAct(line) && line.monoNs >= beganMonoNs && line.beganMonoNs <= monoNs,
  );
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether a stop of everything held at any time at which the command was under way. */
function wasUnderStop({ acts, sent, end }: Trail, stops: readonly Span[]): boolean {
  const times = [
    ...acts.flatMap(({ atMs, monoNs, beganMonoNs }) => [atMs, atMs - (monoNs - beganMonoNs) / 1e6]),
    ...sent.map(({ atMs }) => atMs),
    ...(end ? [end.atMs] : []),
  ];
  const [beganMs, endedMs] = [Math.min(...times) - GRACE_MS, Math.max(...times) + GRACE_MS];
  return stops.some(({ fromMs, toMs }) => fromMs <= endedMs && toMs >= beganMs);
}

/** From each stop to the next row of its workcell. */
function listStops(rows: readonly JournalRow[]): readonly Span[] {
  const all = rows.filter(({ kind }) => kind === 'STOP_ALL').sort((a, b) => a.atMs - b.atMs);
  return all.flatMap(({ body, atMs }, at) =>
    body['isStopped'] === true
      ? [{ fromMs: atMs, toMs: all.slice(at + 1).find((next) => next.body['workcell'] === body['workcell'])?.atMs ?? Infinity }]
      : [],
  );
}

function listWanted({ database, journals, observations }: Evidence): {
  readonly everything: readonly Span[];
  readonly runs: ReadonlySet<string>;
  readonly commands: ReadonlySet<string>;
} {
  const rows = journals.flatMap((journal) => journal.rows);
  const cancelled = database.events.flatMap(({ type, runId }) =>
    (type === 'run.cancelling' || type === 'run.cancelled') && runId !== null ? [runId] : [],
  );
  const asked = observations.flatMap((seen) =>
    seen.what === 'request' && seen.action === 'cancel' && seen.runId !== undefined ? [seen.runId] : [],
  );
  return {
    everything: listStops(rows),
    runs: new Set([...cancelled, ...asked]),
    commands: new Set(rows.flatMap(({ kind, body }) => (kind === 'ABORT' ? listOf(body['commands']).map(textOf) : []))),
  };
}
