// Activities that only note something outside are soon over, but very many may be asked for at once: a few are under way, the
// others wait in the order in which they were asked for. Temporal takes two thousand of a workflow.

import type { ControlActivities } from '../../activities/activity-types.js';

export const NOTES_OPEN_MAX = 64;

/** Control, the call log and the end of a run never wait behind them. */
const LIMITED = [
  'openItem',
  'closeItem',
  'claimUse',
  'releaseUse',
  'resolveCommand',
  'recoverCommand',
  'endLook',
  'endHandWork',
] as const satisfies readonly (keyof ControlActivities)[];

export function limitActivities(activities: ControlActivities): ControlActivities {
  const waiting: (() => void)[] = [];
  let open = 0;
  const limit =
    <A, R>(work: (request: A) => Promise<R>) =>
    async (request: A): Promise<R> => {
      // Whoever leaves hands its place to the next, so that nobody comes in between.
      if (open >= NOTES_OPEN_MAX)
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      else open += 1;
      try {
        return await work(request);
      } finally {
        const next = waiting.shift();
        if (next) next();
        else open -= 1;
      }
    };
  const limited = new Map<PropertyKey, unknown>(
    LIMITED.map((name) => [name, limit(activities[name] as (request: never) => Promise<unknown>)]),
  );
  return new Proxy(activities, { get: (all, name): unknown => limited.get(name) ?? Reflect.get(all, name) });
}
