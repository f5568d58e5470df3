// What doctor says of runs whose workflow cannot go on: alarms that last, as the API lists them.

import { createClient, ProblemError } from '../contract/client/client.js';
import { LabError } from '../domain/errors/error.js';

const TIMEOUT_MS = 3_000;
/** The oldest items of the inbox come first; more alarms than this are told by the first of them. */
const ITEMS_MAX = 200;

/** Throws RUN_REFUSED with what is wrong with the first of them. */
export async function checkStuckRuns(api: string): Promise<string> {
  const page = await createClient({ url: api })
    .listInbox({ query: { limit: ITEMS_MAX } }, { timeoutMs: TIMEOUT_MS })
    .catch((error: unknown) => {
      if (error instanceof ProblemError) return undefined;
      throw error;
    });
  if (page === undefined) return 'nobody could be asked';
  const stuck = page.items.filter(
    ({ subject, endedAt }) => subject.kind === 'alarm' && subject.cause === 'stuck-run' && endedAt === undefined,
  );
  const [first] = stuck;
  if (first === undefined) return 'every open run can go on';
  const more = stuck.length > 1 ? `${stuck.length - 1} more cannot go on either. ` : '';
  throw new LabError('RUN_REFUSED', {
    message: `${first.runId ?? 'A run'}: ${first.subject.text} ${more}`.trim(),
    remedy: 'Read logs/workflow-worker.log in the home; terminate the run when its machines are safe.',
  });
}
