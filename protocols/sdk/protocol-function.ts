// protocolFunction(): turns a spec and a function, or a spec and a static method, into a protocol that can be started
// by name and called by other protocols, each call tracked.

import { LabError } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import { requireParameters, type ParameterSpecMap } from '../../domain/protocols/parameter.js';
import type { AssetSpec, ProtocolDefinition, ProtocolKind } from '../../domain/protocols/protocol.js';
import { toBoundAssets, toHandles, type BoundAssets } from './bind-assets.js';
import { toCallValue } from './codec.js';
import { give } from './give.js';
import type { GivenParameters, ParameterSpecs, ParameterValues } from './parameters.js';
import type {
  AssetHandles,
  AssetSpecs,
  CalculationSpec,
  InferredParameters,
  InferredSpec,
  ProtocolResult,
  ProtocolSpec,
} from './protocol-spec.js';
import type { Run } from './run.js';
import { requireRuntime, type CallWorld } from './runtime.js';

/** Assets may be left out of a call where none is declared. */
type CallArguments<P extends ParameterSpecs, A extends AssetSpecs> = string extends keyof A
  ? [parameters: GivenParameters<P>, assets?: Readonly<Record<string, never>>]
  : [parameters: GivenParameters<P>, assets: AssetHandles<A>];

export interface ProtocolFunction<P extends ParameterSpecs, A extends AssetSpecs, R extends ProtocolResult> {
  (...given: CallArguments<P, A>): Promise<R>;
  readonly definition: ProtocolDefinition;
  /** The body with its arguments still as data: what an executor of runs calls. */
  readonly execute: (world: CallWorld, parameters: JsonObject, assets: BoundAssets) => Promise<Json>;
  /** The same function, its calls executed in another way: `await fit.with({ kind: 'inline' })({ … })`. */
  with(options: { readonly kind: string extends keyof A ? ProtocolKind : Exclude<ProtocolKind, 'activity'> }): ProtocolFunction<P, A, R>;
}

export type { AssetHandles, AssetSpecs, ProtocolSpec } from './protocol-spec.js';

export type AnyProtocolFunction = ProtocolFunction<ParameterSpecs, AssetSpecs, Json>;

/** Turns a static method into a protocol function of the same signature. */
export type ProtocolDecorator<P extends ParameterSpecs, A extends AssetSpecs> = <
  M extends (parameters: string extends keyof P ? never : ParameterValues<P>, assets: AssetHandles<A>, run: Run) => Promise<ProtocolResult>,
>(
  method: M,
  context: ClassMethodDecoratorContext,
) => M;

type Body = (parameters: never, assets: never, run: Run) => unknown;
type Spec = Omit<ProtocolDefinition, 'isTopLevel' | 'kind' | 'parameters' | 'assets'> & {
  readonly isTopLevel?: boolean;
  readonly kind?: ProtocolKind;
  readonly parameters?: ParameterSpecMap | undefined;
  readonly assets?: Readonly<Record<string, AssetSpec>> | undefined;
  readonly check?: (values: never) => string | undefined;
};

/**
 * Declares a protocol function.
 *
 * Called from another protocol it is a tracked call with its own path, checked parameters and cleanups.
 * Throws PARAMETER_* and ASSET_MISMATCH before the body begins, PROTOCOL_ERROR outside a run.
 */
export function protocolFunction<P extends ParameterSpecs, R extends ProtocolResult>(
  spec: CalculationSpec<P>,
  body: (parameters: ParameterValues<P>) => R | Promise<R>,
): ProtocolFunction<P, AssetSpecs, R>;
export function protocolFunction<P extends ParameterSpecs, A extends AssetSpecs, R extends ProtocolResult>(
  spec: ProtocolSpec<P, A>,
  body: (parameters: ParameterValues<P>, assets: AssetHandles<A>, run: Run) => Promise<R>,
): ProtocolFunction<P, A, R>;
export function protocolFunction<A extends AssetSpecs, R extends ProtocolResult, V extends object>(
  spec: InferredSpec<A>,
  body: (parameters: V, assets: AssetHandles<A>, run: Run) => Promise<R>,
): ProtocolFunction<InferredParameters<V>, A, R>;
export function protocolFunction<P extends ParameterSpecs, A extends AssetSpecs>(
  spec: ProtocolSpec<P, A> | InferredSpec<A>,
): ProtocolDecorator<P, A>;
export function protocolFunction(spec: Spec, body?: Body): unknown {
  return body ? declare(spec, body) : decorate(spec);
}

function decorate(spec: Spec): (method: Body, context: ClassMethodDecoratorContext) => unknown {
  return (method, context) => {
    const name = String(context.name);
    if (!context.static)
      throw new LabError('PROTOCOL_ERROR', {
        message: `The protocol ${spec.name} is no static method.`,
        remedy: `Write static async ${name}(…).`,
      });
    let owner: unknown;
    context.addInitializer(function setOwner() {
      // eslint-disable-next-line @typescript-eslint/no-this-alias -- an initializer is told its class by no other way
      owner = this;
    });
    return declare(spec, (parameters, assets, run) => method.call(owner, parameters, assets, run));
  };
}

/** Definitions whose parameters nobody has declared or read yet. */
const undeclared = new WeakSet<ProtocolDefinition>();

function declare(spec: Spec, body: Body): AnyProtocolFunction {
  const kind = spec.kind ?? 'child';
  const definition: ProtocolDefinition = {
    name: spec.name,
    version: spec.version,
    description: spec.description,
    isTopLevel: spec.isTopLevel ?? false,
    kind,
    parameters: spec.parameters ?? {},
    assets: spec.assets ?? {},
    ...(spec.recovery && { recovery: spec.recovery }),
  };
  if (!spec.parameters) undeclared.add(definition);
  else Object.freeze(definition);
  requireKind(definition, kind);
  const execute = async (world: CallWorld, given: JsonObject, assets: BoundAssets): Promise<Json> => {
    const values = undeclared.has(definition) ? given : requireParameters(definition.parameters, given);
    const complaint = spec.check?.(values as never);
    if (complaint !== undefined) throw new LabError('PARAMETER_RANGE', { message: complaint, field: 'parameters' });
    const handles = toHandles(definition, assets, world);
    return toCallValue(await body(values as never, handles as never, world.run), `the result of ${definition.name}`);
  };
  return createFunction(definition, kind, execute);
}

function createFunction(definition: ProtocolDefinition, kind: ProtocolKind, execute: AnyProtocolFunction['execute']): AnyProtocolFunction {
  const callTracked = async (parameters: unknown, assets: Readonly<Record<string, unknown>>): Promise<Json> => {
    const given = toCallValue(parameters, `the parameters of ${definition.name}`) as JsonObject;
    const bound = toBoundAssets(assets);
    const request = { definition, kind, parameters: given, assets: bound };
    return requireRuntime(definition.name).call(request, (world) => execute(world, given, bound));
  };
  const call = (parameters: unknown = {}, assets: Readonly<Record<string, unknown>> = {}): Promise<Json> =>
    give(definition.name, () => callTracked(parameters, assets));
  const withKind: AnyProtocolFunction['with'] = (options) => {
    requireKind(definition, options.kind);
    return createFunction(definition, options.kind, execute);
  };
  return Object.assign(call, { definition, execute, with: withKind });
}

function requireKind({ name, assets }: ProtocolDefinition, kind: ProtocolKind): void {
  if (kind !== 'activity' || Object.keys(assets).length === 0) return;
  throw new LabError('PROTOCOL_ERROR', {
    message: `${name} declares assets, and a calculation (kind 'activity') has none.`,
    remedy: `Give it parameters only, or the kind 'child' or 'inline'.`,
  });
}

/**
 * Gives a function without a block of parameters those that were read from its TypeScript signature. Called by the
 * entry of a bundle, before any run.
 */
export function completeDefinition(value: unknown, parameters: ParameterSpecMap): void {
  if (!isProtocolFunction(value) || !undeclared.delete(value.definition)) {
    throw new LabError('INTERNAL', { message: 'A protocol function was given parameters twice.' });
  }
  Object.freeze(Object.assign(value.definition, { parameters }));
}

export function isProtocolFunction(value: unknown): value is AnyProtocolFunction {
  return typeof value === 'function' && Object.hasOwn(value, 'definition') && Object.hasOwn(value, 'execute');
}

/** Every protocol function that a module exports, static methods of exported classes included. */
export function listProtocolFunctions(module: Readonly<Record<string, unknown>>): readonly AnyProtocolFunction[] {
  const members = Object.values(module).flatMap((value) => [value, ...listStaticMembers(value)]);
  return [...new Set(members.filter(isProtocolFunction))];
}

function listStaticMembers(value: unknown): readonly unknown[] {
  if (typeof value !== 'function' || isProtocolFunction(value)) return [];
  // Read by descriptor: a getter of an author's class must not run here.
  return Object.values(Object.getOwnPropertyDescriptors(value)).map((descriptor): unknown => descriptor.value);
}
