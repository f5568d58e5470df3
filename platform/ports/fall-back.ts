// What each port does while a store is away: a cache misses, a bus and a rate take the second store, and of locks
// Postgres alone decides, with Redis only saving it the crowd.

import type { Bus } from './bus.js';
import type { Cache } from './cache.js';
import type { Circuit } from './circuit.js';
import type { Lock, Locks } from './locks.js';
import type { Rates } from './rates.js';

/** Away: nothing is held. */
export function guardCache(cache: Cache, circuit: Circuit): Cache {
  const forget = (): void => undefined;
  return {
    get: (key) =>
      circuit.attempt(
        () => cache.get(key),
        () => null,
      ),
    set: (key, value, options) => circuit.attempt(() => cache.set(key, value, options), forget),
    delete: (key) => circuit.attempt(() => cache.delete(key), forget),
  };
}

/** Away: nothing is granted, and what was granted counts as ended. */
export function guardLocks(locks: Locks, circuit: Circuit): Locks {
  return {
    acquire: (name, token, ttlMs) =>
      circuit.attempt(
        () => locks.acquire(name, token, ttlMs),
        () => null,
      ),
    renew: (lock, ttlMs) =>
      circuit.attempt(
        () => locks.renew(lock, ttlMs),
        () => false,
      ),
    release: (lock) =>
      circuit.attempt(
        () => locks.release(lock),
        () => false,
      ),
  };
}

/**
 * Two owners would be possible if a lock were kept in one store now and in another a moment later. So `authority`
 * grants every lock and gives its fence; `screen` is asked before, and where it knows an owner the authority is spared.
 * A screen that was emptied, restarted or lost changes nothing but the load.
 */
export function screenLocks(authority: Locks, screen: Locks, circuit: Circuit): Locks {
  const UNSCREENED = Symbol('unscreened');
  const releaseScreen = (lock: Lock): Promise<boolean> =>
    circuit.attempt(
      () => screen.release(lock),
      () => false,
    );
  return {
    async acquire(name, token, ttlMs) {
      const screened = await circuit.attempt<Lock | null | symbol>(
        () => screen.acquire(name, token, ttlMs),
        () => UNSCREENED,
      );
      if (screened === null) return null;
      const granted = await authority.acquire(name, token, ttlMs);
      if (granted === null) await releaseScreen({ name, token, fence: 0 });
      return granted;
    },
    async renew(lock, ttlMs) {
      const isRenewed = await authority.renew(lock, ttlMs);
      if (isRenewed)
        await circuit.attempt(
          () => screen.renew(lock, ttlMs),
          () => false,
        );
      return isRenewed;
    },
    async release(lock) {
      const isReleased = await authority.release(lock);
      await releaseScreen(lock);
      return isReleased;
    },
  };
}

/** Away: `second` counts, from a full bucket of its own. */
export function fallBackRates(rates: Rates, circuit: Circuit, second: Rates): Rates {
  return {
    take: (key, limit) =>
      circuit.attempt(
        () => rates.take(key, limit),
        () => second.take(key, limit),
      ),
  };
}

/** Publishes where it can, and hears both, because another process may see the first store where this one does not. */
export function fallBackBus(bus: Bus, circuit: Circuit, second: Bus): Bus {
  return {
    publish: (channel, payload) =>
      circuit.attempt(
        () => bus.publish(channel, payload),
        () => second.publish(channel, payload),
      ),
    subscribe(channel, handle) {
      const ends = [bus.subscribe(channel, handle), second.subscribe(channel, handle)];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** Away: the hint is lost, as a hint may be. */
export function guardBus(bus: Bus, circuit: Circuit): Bus {
  const lose = (): void => undefined;
  return {
    publish: (channel, payload) => circuit.attempt(() => bus.publish(channel, payload), lose),
    subscribe: (channel, handle) => bus.subscribe(channel, handle),
  };
}
