// Tells the sequencer that events were committed: after the commit and outside of it, since a NOTIFY within holds a lock of
// the whole server while the commit is synced. At most one such message is under way; one that is lost costs a moment.

import type { PostgresPool, PostgresPoolClient } from 'kysely';

/** Part of every statement that writes events. */
const APPENDS = 'append_events(';
const POKE = `select pg_notify('praxis_poke', '')`;

export function pokeAfterCommit(pool: PostgresPool): PostgresPool {
  let isPoking = false;
  let isAgain = false;
  const poke = async (): Promise<void> => {
    if (isPoking) {
      isAgain = true;
      return;
    }
    isPoking = true;
    do {
      isAgain = false;
      // The sequencer also looks by itself.
      await sendPoke(pool).catch(() => undefined);
    } while (isAgain);
    isPoking = false;
  };
  const wrap = (client: PostgresPoolClient): PostgresPoolClient => {
    let isInTransaction = false;
    let hasAppended = false;
    const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
      if (text === 'begin') isInTransaction = true;
      hasAppended ||= text.includes(APPENDS);
      const hasEnded = text === 'commit' || text === 'rollback' || !isInTransaction;
      try {
        const result = await client.query(text, values);
        if (hasEnded && hasAppended && text !== 'rollback') void poke();
        return result;
      } finally {
        if (hasEnded) isInTransaction = hasAppended = false;
      }
    };
    return {
      query: query as PostgresPoolClient['query'],
      release: () => {
        client.release();
      },
    };
  };
  return { connect: async () => wrap(await pool.connect()), end: () => pool.end() };
}

async function sendPoke(pool: PostgresPool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(POKE, []);
  } finally {
    client.release();
  }
}
