// Which machines a run shares with other runs, and the fences of those that it holds just now.

export interface Sections {
  /** Whether the asset may only be used inside a section. */
  isShared(assetId: string): boolean;
  /** Fence of the section that holds the asset now. */
  fenceOf(assetId: string): number | undefined;
  readonly shared: readonly string[];
  readonly fences: Readonly<Record<string, number>>;
  hold(section: HeldSection, fence: number): void;
  letGo(section: HeldSection): void;
  /** A cleanup has failed: what sections hold now is in doubt. */
  noteDoubt(reason: string): void;
  /** Why the machines of the section are in doubt. */
  findDoubt(useId: string): string | undefined;
  /** By section; of those that are over, too. */
  readonly doubts: Readonly<Record<string, string>>;
}

export interface HeldSection {
  readonly useId: string;
  /** Ids. */
  readonly assets: readonly string[];
}

export function createSections(
  shared: readonly string[],
  { fences, doubts: carried }: { readonly fences: Readonly<Record<string, number>>; readonly doubts: Readonly<Record<string, string>> },
): Sections {
  const held = new Map(Object.entries(fences));
  const open = new Set<string>();
  const doubts = new Map(Object.entries(carried));
  return {
    isShared: (assetId) => shared.includes(assetId),
    fenceOf: (assetId) => held.get(assetId),
    shared,
    get fences() {
      return Object.fromEntries(held);
    },
    hold: ({ useId, assets }, fence) => {
      open.add(useId);
      for (const id of assets) held.set(id, fence);
    },
    letGo: ({ useId, assets }) => {
      open.delete(useId);
      for (const id of assets) held.delete(id);
    },
    noteDoubt: (reason) => {
      for (const useId of open) if (!doubts.has(useId)) doubts.set(useId, reason);
    },
    findDoubt: (useId) => doubts.get(useId),
    get doubts() {
      return Object.fromEntries(doubts);
    },
  };
}
