// Builders of machine asset specs, and the handle that a protocol receives for each.

import { COMMAND_ARGUMENTS_LIMIT_BYTES, requireSize } from '../../domain/values/byte-size.js';
import { requireArgumentsInBounds } from '../../domain/catalogue/method-policy.js';
import { FRONT_ENDS, type FrontEnd, type MachineBuilder } from '../../domain/catalogue/front-ends.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { findCustomPlans, registerCustomMachine, type CustomMethod, type CustomMethods } from './custom-machines.js';
import { createLiquidHandler, type LiquidHandler } from './liquid-handler.js';
import { createHandle, type AnyMachine, type SendCommand } from './machine-handle.js';
import { FRONT_END_PLANS, type FrontEndHandles } from './machines/front-end-handles.js';

export type { AnyMachine } from './machine-handle.js';

/** The asset spec of a machine and its handle's type, joined by a phantom. */
export type MachineAsset<H> = Extract<AssetSpec, { kind: 'machine' }> & { readonly handle?: H };

export interface MachineOptions {
  readonly description?: string;
  /** `perUse`: shared between runs, and held only inside `run.use` sections. Held for the whole run when left out. */
  readonly hold?: 'perUse';
}

/** Handle of a front end. */
export type MachineHandle<F extends FrontEnd> = F extends keyof FrontEndHandles ? FrontEndHandles[F] : LiquidHandler;

type MachineBuilders = {
  readonly [B in MachineBuilder]: (options?: MachineOptions) => MachineAsset<MachineHandle<(typeof FRONT_ENDS)[B]>>;
} & {
  /** A machine whose driver is not PyLabRobot's, by the front end that the driver is registered as. */
  readonly custom: <H extends AnyMachine>(frontEnd: string, methods: CustomMethods<H>, options?: MachineOptions) => MachineAsset<H>;
};

/** One builder for each front end of PyLabRobot: `machine.plateReader({ description: 'Measures' })`. */
export const machine: MachineBuilders = Object.freeze({
  ...Object.fromEntries(
    Object.entries(FRONT_ENDS).map(([builder, type]) => [
      builder,
      (options: MachineOptions = {}) => ({ kind: 'machine', type, ...options }),
    ]),
  ),
  custom: (frontEnd: string, methods: Readonly<Record<string, CustomMethod>>, options: MachineOptions = {}) => {
    registerCustomMachine(frontEnd, methods);
    return { kind: 'machine', type: frontEnd, ...options };
  },
}) as unknown as MachineBuilders;

/** The handle of a machine by its front end. Throws ASSET_MISMATCH for a front end that the catalogue does not know. */
export function createMachineHandle(asset: BoundAsset, sendAny: SendCommand): AnyMachine {
  const send = limitArguments(asset, sendAny);
  if (asset.type === 'LiquidHandler') return createLiquidHandler(asset, send);
  const plans = Object.hasOwn(FRONT_END_PLANS, asset.type)
    ? FRONT_END_PLANS[asset.type as keyof FrontEndHandles]
    : findCustomPlans(asset.type);
  if (plans) return createHandle(asset, send, plans as never);
  throw new LabError('ASSET_MISMATCH', { message: `${asset.name} is a ${asset.type}, which protocols cannot drive.` });
}

/** Its methods throw VALUE_TOO_LARGE for arguments that no command may carry, and BAD_ARGUMENTS for numbers out of bounds, before anything is sent. */
function limitArguments({ name, type }: BoundAsset, send: SendCommand): SendCommand {
  const limited = (method: string, given: JsonObject): Promise<Json> => {
    requireSize(given, `the arguments of ${name}.${method}`, {
      limitBytes: COMMAND_ARGUMENTS_LIMIT_BYTES,
      remedy: 'Give the command less at once, in several commands.',
    });
    requireArgumentsInBounds(type, method, given);
    return send(method, given);
  };
  return Object.assign(limited, send.isNoting === true && { isNoting: true as const });
}
