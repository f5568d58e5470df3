// I17: after stop all nothing begins, whatever else is dead.

import type { Evidence, Invariant } from './evidence.js';
import { isAct } from './trails.js';

/** An act whose byte was on its way when the bridge acknowledged. */
const GRACE_NS = 100e6;

export const stopAll: Invariant = {
  id: 'I17',
  says: 'No act begins later than 100 ms after stop all was acknowledged, until a person releases it.',
  check: (evidence) =>
    listStops(evidence).flatMap(({ devices, fromNs, untilNs }) =>
      evidence.tape
        .filter((line) => isAct(line) && (devices === undefined || devices.includes(line.device)))
        .filter(({ beganMonoNs }) => beganMonoNs > fromNs + GRACE_NS && beganMonoNs < untilNs)
        .map((line) => ({
          what: `${line.device} began ${line.op} ${Math.round((line.beganMonoNs - fromNs) / 1e6)} ms after stop all.`,
          tape: [line.n],
        })),
    ),
};

function listStops({ observations }: Evidence): readonly { devices: readonly string[] | undefined; fromNs: number; untilNs: number }[] {
  return observations.flatMap((seen, k) => {
    if (seen.what !== 'acknowledged' || seen.action !== 'stop-all') return [];
    const released = observations
      .slice(k + 1)
      .find((later) => later.what === 'lifting' && later.action === 'stop-all' && lifts(later.rev, seen.rev));
    return [{ devices: seen.devices, fromNs: seen.monoNs, untilNs: released?.monoNs ?? Infinity }];
  });
}

/** The release of a stop lifts it and those before, never one that came after. */
function lifts(released: number | undefined, stopped: number | undefined): boolean {
  return released === undefined || stopped === undefined || released >= stopped;
}
