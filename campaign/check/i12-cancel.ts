// I12: a cancelled run only cleans up, and ends; from its end on it moves nothing, which is true of every run.

import type { Evidence, Invariant, Violation } from './evidence.js';
import { isAct, listTrails } from './trails.js';

const ENDED = ['completed', 'failed', 'cancelled'];

export const cancel: Invariant = {
  id: 'I12',
  says: 'After a cancel is acknowledged only cleanups act, and the run ends.',
  check(evidence) {
    const shielded = new Set(
      listTrails(evidence)
        .filter(({ isShielded }) => isShielded)
        .map(({ id }) => id),
    );
    return evidence.observations.flatMap((seen): readonly Violation[] => {
      if (seen.what === 'status' && ENDED.includes(seen.status)) return checkOver(evidence, seen);
      if (seen.what !== 'acknowledged' || seen.action !== 'cancel' || seen.runId === undefined) return [];
      const { runId, monoNs } = seen;
      const late = evidence.tape.filter(
        (line) =>
          isAct(line) && line.commandId?.startsWith(`${runId}/`) === true && line.beganMonoNs > monoNs && !shielded.has(line.commandId),
      );
      const status = evidence.database.runs.find(({ id }) => id === runId)?.status ?? 'missing';
      return [
        ...late.map((line) => ({
          what: `${line.commandId} began ${Math.round((line.beganMonoNs - monoNs) / 1e6)} ms after its run was cancelled, and is no cleanup.`,
          tape: [line.n],
        })),
        ...(ENDED.includes(status) ? [] : [{ what: `Run ${runId} was cancelled and is ${status}.`, tape: [] }]),
      ];
    });
  },
};

function checkOver({ tape }: Evidence, { runId, status, monoNs }: { runId: string; status: string; monoNs: number }): readonly Violation[] {
  return tape
    .filter((line) => isAct(line) && line.commandId?.startsWith(`${runId}/`) === true && line.beganMonoNs > monoNs)
    .map((line) => ({
      what: `${line.commandId} began ${Math.round((line.beganMonoNs - monoNs) / 1e6)} ms after its run was shown as ${status}.`,
      tape: [line.n],
    }));
}
