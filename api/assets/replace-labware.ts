// Has the workcell's worker put a fresh item in the place of a used one, and waits until history tells of it.

import { randomUUID } from 'node:crypto';
import type { EventHub } from '../live/event-hub.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listLabware, type LabwareItem } from '../../db/assets/asset.queries.js';
import { askForReplacement, findReplacement, readReplacementRefusal, requireReplaceable } from '../../db/requests/replacement.queries.js';
import { invariant, LabError } from '../../domain/errors/error.js';

const ANSWER_WAIT_MS = 5_000;

export interface LabwareReplacer {
  replace(wish: { nameOrId: string; by: string; signal: AbortSignal }): Promise<LabwareItem>;
  /** A worker has refused a request: payload of `praxis_replace_refused`. */
  hearRefusal(payload: string | undefined): void;
}

export function createLabwareReplacer({ db, hub }: { db: Database; hub: EventHub }): LabwareReplacer {
  /** Requests under way, with the refusal once it has come. */
  const underWay = new Map<string, LabError | undefined>();

  const waitForAnswer = async (requestId: string, wait: { afterPos: number; signal: AbortSignal }): Promise<boolean> => {
    const read = async (): Promise<readonly unknown[]> => {
      const refusal = underWay.get(requestId);
      const found = await findReplacement(db, { requestId, afterPos: wait.afterPos });
      if (found.length === 0 && refusal !== undefined) throw refusal;
      return found;
    };
    const found = await hub.readWhenThere(read, { waitMs: ANSWER_WAIT_MS, signal: wait.signal });
    return found.length > 0;
  };

  return {
    replace: async ({ nameOrId, by, signal }) => {
      const { id, name, workcell } = await requireReplaceable(db, nameOrId);
      const requestId = `replace/${randomUUID()}`;
      underWay.set(requestId, undefined);
      try {
        const afterPos = await askForReplacement(db, { requestId, workcell, labware: name, requestedBy: by });
        if (!(await waitForAnswer(requestId, { afterPos, signal }))) throw describeSilence(name, workcell);
      } finally {
        underWay.delete(requestId);
      }
      const replaced = (await listLabware(db)).find((item) => item.id === id);
      invariant(replaced, `labware item ${name} is there after its replacement`);
      return replaced;
    },
    hearRefusal: (payload) => {
      // Without a payload the listener has come back; a refusal that was lost meanwhile ends as silence.
      if (payload === undefined) return;
      const { requestId, error } = readReplacementRefusal(payload);
      // A request of another API process is no business of this one.
      if (!underWay.has(requestId)) return;
      underWay.set(requestId, error);
      hub.wake();
    },
  };
}

function describeSilence(name: string, workcell: string): LabError {
  return new LabError('WORKCELL_SILENT', {
    message: `Workcell ${workcell} did not answer within ${ANSWER_WAIT_MS / 1000} s; ${name} may still be replaced.`,
  });
}
