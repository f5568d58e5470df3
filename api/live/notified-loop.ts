// Runs one piece of work again and again: at an interval, and at once when poked. Never twice at the same time;
// pokes that come while it runs are joined into one more round.

export interface PokedLoop {
  poke(): void;
  /** Resolves when the round at hand has ended; no other begins. */
  close(): Promise<void>;
}

export function startPokedLoop(options: { intervalMs: number; work: () => Promise<void>; onError: (error: unknown) => void }): PokedLoop {
  let isBusy = false;
  let isPoked = false;
  let isClosed = false;
  let lastRound: Promise<void> = Promise.resolve();

  const runRounds = async (): Promise<void> => {
    while (isPoked && !isClosed) {
      isPoked = false;
      try {
        await options.work();
      } catch (error) {
        options.onError(error);
      }
    }
    isBusy = false;
  };
  const poke = (): void => {
    isPoked = true;
    if (isBusy || isClosed) return;
    isBusy = true;
    lastRound = runRounds();
  };
  const timer = setInterval(poke, options.intervalMs);
  poke();
  return {
    poke,
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      await lastRound;
    },
  };
}
