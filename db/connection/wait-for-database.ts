// How long a greeting of the bridge waits for Postgres: the robot goes on without it, by what was known before.

import { LabError } from '../../domain/errors/error.js';

/** Longer Postgres is not waited for: what was known before counts, and the robot goes on. */
const DATABASE_WAIT_MS = 1_500;
/** Before the first answer nothing is known that could count. */
const FIRST_DATABASE_WAIT_MS = 30_000;

/** Throws DATABASE_UNAVAILABLE where it takes too long; the work itself goes on. */
export async function waitForDatabase<T>(work: Promise<T>, isFirst = false): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => {
        reject(new LabError('DATABASE_UNAVAILABLE'));
      },
      isFirst ? FIRST_DATABASE_WAIT_MS : DATABASE_WAIT_MS,
    );
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
