// Which machines a run shares with other runs, and the fences of those that it holds just now.

export interface Sections {
  /** Whether the asset may only be used inside a section. */
  isShared(assetId: string): boolean;
  /** Fence of the section that holds the asset now. */
  fenceOf(assetId: string): number | undefined;
  readonly shared: readonly string[];
  readonly fences: Readonly<Record<string, number>>;
  hold(assetIds: readonly string[], fence: number): void;
  letGo(assetIds: readonly string[]): void;
}

export function createSections(shared: readonly string[], fences: Readonly<Record<string, number>>): Sections {
  const held = new Map(Object.entries(fences));
  return {
    isShared: (assetId) => shared.includes(assetId),
    fenceOf: (assetId) => held.get(assetId),
    shared,
    get fences() {
      return Object.fromEntries(held);
    },
    hold: (assetIds, fence) => {
      for (const id of assetIds) held.set(id, fence);
    },
    letGo: (assetIds) => {
      for (const id of assetIds) held.delete(id);
    },
  };
}
