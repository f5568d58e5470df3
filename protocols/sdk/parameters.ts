// Builders of parameter specs. Each returns a plain ParameterSpec; the phantom `value` carries the
// TypeScript type of the parameter, so that the protocol function's arguments are inferred from its spec.

import type { ParameterSpec } from '../../domain/parameter.js';

/** A spec whose value has type T. `value` exists in types only. */
export type Parameter<T> = ParameterSpec & { readonly value?: T };

interface Described {
  readonly description?: string;
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

export const param = {
  integer: (options: Ranged = {}): Parameter<number> => ({ type: 'integer', ...options }),
  number: (options: Ranged = {}): Parameter<number> => ({ type: 'number', ...options }),
  text: (options: TextOptions = {}): Parameter<string> => ({ type: 'text', ...options }),
  boolean: (options: Described & { readonly default?: boolean } = {}): Parameter<boolean> => ({ type: 'boolean', ...options }),
  choice: <const C extends string>(options: Described & { readonly choices: readonly C[]; readonly default?: NoInfer<C> }): Parameter<C> => ({
    type: 'choice',
    ...options,
  }),
} as const;

export type ParameterSpecs = Readonly<Record<string, Parameter<unknown>>>;

/** What the protocol function receives. */
export type ParameterValues<P extends ParameterSpecs> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** What a caller gives: parameters with a default may be left out. */
export type GivenParameters<P extends ParameterSpecs> = Partial<ParameterValues<P>>;
