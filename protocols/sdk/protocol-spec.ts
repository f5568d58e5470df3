// What an author declares of a protocol function, and the argument types that follow from it.

import type { Json } from '../../domain/json/json.js';
import type { RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { LabwareAsset } from './labware.js';
import type { MachineAsset } from './machines.js';
import type { Parameter, ParameterSpecs, ParameterValues } from './parameters.js';

export type AssetSpecs = Readonly<Record<string, MachineAsset<unknown> | LabwareAsset<unknown>>>;

export type AssetHandles<A extends AssetSpecs> = {
  readonly [K in keyof A]: A[K] extends { readonly handle?: infer H } ? NonNullable<H> : never;
};

interface SpecBase {
  /** Lower case, for example `serial_dilution`; the name of the run in every list. */
  readonly name: string;
  /** Semantic version of the procedure. */
  readonly version: string;
  readonly description: string;
  /** Whether people may start it; the others are only called by protocols. */
  readonly isTopLevel?: boolean;
}

/** Of a procedure that may drive machines. */
interface DrivingSpec extends SpecBase {
  /** What becomes of commands that fail, by error code: `{ TIP_MISSING: 'ask', '*': 'fail' }`. Codes not named are the caller's, in the end `fail`. */
  readonly recovery?: RecoveryPolicy;
}

/** A procedure that may drive machines. */
export interface ProtocolSpec<P extends ParameterSpecs, A extends AssetSpecs> extends DrivingSpec {
  /** How a nested call of it is executed. */
  readonly kind?: 'child' | 'inline';
  readonly parameters: P;
  readonly assets?: A;
  /** Says what is wrong with the values together, if anything; each by itself is checked before. Runs before the body. */
  readonly check?: (values: ParameterValues<P>) => string | undefined;
}

/** A procedure whose parameters are read from the TypeScript type of its body's first parameter. */
export interface InferredSpec<A extends AssetSpecs> extends DrivingSpec {
  readonly kind?: 'child' | 'inline';
  readonly parameters?: undefined;
  readonly assets?: A;
}

/** Pure computation: no machines, no run. It is executed outside the workflow's thread and may be executed again. */
export interface CalculationSpec<P extends ParameterSpecs> extends SpecBase {
  readonly kind: 'activity';
  readonly parameters: P;
  readonly assets?: undefined;
  readonly check?: (values: ParameterValues<P>) => string | undefined;
}

/** The parameter specs behind the type of a body's first parameter. */
export type InferredParameters<V> = { readonly [K in keyof V]-?: Parameter<Exclude<V[K], undefined>> };

/** What a body may return: plain data, or nothing. */
export type ProtocolResult = Json | void;

/** Argument types of a decorated method: `p: Params<typeof spec>`. */
export type Params<S> = S extends { readonly parameters: infer P extends ParameterSpecs }
  ? ParameterValues<P>
  : Readonly<Record<string, never>>;
/** `a: Assets<typeof spec>`. */
export type Assets<S> = S extends { readonly assets: infer A extends AssetSpecs } ? AssetHandles<A> : Readonly<Record<string, never>>;
