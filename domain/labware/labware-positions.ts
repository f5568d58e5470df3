// How many positions a labware type has, as far as its catalogue name tells.

const PLATE_FORMATS: ReadonlySet<number> = new Set([6, 12, 24, 48, 96, 384, 1536]);

/** `Cor_96_wellplate_360ul_Fb` has 96; undefined where the name does not say, which fits every wish. */
export function countPositions(labwareType: string): number | undefined {
  // A trough in the shape of a plate is one well for all tips; other numbers of it may be anything.
  if (/(?<![0-9.])1_troughplate/iu.test(labwareType)) return 1;
  for (const [digits] of labwareType.matchAll(/(?<![0-9.])\d+(?![0-9.]|[uµm]l)/giu)) {
    const count = Number(digits);
    if (PLATE_FORMATS.has(count)) return count;
  }
  return undefined;
}
