// Ratios of two ways to do the same, taken in turn so that drift of the machine hits both: A B B A …
// The median of the block ratios is the figure; smallest and largest show how far to trust it.

import type { Figure } from './figures.js';
import { waitForQuiet } from './quiet.js';

export interface Contest {
  readonly name: string;
  /** At most this ratio is wanted. */
  readonly goal: number;
  readonly blocks: number;
  /** Each does one block and returns its figure in ms. */
  readonly floor: () => Promise<number>;
  readonly ours: () => Promise<number>;
  /** What the two are called where they are not the floor and ours. */
  readonly labels?: readonly [floor: string, ours: string];
}

export async function measureRatio(contest: Contest, say: (line: string) => void): Promise<Figure> {
  await waitForQuiet(say);
  // One block of each is thrown away: caches, pools and connections warm up.
  await contest.floor();
  await contest.ours();
  const [floorName, oursName] = contest.labels ?? ['floor', 'ours'];
  const floorsMs: number[] = [];
  const oursMs: number[] = [];
  for (let block = 0; block < contest.blocks; block++) {
    const isFloorFirst = block % 2 === 0;
    if (isFloorFirst) floorsMs.push(await contest.floor());
    oursMs.push(await contest.ours());
    if (!isFloorFirst) floorsMs.push(await contest.floor());
    say(
      `  ${contest.name}: block ${block + 1} of ${contest.blocks}, ${floorName} ${toText(floorsMs.at(-1))} ms, ${oursName} ${toText(oursMs.at(-1))} ms`,
    );
  }
  const ratios = oursMs.map((ms, k) => ms / (floorsMs[k] ?? NaN));
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)];
  return {
    name: contest.name,
    value: median(ratios),
    unit: '×',
    goal: { atMost: contest.goal },
    detail: `${lowest.toFixed(2)}–${highest.toFixed(2)}; ${floorName} ${toText(median(floorsMs))} ms, ${oursName} ${toText(median(oursMs))} ms`,
    raw: { floorsMs, oursMs },
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two values by straight line; 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return below + (above - below) * (place - Math.floor(place));
}

function toText(ms: number | undefined): string {
  return (ms ?? NaN).toFixed((ms ?? 0) < 10 ? 3 : 1);
}
