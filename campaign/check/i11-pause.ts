// I11: from the moment a pause is acknowledged until somebody asks to go on, the run begins nothing.

import type { Evidence, Invariant } from './evidence.js';
import { isAct, listTrails } from './trails.js';

export const pause: Invariant = {
  id: 'I11',
  says: 'A paused run begins no act but those of its cleanups.',
  check(evidence) {
    const shielded = new Set(
      listTrails(evidence)
        .filter(({ isShielded }) => isShielded)
        .map(({ id }) => id),
    );
    return listPauses(evidence).flatMap(({ runId, fromNs, untilNs }) =>
      evidence.tape
        .filter((line) => isAct(line) && line.commandId?.startsWith(`${runId}/`) === true && !shielded.has(line.commandId))
        .filter(({ beganMonoNs }) => beganMonoNs > fromNs && beganMonoNs < untilNs)
        .map((line) => ({
          what: `${line.commandId} began ${Math.round((line.beganMonoNs - fromNs) / 1e6)} ms after its run was paused.`,
          tape: [line.n],
        })),
    );
  },
};

/** Each ends with the next wish to go on; a run that is cancelled meanwhile has its cleanups only. */
function listPauses({ observations }: Evidence): readonly { runId: string; fromNs: number; untilNs: number }[] {
  return observations.flatMap((seen, k) => {
    if (seen.what !== 'acknowledged' || seen.action !== 'pause' || seen.runId === undefined) return [];
    const { runId } = seen;
    const lifted = observations.slice(k + 1).find((later) => later.what === 'lifting' && later.action === 'pause' && later.runId === runId);
    return [{ runId, fromNs: seen.monoNs, untilNs: lifted?.monoNs ?? Infinity }];
  });
}
