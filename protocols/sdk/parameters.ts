// Builders of parameter specs. Each returns a plain ParameterSpec; the phantoms `value` and `given` carry the
// TypeScript types of the parameter, so that the protocol function's arguments are inferred from its spec.

import { toMilliseconds, type Duration } from '../../domain/json/duration.js';
import type { ParameterSpec } from '../../domain/protocols/parameter.js';

/** A spec whose value has type T, given by callers as G. The phantoms exist in types only. */
export type Parameter<T, G = T> = ParameterSpec & { readonly value?: T; readonly given?: G };

interface Described {
  readonly description?: string;
  /** Of a column of a table: what files call it beside its name, as in `['Volume (in ul)']`. */
  readonly titles?: readonly string[];
}

interface Ranged extends Described {
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  /** Without a default the parameter is required. */
  readonly default?: number;
}

interface TextOptions extends Described {
  /** Lengths. */
  readonly min?: number;
  readonly max?: number;
  /** Regular expression that the whole text must match. */
  readonly pattern?: string;
  readonly default?: string;
}

/** A duration as callers and people give it: milliseconds, `5 min`, `1 h 30 min`, or `{ minutes: 5 }`. */
export type GivenDuration = number | string | Duration;

interface DurationOptions extends Described {
  readonly min?: Duration;
  readonly max?: Duration;
  readonly default?: Duration;
}

/** Wells as callers and people give them: `A1:A4`, `A1,B2`, or a list of names. */
export type GivenWells = string | readonly string[];

interface WellsOptions extends Described {
  /** Number of wells of the plate: a well outside it is refused. */
  readonly wells?: number;
  /** How many wells. */
  readonly min?: number;
  readonly max?: number;
  readonly default?: GivenWells;
}

interface Counted extends Described {
  /** How many items or rows. */
  readonly min?: number;
  readonly max?: number;
}

interface ListOptions<T, G> extends Counted {
  readonly of: Parameter<T, G>;
  readonly default?: readonly NoInfer<G>[];
}

interface RecordOptions<F extends ParameterSpecs> extends Described {
  readonly fields: F;
  readonly default?: GivenParameters<F>;
}

interface TableOptions<C extends ParameterSpecs> extends Counted {
  readonly columns: C;
  readonly default?: readonly GivenParameters<C>[];
}

export const param = {
  integer: (options: Ranged = {}): Parameter<number> => ({ type: 'integer', ...options }),
  number: (options: Ranged = {}): Parameter<number> => ({ type: 'number', ...options }),
  text: (options: TextOptions = {}): Parameter<string> => ({ type: 'text', ...options }),
  boolean: (options: Described & { readonly default?: boolean } = {}): Parameter<boolean> => ({ type: 'boolean', ...options }),
  choice: <const C extends string>(
    options: Described & { readonly choices: readonly C[]; readonly default?: NoInfer<C> },
  ): Parameter<C> => ({
    type: 'choice',
    ...options,
  }),
  /** The protocol receives milliseconds. */
  duration: ({ min, max, default: standard, ...options }: DurationOptions = {}): Parameter<number, GivenDuration> => ({
    type: 'duration',
    ...options,
    ...(min === undefined ? {} : { min: toMilliseconds(min) }),
    ...(max === undefined ? {} : { max: toMilliseconds(max) }),
    ...(standard === undefined ? {} : { default: toMilliseconds(standard) }),
  }),
  /** The protocol receives a list of names, ranges expanded row by row. */
  wells: ({ wells, ...options }: WellsOptions = {}): Parameter<readonly string[], GivenWells> => ({
    type: 'wells',
    ...options,
    ...(wells === undefined ? {} : { positions: wells }),
  }),
  list: <T, G>(options: ListOptions<T, G>): Parameter<readonly T[], readonly G[]> => ({ type: 'list', ...options }) as ParameterSpec,
  record: <const F extends ParameterSpecs>(options: RecordOptions<F>): Parameter<ParameterValues<F>, GivenParameters<F>> =>
    ({ type: 'record', ...options }) as ParameterSpec,
  /** Rows as objects; people may upload them as CSV. */
  table: <const C extends ParameterSpecs>({
    columns,
    ...options
  }: TableOptions<C>): Parameter<readonly ParameterValues<C>[], readonly GivenParameters<C>[]> =>
    ({ type: 'table', ...options, fields: columns }) as ParameterSpec,
} as const;

export type ParameterSpecs = Readonly<Record<string, Parameter<unknown, unknown>>>;

/** What the protocol function receives. */
export type ParameterValues<P extends ParameterSpecs> = {
  readonly [K in keyof P]: P[K] extends { readonly value?: infer T } ? NonNullable<T> : never;
};

/** What a caller gives: parameters with a default may be left out. */
export type GivenParameters<P extends ParameterSpecs> = Partial<{
  readonly [K in keyof P]: P[K] extends { readonly given?: infer G } ? NonNullable<G> : never;
}>;
