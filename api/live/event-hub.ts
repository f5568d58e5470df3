// Lets long polls and live feeds sleep until Postgres notifies of new events. The notification is only a hint: a waiter looks again
// once a second without one, so a lost listener connection delays a reader and never starves it.

/** Notifications that arrive within this time wake the waiters once. */
const WAKE_DELAY_MS = 5;
const LOOK_AGAIN_MS = 1000;
/** Polls held open at once; further ones are answered with what is there. */
const HELD_POLLS_MAX = 200;

export interface EventHub {
  /** There may be new events, up to that position where it is known. */
  wake(pos?: number): void;
  /** The newest position that was heard of, which may be behind; undefined where notifications may have been missed. */
  knownPos(): number | undefined;
  /** Has a function called after notifications; returns what ends that. */
  onWake(hear: () => void): () => void;
  /** Calls `read` until it returns something, `waitMs` have passed, or the client or the hub is gone. */
  readWhenThere<T>(read: () => Promise<readonly T[]>, wait: { waitMs: number; signal: AbortSignal }): Promise<readonly T[]>;
  /** Ends every wait; polls answer with what they have. */
  close(): void;
}

export function createEventHub(): EventHub {
  const sleepers = new Set<() => void>();
  const hearers = new Set<() => void>();
  let version = 0;
  let newestPos: number | undefined;
  let wakeTimer: NodeJS.Timeout | undefined;
  let heldPolls = 0;
  let isClosed = false;

  const wakeAll = (): void => {
    wakeTimer = undefined;
    for (const wakeOne of [...sleepers]) wakeOne();
    for (const hear of [...hearers]) hear();
  };
  const sleep = (timeoutMs: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wakeOne = (): void => {
        clearTimeout(timer);
        sleepers.delete(wakeOne);
        signal.removeEventListener('abort', wakeOne);
        resolve();
      };
      const timer = setTimeout(wakeOne, timeoutMs);
      sleepers.add(wakeOne);
      signal.addEventListener('abort', wakeOne);
    });

  return {
    wake: (pos) => {
      newestPos = pos === undefined || newestPos === undefined ? pos : Math.max(pos, newestPos);
      version += 1;
      wakeTimer ??= setTimeout(wakeAll, WAKE_DELAY_MS);
    },
    knownPos: () => newestPos,
    onWake: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    readWhenThere: async (read, { waitMs, signal }) => {
      const deadlineMs = performance.now() + waitMs;
      const mayHold = waitMs > 0 && heldPolls < HELD_POLLS_MAX;
      if (!mayHold) return read();
      heldPolls += 1;
      try {
        for (;;) {
          const versionBefore = version;
          const items = await read();
          const remainingMs = deadlineMs - performance.now();
          if (items.length > 0 || remainingMs <= 0 || signal.aborted || isClosed) return items;
          // What was notified while reading may be missing from what was read: look again at once.
          if (version === versionBefore) await sleep(Math.min(remainingMs, LOOK_AGAIN_MS), signal);
        }
      } finally {
        heldPolls -= 1;
      }
    },
    close: () => {
      isClosed = true;
      clearTimeout(wakeTimer);
      wakeAll();
    },
  };
}
