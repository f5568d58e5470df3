// The shape of pylabrobot.json: what the pinned PyLabRobot offers, as bridge/praxis_bridge/drivers/generate_catalogue.py reads it.

import type { Json } from '../json/json.js';

export interface Catalogue {
  readonly pylabrobot: string;
  readonly frontends: Readonly<Record<string, CatalogueFrontEnd>>;
  readonly backends: Readonly<Record<string, CatalogueBackend>>;
  /** Members by enum. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly values: Readonly<Record<string, { readonly fields: readonly CatalogueParameter[] }>>;
  readonly resources: readonly string[];
}

export interface CatalogueFrontEnd {
  readonly module: string;
  readonly bases: readonly string[];
  /** Abstract backends it works with. */
  readonly backends: readonly string[];
  readonly doc: string;
  readonly methods: Readonly<Record<string, CatalogueMethod>>;
}

export interface CatalogueMethod {
  readonly doc: string;
  readonly parameters: readonly CatalogueParameter[];
  readonly takesBackendArguments: boolean;
  readonly returns: CatalogueType;
}

export interface CatalogueParameter {
  readonly name: string;
  readonly type: CatalogueType;
  readonly required: boolean;
  readonly default?: Json;
}

export interface CatalogueBackend {
  readonly module: string;
  readonly frontends: readonly string[];
  /** What its methods take beside the arguments of the front end. */
  readonly methods: Readonly<Record<string, { readonly parameters: readonly CatalogueParameter[] }>>;
}

/** A leaf by name (`float`, `Well`, `any`, `none`), or a type made of others. */
export type CatalogueType =
  | string
  | { readonly list: CatalogueType }
  | { readonly union: readonly CatalogueType[] }
  | { readonly literal: readonly (string | number)[] }
  | { readonly tuple: readonly CatalogueType[] }
  | { readonly dict: readonly CatalogueType[] };
