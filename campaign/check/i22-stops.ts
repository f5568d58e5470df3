// I22: an instrument is stopped in the middle of a command only because somebody wanted it stopped: a run that goes on
// elsewhere, a worker that was replaced, or a run that was ended from outside stops nothing.

import type { Evidence, Invariant, TapeLine } from './evidence.js';
import { groupBy, isAct, listScheduled, listTrails, outcomeOf, textOf, listOf } from './trails.js';

export const stops: Invariant = {
  id: 'I22',
  says: 'No command is stopped that nobody cancelled, aborted or stopped with everything.',
  check(evidence) {
    const wanted = listWanted(evidence);
    const scheduled = groupBy(listScheduled(evidence), ({ request }) => textOf(request['id']));
    return listTrails(evidence).flatMap((trail) => {
      const stopped = trail.acts.filter((line) => wasStopped(line, evidence.tape));
      if (stopped.length === 0 && outcomeOf(trail)?.['status'] !== 'stopped') return [];
      const isWanted = wanted.everything || wanted.runs.has(trail.runId) || wanted.commands.has(trail.id) || scheduled.get(trail.id)?.some(({ activity }) => activity.isCancelAsked) === true;
      return isWanted ? [] : [{ what: `${trail.id} (${trail.method}) was stopped, and nobody had wanted that.`, tape: stopped.map(({ n }) => n) }];
    });
  },
};

/** Cut short by no fault, and not because its machine was put away. */
function wasStopped({ outcome, fault, device, beganMonoNs, monoNs }: TapeLine, tape: readonly TapeLine[]): boolean {
  if (outcome !== 'part' || fault !== undefined) return false;
  return !tape.some((line) => line.device === device && line.op === 'stop' && !isAct(line) && line.monoNs >= beganMonoNs && line.beganMonoNs <= monoNs);
}

function listWanted({ database, journals, observations }: Evidence): { readonly everything: boolean; readonly runs: ReadonlySet<string>; readonly commands: ReadonlySet<string> } {
  const rows = journals.flatMap((journal) => journal.rows);
  const cancelled = database.events.flatMap(({ type, runId }) => ((type === 'run.cancelling' || type === 'run.cancelled') && runId !== null ? [runId] : []));
  const asked = observations.flatMap((seen) => (seen.what === 'request' && seen.action === 'cancel' && seen.runId !== undefined ? [seen.runId] : []));
  return {
    everything: rows.some(({ kind }) => kind === 'STOP_ALL'),
    runs: new Set([...cancelled, ...asked]),
    commands: new Set(rows.flatMap(({ kind, body }) => (kind === 'ABORT' ? listOf(body['commands']).map(textOf) : []))),
  };
}
