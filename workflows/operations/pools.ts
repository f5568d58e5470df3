// Pools hand out equal machines one at a time. A circle of pools, each waited for by who holds the next, would never end: the use
// that closes it is refused with the lines of all that are in it.

import { AsyncLocalStorage } from '@temporalio/workflow';
import { LabError } from '../../domain/errors/error.js';
import { give } from '../../protocols/sdk/give.js';
import type { AnyMachine } from '../../protocols/sdk/machines.js';
import type { Pool } from '../../protocols/sdk/run.js';
import { atPlace, findPlace, notePlace, type Place } from '../replay/author-place.js';

/** One `pool.use`, from the wish for a member to its return. */
interface Use {
  readonly pool: PoolState;
  readonly place: Place;
  /** Uses that were asked for inside this one and are not over: it can't end before them. */
  readonly inner: Set<Use>;
  isWaiting: boolean;
}

interface PoolState {
  readonly names: string;
  readonly holders: Set<Use>;
}

/** The use that author code stands in. */
const uses = new AsyncLocalStorage<Use>();

/** Members in the order of the set; who waits longest is served first. */
export function createPool<M extends AnyMachine>(members: readonly M[]): Pool<M> {
  if (members.length === 0) throw new LabError('BAD_ARGUMENTS', { message: 'run.pool wants at least one machine.' });
  const free = [...members];
  const waiting: { readonly use: Use; readonly serve: (member: M) => void }[] = [];
  const pool: PoolState = { names: members.map(({ asset }) => asset.name).join(', '), holders: new Set() };
  const take = (use: Use): Promise<M> => {
    const member = free.shift();
    if (member) {
      pool.holders.add(use);
      return Promise.resolve(member);
    }
    use.isWaiting = true;
    refuseCircle(use);
    return new Promise((serve) => {
      waiting.push({ use, serve });
    });
  };
  // Who holds what changes in this very step: another use may ask before the code of the next one hears of it.
  const giveBack = (use: Use, member: M): void => {
    pool.holders.delete(use);
    const next = waiting.shift();
    if (next === undefined) {
      free.push(member);
      return;
    }
    next.use.isWaiting = false;
    pool.holders.add(next.use);
    next.serve(member);
  };
  const begin = async <T>(use: Use, work: (member: M) => Promise<T>): Promise<T> => {
    const outer = uses.getStore();
    outer?.inner.add(use);
    try {
      const member = await take(use);
      try {
        return await uses.run(use, () => work(member));
      } finally {
        giveBack(use, member);
      }
    } finally {
      outer?.inner.delete(use);
    }
  };
  const useMember: Pool<M>['use'] = (work) => {
    const use: Use = { pool, place: notePlace(useMember), inner: new Set(), isWaiting: false };
    return give('pool.use', () => begin(use, work));
  };
  return Object.freeze<Pool<M>>({ use: useMember });
}

/** Throws PROTOCOL_ERROR where the use waits for what can't be given back before it has got it. */
function refuseCircle(use: Use): void {
  const stuck = findStuck(use);
  if (!stuck.has(use)) return;
  const held = [...use.pool.holders].map((holder) => {
    const waits = listWaiting(holder).filter((each) => stuck.has(each));
    return `${describe(holder)}, where ${waits.map((each) => `${each.pool.names} is waited for (${describe(each)})`).join(' and ')}`;
  });
  const error = new LabError('PROTOCOL_ERROR', {
    message: `Pools wait for each other in a circle: ${use.pool.names} is waited for (${describe(use)}), but held by run.pool at ${held.join('; ')}.`,
    remedy: 'Take pools in the same order everywhere, or all machines of a step from one pool.',
  });
  throw atPlace(error, use.place);
}

/** Of all waiting uses that this one depends on: those for which no holder of their pool can ever come to its end. */
function findStuck(use: Use): ReadonlySet<Use> {
  const stuck = new Set<Use>([use]);
  for (const each of stuck) for (const holder of each.pool.holders) for (const inner of listWaiting(holder)) stuck.add(inner);
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const each of stuck) {
      const isBlocked = [...each.pool.holders].every((holder) => listWaiting(holder).some((inner) => stuck.has(inner)));
      if (isBlocked) continue;
      stuck.delete(each);
      isSettled = false;
    }
  }
  return stuck;
}

/** The use itself, or uses inside it, that wait. */
function listWaiting(use: Use): readonly Use[] {
  return use.isWaiting ? [use] : [...use.inner].flatMap(listWaiting);
}

function describe({ place }: Use): string {
  return findPlace(place) ?? 'a line that is not known';
}
