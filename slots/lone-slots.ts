// Slots for runs with a strike, each of which executes alone: what ends such a slot was done by nobody else. A process stands
// while its run is held.

import type { Slot } from './slot-process.js';

/** Each takes memory. Where more runs have a strike at once they share them. */
const SLOTS_MAX = 8;

interface LoneSlot {
  readonly slot: Promise<Slot>;
  /** Temporal's ids of the executions that are held there, or about to be. */
  readonly held: Set<string>;
}

export interface LoneSlots {
  hold(execution: string): Promise<Slot>;
  leave(execution: string): void;
  end(): Promise<void>;
}

export function createLoneSlots(openSlot: () => Promise<Slot>): LoneSlots {
  const slots = new Set<LoneSlot>();
  const ending = new Set<Promise<void>>();

  const endOne = (lone: LoneSlot): Promise<void> => {
    slots.delete(lone);
    // One that could not be opened has nothing to end.
    const ended = lone.slot
      .then(
        (slot) => slot.end(),
        () => undefined,
      )
      .finally(() => {
        ending.delete(ended);
      });
    ending.add(ended);
    return ended;
  };
  const openOne = (): LoneSlot => {
    const lone: LoneSlot = { slot: openSlot(), held: new Set() };
    slots.add(lone);
    // It is forgotten: the next task tries again.
    lone.slot.catch(() => {
      slots.delete(lone);
    });
    return lone;
  };
  return {
    hold: (execution) => {
      const known = [...slots].find(({ held }) => held.has(execution));
      const lone =
        known ??
        (slots.size < SLOTS_MAX ? openOne() : [...slots].reduce((least, each) => (each.held.size < least.held.size ? each : least)));
      lone.held.add(execution);
      return lone.slot;
    },
    leave: (execution) => {
      for (const lone of slots) if (lone.held.delete(execution) && lone.held.size === 0) void endOne(lone);
    },
    end: async () => {
      for (const lone of slots) void endOne(lone);
      await Promise.all(ending);
    },
  };
}
