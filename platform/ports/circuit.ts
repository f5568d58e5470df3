// Bounds what a store that is away may cost: a call is waited for so long and no longer, and after a failure nobody
// asks again for a while; then one call tries, and the rest follow when it succeeds.

import type { TroubleLogger } from '../logging.js';

export interface Circuit {
  /** What `call` gives; where it fails, is late, or is not tried, what `instead` gives. */
  attempt<T>(call: () => Promise<T>, instead: () => T | Promise<T>): Promise<T>;
}

export interface CircuitOptions {
  /** For the log: `Redis`. */
  readonly name: string;
  readonly callTimeoutMs: number;
  readonly retryAfterMs: number;
  readonly logger: TroubleLogger;
}

const FAILED = Symbol('failed');

export function createCircuit({ name, callTimeoutMs, retryAfterMs, logger }: CircuitOptions): Circuit {
  /** Null while calls go through. */
  let nextTryAtMs: number | null = null;

  const fail = (error: unknown): typeof FAILED => {
    if (nextTryAtMs === null) logger.warn({ err: error, retryAfterMs }, `${name} is given up for a while; Praxis goes on without it`);
    nextTryAtMs = performance.now() + retryAfterMs;
    return FAILED;
  };
  const succeed = <T>(value: T): T => {
    if (nextTryAtMs !== null) logger.info({}, `${name} answers again`);
    nextTryAtMs = null;
    return value;
  };

  return {
    async attempt(call, instead) {
      const nowMs = performance.now();
      if (nextTryAtMs !== null) {
        if (nowMs < nextTryAtMs) return instead();
        // This call is the one that tries; the others go on without until it has its answer.
        nextTryAtMs = nowMs + callTimeoutMs + retryAfterMs;
      }
      const outcome = await limitWait(call(), callTimeoutMs, name).then(succeed, fail);
      return outcome === FAILED ? instead() : outcome;
    },
  };
}

/** The call itself goes on where it is late; what becomes of it then is nobody's concern. */
function limitWait<T>(call: Promise<T>, timeoutMs: number, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const refuse = (): void => {
      reject(new LateAnswer(name, timeoutMs));
    };
    // Where this process itself was too busy to look, the answer lies in the socket and is read before the immediate.
    const timer = setTimeout(() => {
      setImmediate(refuse);
    }, timeoutMs);
    call.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

class LateAnswer extends Error {
  constructor(name: string, timeoutMs: number) {
    super(`${name} did not answer within ${timeoutMs} ms`);
    this.name = 'LateAnswer';
  }
}
