// How well the name of an item fits that of an asset which a protocol declares, and which items are told apart by their number alone.

/** Smaller is nearer. */
export const NEARNESS = { exact: 0, numbered: 1, whole: 2, related: 3, other: 4 } as const;
export type Nearness = (typeof NEARNESS)[keyof typeof NEARNESS];

/**
 * `exposurePlate` is exactly `exposure_plate`; `plate` and `plate2` are `plate_7` but for its number; `red` is wholly in `tub_alpha_red`;
 * `exposurePlate` has a word of `compound_plate`.
 */
export function compareNames(parameter: string, name: string): Nearness {
  const [wanted, given] = [toWords(parameter), toWords(name)];
  if (wanted.join('') === given.join('')) return NEARNESS.exact;
  const [wantedStem, givenStem] = [dropNumbers(wanted), dropNumbers(given)];
  if (wantedStem.length === 0) return NEARNESS.other;
  if (wantedStem.join('') === givenStem.join('')) return NEARNESS.numbered;
  const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
    inner.length > 0 && inner.every((word) => outer.includes(word));
  if (isWithin(wantedStem, givenStem) || isWithin(givenStem, wantedStem)) return NEARNESS.whole;
  const isRelated = wantedStem.some((word) => givenStem.includes(word)) || givenStem.join('').startsWith(wantedStem.join(''));
  return isRelated ? NEARNESS.related : NEARNESS.other;
}

/** `plate_3` says no more than that it is a plate, as `reader_2` says of a PlateReader. */
export function isNamedByKind({ name, type }: { readonly name: string; readonly type: string }): boolean {
  const kind = toWords(type).flatMap((word) => [word, `${word}s`]);
  return dropNumbers(toWords(name)).every((word) => kind.includes(word));
}

/** Items of one series are as good as each other: `plate_1` and `plate_2` are, `tub_red` and `tub_blue` are not. */
export function toSeries(name: string): string {
  return toWords(name)
    .map((word) => word.replace(/\d+/gu, ''))
    .filter((word) => word !== '')
    .join(' ');
}

/** `largeTips1`, `large_tips_1` and `Large tips 1` have the same words. */
function toWords(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/gu, '$1 $2')
    .toLowerCase()
    .replace(/([a-z])(\d+)(?![a-z\d])/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function dropNumbers(words: readonly string[]): readonly string[] {
  return words.filter((word) => !/^\d+$/u.test(word));
}
