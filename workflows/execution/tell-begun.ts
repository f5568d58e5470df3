// Calls that have begun while nothing takes their entries along: they are told of soon, by a message of their own. It keeps
// nothing waiting: a continuation and an end take back what it carries, since telling twice does no harm.

import type { CallLog } from '../../domain/runs/call.js';

/** So long a call that has begun may go untold where no command takes its entry along. */
const TELL_WITHIN_MS = 1_000;

export interface BegunTeller {
  /** Author code is at rest. */
  rest(): void;
  /** Something has taken entries along. */
  noteTaken(): void;
  /** What is on its way goes with something else. */
  takeBack(): void;
}

export interface TellerWorld {
  /** Of a call that has begun nobody was told, and nothing else is being sent. */
  readonly isDue: () => boolean;
  readonly take: () => CallLog | undefined;
  readonly send: (log: CallLog) => Promise<void>;
  readonly noteArrival: (log: CallLog) => void;
  readonly putBack: (log: CallLog) => void;
  /** Calls back after so long; what it returns takes that back. */
  readonly after: (ms: number, then: () => void) => () => void;
}

export function createBegunTeller(world: TellerWorld): BegunTeller {
  let telling: CallLog | undefined;
  let cancel: (() => void) | undefined;
  let mayTell = true;

  const tell = async (): Promise<void> => {
    const log = world.isDue() ? world.take() : undefined;
    if (log === undefined) return;
    telling = log;
    try {
      await world.send(log);
      world.noteArrival(log);
    } catch {
      // What is refused is found out, and said, by whoever sends it next.
      mayTell = false;
      world.putBack(log);
    }
    telling = undefined;
    rest();
  };
  const rest = (): void => {
    if (!mayTell || cancel !== undefined || telling !== undefined || !world.isDue()) return;
    cancel = world.after(TELL_WITHIN_MS, () => {
      cancel = undefined;
      void tell();
    });
  };
  return {
    rest,
    noteTaken: () => {
      if (cancel === undefined || world.isDue()) return;
      cancel();
      cancel = undefined;
    },
    takeBack: () => {
      if (telling !== undefined) world.putBack(telling);
    },
  };
}
