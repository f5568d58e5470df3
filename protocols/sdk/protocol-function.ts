// protocolFunction(): turns a spec and an async function into a protocol that can be started by name
// and called by other protocols, each call tracked.

import { LabError } from '../../domain/error.js';
import type { Json, JsonObject } from '../../domain/json.js';
import { requireParameters } from '../../domain/parameter.js';
import { describeAsset, type ProtocolDefinition, type ProtocolKind } from '../../domain/protocol.js';
import type { BoundAsset } from '../../domain/run.js';
import { toJson } from './codec.js';
import { createPlate, createTipRack, createTrough, type LabwareAsset, type LabwareHandle } from './labware.js';
import type { LiquidHandler } from './liquid-handler.js';
import { createMachineHandle, type MachineAsset } from './machines.js';
import type { GivenParameters, ParameterSpecs, ParameterValues } from './parameters.js';
import type { Run } from './run.js';
import { requireRuntime, type CallWorld } from './runtime.js';

export type AssetSpecs = Readonly<Record<string, MachineAsset<unknown> | LabwareAsset<unknown>>>;

export type AssetHandles<A extends AssetSpecs> = {
  readonly [K in keyof A]: A[K] extends { readonly handle?: infer H } ? NonNullable<H> : never;
};

export interface ProtocolSpec<P extends ParameterSpecs, A extends AssetSpecs> {
  /** Lower case, for example `serial_dilution`; the name of the run in every list. */
  readonly name: string;
  /** Semantic version of the procedure. */
  readonly version: string;
  readonly description: string;
  /** Whether people may start it; the others are only called by protocols. */
  readonly isTopLevel?: boolean;
  /** How a nested call of it is executed. */
  readonly kind?: ProtocolKind;
  readonly parameters?: P;
  readonly assets?: A;
}

export interface ProtocolFunction<P extends ParameterSpecs, A extends AssetSpecs, R extends Json | void> {
  (parameters: GivenParameters<P>, assets: AssetHandles<A>): Promise<R>;
  readonly definition: ProtocolDefinition;
  /** The body with its arguments still as data: what an executor of runs calls. */
  readonly execute: (world: CallWorld, parameters: JsonObject, assets: Readonly<Record<string, BoundAsset>>) => Promise<Json>;
}

/**
 * Declares a protocol function.
 *
 * Called from another protocol it is a tracked call with its own path, checked parameters and cleanups.
 * Throws PARAMETER_* and ASSET_MISMATCH before the body begins, PROTOCOL_ERROR outside a run.
 */
export function protocolFunction<P extends ParameterSpecs, A extends AssetSpecs, R extends Json | void>(
  spec: ProtocolSpec<P, A>,
  body: (parameters: ParameterValues<P>, assets: AssetHandles<A>, run: Run) => Promise<R>,
): ProtocolFunction<P, A, R> {
  const definition: ProtocolDefinition = Object.freeze({
    name: spec.name,
    version: spec.version,
    description: spec.description,
    isTopLevel: spec.isTopLevel ?? false,
    kind: spec.kind ?? 'child',
    parameters: (spec.parameters ?? {}),
    assets: (spec.assets ?? {}),
  });
  const execute: ProtocolFunction<P, A, R>['execute'] = async (world, parameters, assets) => {
    const values = requireParameters(definition.parameters, parameters) as unknown as ParameterValues<P>;
    const handles = toHandles(definition, assets, world) as AssetHandles<A>;
    return toJson(await body(values, handles, world.run), `the result of ${definition.name}`);
  };
  const call = async (parameters: GivenParameters<P>, assets: AssetHandles<A>): Promise<R> => {
    const given = toJson(parameters, `the parameters of ${definition.name}`) as JsonObject;
    const bound = toBoundAssets(assets);
    const request = { definition, parameters: given, assets: bound };
    const result = await requireRuntime(definition.name).call(request, (world) => execute(world, given, bound));
    return result as R;
  };
  return Object.freeze(Object.assign(call, { definition, execute }));
}

export function isProtocolFunction(value: unknown): value is ProtocolFunction<ParameterSpecs, AssetSpecs, Json> {
  return typeof value === 'function' && 'definition' in value && 'execute' in value;
}

function toHandles(definition: ProtocolDefinition, assets: Readonly<Record<string, BoundAsset>>, world: CallWorld): Readonly<Record<string, unknown>> {
  const handles: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(definition.assets)) {
    const asset = assets[name];
    if (asset?.kind !== spec.kind || asset.type !== spec.type) {
      const got = asset ? `${asset.name}, a ${asset.type}` : 'nothing';
      throw new LabError('ASSET_MISMATCH', { message: `${definition.name} needs ${describeAsset(spec)} as '${name}' and got ${got}.`, field: `assets.${name}` });
    }
    handles[name] = toHandle(asset, spec, world);
  }
  return Object.freeze(handles);
}

function toHandle(asset: BoundAsset, spec: ProtocolDefinition['assets'][string], world: CallWorld): LabwareHandle | LiquidHandler {
  if (spec.kind === 'machine') return createMachineHandle(asset, world.sender(asset));
  switch (spec.type) {
    case 'plate':
      return createPlate(asset, spec.positions);
    case 'tip_rack':
      return createTipRack(asset, spec.positions);
    case 'trough':
      return createTrough(asset);
  }
}

function toBoundAssets(handles: Readonly<Record<string, unknown>>): Readonly<Record<string, BoundAsset>> {
  const bound: Record<string, BoundAsset> = {};
  for (const [name, handle] of Object.entries(handles)) bound[name] = (handle as { asset: BoundAsset }).asset;
  return bound;
}
