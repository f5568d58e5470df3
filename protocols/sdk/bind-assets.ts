// Assets on their way into and out of a protocol function: bound items become the handles that authors use, and
// handles given to a nested call become bound items again.

import { isFrontEnd } from '../../domain/catalogue/front-ends.js';
import { LabError } from '../../domain/errors/error.js';
import { describeAsset, type AssetSpec, type ProtocolDefinition } from '../../domain/protocols/protocol.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { createPlate, createTipRack, createTrough, type LabwareHandle } from './labware.js';
import { createMachineHandle, type AnyMachine } from './machines.js';
import type { CallWorld } from './runtime.js';

export type BoundAssets = Readonly<Record<string, BoundAsset>>;

/** A handle for each declared asset. Throws ASSET_MISMATCH. */
export function toHandles(definition: ProtocolDefinition, assets: BoundAssets, world: CallWorld): Readonly<Record<string, unknown>> {
  const handles: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(definition.assets)) {
    const asset = assets[name];
    if (asset === undefined || !isOfKind(asset, spec)) {
      const got = asset ? `${asset.name}, a ${asset.type}` : 'nothing';
      throw new LabError('ASSET_MISMATCH', {
        message: `${definition.name} needs ${describeAsset(spec)} as '${name}' and got ${got}.`,
        field: `assets.${name}`,
      });
    }
    handles[name] = toHandle(asset, spec, world);
  }
  return Object.freeze(handles);
}

/** A HeaterShaker may be given where a Shaker is wanted; labware must be of the very category. */
function isOfKind(asset: BoundAsset, spec: AssetSpec): boolean {
  if (asset.kind !== spec.kind) return false;
  return spec.kind === 'machine' ? isFrontEnd(asset.type, spec.type) : asset.type === spec.type;
}

export function toBoundAssets(handles: Readonly<Record<string, unknown>>): BoundAssets {
  const bound: Record<string, BoundAsset> = {};
  for (const [name, handle] of Object.entries(handles)) bound[name] = (handle as { asset: BoundAsset }).asset;
  return bound;
}

function toHandle(asset: BoundAsset, spec: AssetSpec, world: CallWorld): LabwareHandle | AnyMachine {
  if (spec.kind === 'machine') return createMachineHandle(asset, world.sender(asset));
  switch (spec.type) {
    case 'plate':
      return createPlate(asset, spec.positions);
    case 'tip_rack':
      return createTipRack(asset, spec.positions);
    case 'trough':
    case 'tube':
      return createTrough(asset);
  }
}
