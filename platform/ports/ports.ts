// The four ports together, as processes get them, and the form that names on them have.

import type { Bus } from './bus.js';
import type { Cache } from './cache.js';
import type { Locks } from './locks.js';
import type { Rates } from './rates.js';
import { invariant } from '../../domain/errors/error.js';

/** No call of a port rejects because a store is away: each says in its contract what it answers then. */
export interface Ports {
  readonly cache: Cache;
  readonly locks: Locks;
  readonly bus: Bus;
  readonly rates: Rates;
}

export interface OpenPorts extends Ports {
  close(): Promise<void>;
}

export const PORT_NAME_LIMIT_CHARS = 200;

/** Names of locks, buckets and channels and keys of the cache: printable ASCII, so that they mean the same in every store. */
export function requirePortName(name: string): string {
  invariant(/^[\x20-\x7e]+$/u.test(name) && name.length <= PORT_NAME_LIMIT_CHARS, `'${name}' is no name for a port`);
  return name;
}
