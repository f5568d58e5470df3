// The clock of a rehearsal: it stands still while anything can go on, and then springs to whatever comes next. What goes on
// side by side interleaves by the time it would take.

import { LabError } from '../../domain/errors/error.js';

export interface VirtualClock {
  readonly nowMs: number;
  /** Resolves when this much time has passed; those that are due at the same time in the order in which they began. */
  pass(ms: number): Promise<void>;
  /** Work of the world outside, one at a time: the clock stands still until it has ended. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Springs on until the work has ended. Throws PROTOCOL_ERROR where nothing is left that it could wait for. */
  runUntil<T>(ended: Promise<T>): Promise<T>;
}

interface Waiting {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/** `settle` resolves when everything that can go on now has gone on. */
export function createVirtualClock(startMs: number, settle: () => Promise<void>): VirtualClock {
  const waiting: Waiting[] = [];
  let nowMs = startMs;
  let order = 0;
  let world: Promise<unknown> = Promise.resolve();
  let underWay = 0;

  const takeNext = (): Waiting | undefined => {
    const next = waiting.reduce<Waiting | undefined>(
      (first, each) => (first === undefined || comesBefore(each, first) ? each : first),
      undefined,
    );
    if (next) waiting.splice(waiting.indexOf(next), 1);
    return next;
  };
  return {
    get nowMs() {
      return nowMs;
    },
    pass: (ms) =>
      new Promise((wake) => {
        waiting.push({ atMs: nowMs + Math.max(0, ms), order: order++, wake });
      }),
    hold: (work) => {
      underWay += 1;
      const done = world.then(work).finally(() => {
        underWay -= 1;
      });
      world = done.catch(() => undefined);
      return done;
    },
    runUntil: async (ended) => {
      let isOver = false;
      const over = ended.finally(() => {
        isOver = true;
      });
      over.catch(() => undefined);
      for (;;) {
        await settle();
        while (underWay > 0) {
          await world;
          await settle();
        }
        if (isOver) return over;
        const next = takeNext();
        if (!next) {
          throw new LabError('PROTOCOL_ERROR', {
            message: 'The protocol waits for something that never comes: a promise that belongs to no operation of its run.',
            remedy: 'Wait with run.delay, run.ask, commands and calls only.',
          });
        }
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
    },
  };
}

function comesBefore(a: Waiting, b: Waiting): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
