// Chance from a seed: the same seed tells the same story.

export interface Random {
  /** From 0 to below 1. */
  next(): number;
  integer(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** A source of its own, so that what one part draws changes nothing for the others. */
  fork(): Random;
}

/** Mulberry32: 32 bits of state, which is enough for plans of a few hundred draws. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => items[integer(0, items.length - 1)] as T;
  return {
    next,
    integer,
    pick,
    chance: (probability) => next() < probability,
    shuffle: (items) => {
      const left = [...items];
      return items.map(() => left.splice(integer(0, left.length - 1), 1)[0] as (typeof items)[number]);
    },
    fork: () => createRandom(integer(0, 2 ** 32 - 1)),
  };
}
