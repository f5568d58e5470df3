// The cache port: values that may be forgotten at any moment, because they can be read again from where they came.
// It always holds with a time to live: after an outage of the store an old value may come back for that long.

export interface CacheKey {
  /** Who keeps it, for example `run-state`. */
  readonly namespace: string;
  readonly key: string;
}

export interface CacheSetOptions {
  readonly ttlMs: number;
  /** A value never replaces one that is held with a higher version; left out, it always replaces. */
  readonly version?: number;
}

export interface Cache {
  /** Null where it is not held. */
  get(key: CacheKey): Promise<string | null>;
  set(key: CacheKey, value: string, options: CacheSetOptions): Promise<void>;
  delete(key: CacheKey): Promise<void>;
}

/** A longer value is not held: reading it again from its place costs less than keeping it. */
export const CACHE_VALUE_LIMIT_BYTES = 256 * 1024;

export function isTooLargeToCache(value: string): boolean {
  return Buffer.byteLength(value) > CACHE_VALUE_LIMIT_BYTES;
}
