// Labware as a protocol sees it: named things with positions that commands refer to.

import type { LabwareCategory } from '../../domain/catalogue/labware-category.js';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { expandPositions } from './positions.js';

/** One well, tip spot or whole container, as commands carry it: a reference by name, never an object. */
export type ContainerRef = { readonly $item: readonly [labware: string, position: string] } | { readonly $ref: string };
export type TipSpotRef = { readonly $item: readonly [labware: string, position: string] };

export interface LabwareHandle {
  readonly asset: BoundAsset;
  readonly name: string;
}

export interface Plate extends LabwareHandle {
  /** Wells by name: `'A1'`, `'A1:H1'` (both ends, row by row), `'A1,C3'`. LABWARE_NOT_FOUND outside the plate. */
  wells(positions: string): readonly ContainerRef[];
}

export interface TipRack extends LabwareHandle {
  /** Tip spots by name, written as for wells. */
  spots(positions: string): readonly TipSpotRef[];
}

/** One container, a trough or a tube; give it where wells are wanted. */
export interface Trough extends LabwareHandle {
  readonly container: ContainerRef;
}

export function createPlate(asset: BoundAsset, positions: number | undefined): Plate {
  return Object.freeze({ asset, name: asset.name, wells: (text: string) => toItems(asset.name, text, positions) });
}

export function createTipRack(asset: BoundAsset, positions: number | undefined): TipRack {
  return Object.freeze({ asset, name: asset.name, spots: (text: string) => toItems(asset.name, text, positions) });
}

export function createTrough(asset: BoundAsset): Trough {
  return Object.freeze({ asset, name: asset.name, container: { $ref: asset.name } });
}

/** The asset spec of a labware handle and the handle's type, joined by a phantom. */
export type LabwareAsset<H> = Extract<AssetSpec, { kind: 'labware' }> & { readonly handle?: H };

interface Described {
  readonly description?: string;
}

export const labware = {
  plate: ({ wells, description }: Described & { readonly wells?: number } = {}): LabwareAsset<Plate> => toSpec('plate', wells, description),
  tipRack: ({ spots, description }: Described & { readonly spots?: number } = {}): LabwareAsset<TipRack> =>
    toSpec('tip_rack', spots, description),
  /** A reservoir of one container too. */
  trough: ({ description }: Described = {}): LabwareAsset<Trough> => toSpec('trough', undefined, description),
  tube: ({ description }: Described = {}): LabwareAsset<Trough> => toSpec('tube', undefined, description),
} as const;

function toSpec<H>(type: LabwareCategory, positions: number | undefined, description: string | undefined): LabwareAsset<H> {
  return {
    kind: 'labware',
    type,
    ...(positions === undefined ? {} : { positions }),
    ...(description === undefined ? {} : { description }),
  };
}

function toItems(name: string, text: string, positions: number | undefined): readonly TipSpotRef[] {
  return expandPositions(text, positions, name).map((position) => ({ $item: [name, position] as const }));
}
