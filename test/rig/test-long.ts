// Tests that take long beside siblings of the same kind: `npm test` leaves them to `npm run test:long`, and names them among what
// it skipped.

import { describe } from '@jest/globals';

/** Set by the stage `long`, which runs every file that imports this one. */
const IS_LONG = process.env['PRAXIS_TEST_LONG'] === '1';

export function describeLong(define: () => void): void {
  if (IS_LONG) define();
  else describe.skip('[left to npm run test:long]', define);
}
