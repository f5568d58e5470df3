// Builders of machine asset specs, and the handle that a protocol receives for each.

import { LabError } from '../../domain/error.js';
import type { AssetSpec } from '../../domain/protocol.js';
import type { BoundAsset } from '../../domain/run.js';
import { createLiquidHandler, type LiquidHandler, type SendCommand } from './liquid-handler.js';

/** The asset spec of a machine and its handle's type, joined by a phantom. */
export type MachineAsset<H> = Extract<AssetSpec, { kind: 'machine' }> & { readonly handle?: H };

/** What every machine handle has. */
export interface AnyMachine {
  readonly asset: BoundAsset;
  readonly name: string;
}

export const machine = {
  liquidHandler: (options: { readonly description?: string } = {}): MachineAsset<LiquidHandler> => ({ kind: 'machine', type: 'LiquidHandler', ...options }),
} as const;

export function createMachineHandle(asset: BoundAsset, send: SendCommand): LiquidHandler {
  if (asset.type === 'LiquidHandler') return createLiquidHandler(asset, send);
  throw new LabError('ASSET_MISMATCH', { message: `${asset.name} is a ${asset.type}, which protocols cannot drive.` });
}
