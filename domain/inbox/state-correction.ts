// What a person says is true on the deck, where trackers say otherwise. The bridge makes it true or refuses it.

/** A fact about the deck. Positions as protocols write them. */
export type StateCorrection =
  | { readonly labware: string; readonly item?: string; readonly volumeUl: number }
  | { readonly labware: string; readonly item: string; readonly hasTip: boolean }
  /** `tipFrom` null: the channel is empty; left out: as it was. */
  | {
      readonly machine: string;
      readonly channel: number;
      readonly tipFrom?: { readonly labware: string; readonly item: string } | null;
      readonly volumeUl?: number;
    }
  /** Where a labware item stands. */
  | { readonly labware: string; readonly location: { readonly carrier: string; readonly site: number } | { readonly machine: string } };
