// The rates port: token buckets shared by all processes. A bucket begins full and gains tokens evenly up to its capacity.

export interface RateLimit {
  /** How many may come at once. */
  readonly capacity: number;
  readonly refillPerS: number;
}

export interface RateAnswer {
  readonly allowed: boolean;
  /** 0 where allowed; else when the next token is there. */
  readonly retryAfterMs: number;
}

export interface Rates {
  /** Takes one token of the bucket `key`. */
  take(key: string, limit: RateLimit): Promise<RateAnswer>;
}

/** What a limiter says that cannot count: a limit protects the lab, so it must never be what stops it. */
export const ALLOW_ALL: Rates = { take: () => Promise.resolve({ allowed: true, retryAfterMs: 0 }) };
