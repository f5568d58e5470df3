// Gives events their positions: one session of the whole lab, whoever holds its lock, and everybody else stands by. A session
// that says nothing for a moment is ended by Postgres, so a process that hangs or was cut off loses lock and right to write at once.

import pg from 'pg';

const LOCK_ID = '7263951003';
/** Events that come one after another are placed together, this long after the first of them. */
const BATCH_MS = 8;
/** How long after the last event the next ones are waited for without a poke. */
const BUSY_MS = 20;
/** A look without a poke: a poke may be lost. */
const IDLE_MS = 400;
/** How often a stand-by asks for the lock. It never waits inside Postgres, where that would hold up vacuum in the whole database. */
const TRY_MS = 400;
/** Above IDLE_MS and TRY_MS. */
const LOST_AFTER_MS = 700;
const CONNECT_TIMEOUT_MS = 2_000;
/** For a server that no longer answers at all. */
const QUERY_TIMEOUT_MS = 30_000;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_LONGEST_MS = 400;
/** Batches between two clean-ups, and how many are kept. */
const BATCHES_PER_SWEEP = 2_000;
const BATCHES_KEPT = 1_000;
/** Events wait meanwhile. */
const SWEPT_AT_ONCE = 20_000;

/** Tables may have been empty when a plan was made, so plans are fixed. A position that was read is never given again: synced. */
const SESSION = `set idle_session_timeout = ${LOST_AFTER_MS}; set idle_in_transaction_session_timeout = ${LOST_AFTER_MS}; set statement_timeout = 0;
  set enable_seqscan = off; set plan_cache_mode = force_generic_plan; set synchronous_commit = on`;

export interface Sequencer {
  /** Resolves when its session has ended. */
  close(): Promise<void>;
}

export interface SequencerOptions {
  readonly url: string;
  /** Told each time this process has become the one that gives positions. */
  readonly onHeld?: () => void;
  readonly onError: (error: Error) => void;
}

export function runSequencer({ url, onHeld, onError }: SequencerOptions): Sequencer {
  let isClosed = false;
  let wake = (): void => undefined;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const serve = async (client: pg.Client): Promise<void> => {
    await client.connect();
    await client.query(SESSION);
    while (!(await takeLock(client))) {
      await pause(TRY_MS);
      if (isClosed) return;
    }
    // In a statement of its own: the first read must see what the holder before has written.
    await client.query({ text: 'select adopt_events()' });
    let isPoked = false;
    client.on('notification', () => {
      isPoked = true;
      wake();
    });
    await client.query('listen praxis_poke');
    onHeld?.();
    // A quiet lab that is restarted every day never comes to as many batches.
    await sweepBatches(client);
    let toldAtMs = 0;
    for (let batches = 0; !isClosed; ) {
      const beganAtMs = performance.now();
      isPoked = false;
      if (await placeEvents(client)) {
        toldAtMs = beganAtMs;
        batches += 1;
        if (batches % BATCHES_PER_SWEEP === 0) await sweepBatches(client);
      }
      if (beganAtMs - toldAtMs < BUSY_MS) await pause(Math.max(0, BATCH_MS - (performance.now() - beganAtMs)));
      else if (!isPoked) await pause(IDLE_MS);
    }
  };
  const run = async (): Promise<void> => {
    for (let losses = 0; !isClosed; losses += 1) {
      const beganAtMs = performance.now();
      const client = new pg.Client({
        ...{ connectionString: url, application_name: 'praxis-sequencer', connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
        ...{ query_timeout: QUERY_TIMEOUT_MS, keepAlive: true },
      });
      // A connection that was lost rejects what it was asked, or what it is asked next.
      client.on('error', () => undefined);
      try {
        await serve(client);
      } catch (error) {
        if (!isClosed) onError(error instanceof Error ? error : new Error(String(error)));
      }
      // It is lost, or of no more use; a second error while closing tells nothing new.
      await client.end().catch(() => undefined);
      if (performance.now() - beganAtMs > CONNECT_TIMEOUT_MS) losses = 0;
      if (!isClosed) await pause(Math.min(RECONNECT_FIRST_MS * 2 ** losses, RECONNECT_LONGEST_MS));
    }
  };
  const ended = run();
  return {
    close: () => {
      isClosed = true;
      wake();
      return ended;
    },
  };
}

async function takeLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ has: boolean }>(`select pg_try_advisory_lock(${LOCK_ID}) as has`);
  return rows[0]?.has === true;
}

/** One batch; false where there was nothing. */
async function placeEvents(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ told: string }>({ name: 'sequence', text: 'select told from sequence_events()' });
  return rows[0]?.told !== '0';
}

async function sweepBatches(client: pg.Client): Promise<void> {
  await client.query(`delete from event_batch where last_pos < (select min(last_pos) from (
    select last_pos from event_batch order by last_pos desc limit ${BATCHES_KEPT}) kept)
    and last_pos <= (select max(last_pos) from (select last_pos from event_batch order by last_pos limit ${SWEPT_AT_ONCE}) oldest)`);
}
