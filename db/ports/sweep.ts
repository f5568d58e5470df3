// Removes what has expired, now and then, on the way of those who write; whoever reads passes over it anyway.

const SWEEP_EVERY_MS = 60_000;

/** Sweeps at most once in that time, and makes nobody wait for it. */
export function createSweeper(sweep: () => Promise<unknown>): () => void {
  let sweptAtMs = performance.now();
  return () => {
    if (performance.now() - sweptAtMs < SWEEP_EVERY_MS) return;
    sweptAtMs = performance.now();
    // Rows that stay until the next sweep do no harm, and a database that is away is told of by the write itself.
    sweep().catch(() => undefined);
  };
}
