// Ratios of two ways to do the same, taken in turn so that drift of the machine hits both: A B B A …
// The median of the block ratios is the figure; smallest and largest show how far to trust it.

export interface Ratio {
  readonly name: string;
  readonly goal: number;
  readonly floorMs: number;
  readonly oursMs: number;
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
  readonly blocks: number;
}

export interface Contest {
  readonly name: string;
  /** At most this ratio is wanted. */
  readonly goal: number;
  readonly blocks: number;
  /** Each does one block and returns its figure in ms. */
  readonly floor: () => Promise<number>;
  readonly ours: () => Promise<number>;
}

export async function measureRatio(contest: Contest, onProgress: (line: string) => void): Promise<Ratio> {
  // One block of each is thrown away: caches, pools and connections warm up.
  await contest.floor();
  await contest.ours();
  const floors: number[] = [];
  const ours: number[] = [];
  for (let block = 0; block < contest.blocks; block++) {
    const isFloorFirst = block % 2 === 0;
    if (isFloorFirst) floors.push(await contest.floor());
    ours.push(await contest.ours());
    if (!isFloorFirst) floors.push(await contest.floor());
    onProgress(`  ${contest.name}: block ${block + 1} of ${contest.blocks}, floor ${floors.at(-1)?.toFixed(1)} ms, ours ${ours.at(-1)?.toFixed(1)} ms`);
  }
  const ratios = ours.map((ms, k) => ms / (floors[k] ?? NaN));
  return {
    name: contest.name,
    goal: contest.goal,
    floorMs: median(floors),
    oursMs: median(ours),
    ratio: median(ratios),
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    blocks: contest.blocks,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
