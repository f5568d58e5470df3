// Has the workcell's worker tell the bridge where a person has put labware, and waits until the lab knows it.

import { randomUUID } from 'node:crypto';
import { createAnswerWaiter } from '../requests/wait-for-reply.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listLabware, type LabwareItem } from '../../db/assets/asset.queries.js';
import { askForPlacement } from '../../db/requests/placement.queries.js';
import { requireReplaceable } from '../../db/requests/replacement.queries.js';
import { invariant, LabError } from '../../domain/errors/error.js';
import type { LabwareLocation } from '../../domain/workcells/workcell-spec.js';

/** Longer than the worker waits for its bridge and the journal. */
const ANSWER_WAIT_MS = 10_000;

export interface LabwarePlacer {
  /** Throws LABWARE_ITEM_NOT_FOUND, ASSET_IN_USE, WORKCELL_SILENT, and the bridge's refusals: BAD_STATEMENT, MACHINE_BUSY. */
  place(wish: { nameOrId: string; location: LabwareLocation; by: string; note: string; signal: AbortSignal }): Promise<LabwareItem>;
  /** A worker has answered a request: payload of `praxis_place_answered`. */
  hearAnswer(payload: string | undefined): void;
}

export function createLabwarePlacer(db: Database, waitMs = ANSWER_WAIT_MS): LabwarePlacer {
  const answers = createAnswerWaiter(waitMs);
  return {
    place: async ({ nameOrId, location, by, note, signal }) => {
      const { id, name, workcell } = await requireReplaceable(db, nameOrId);
      const requestId = `place/${randomUUID()}`;
      const answer = await answers.ask(requestId, signal, () =>
        askForPlacement(db, { requestId, workcell, labware: name, location, by, note }),
      );
      if (answer === 'silence') {
        throw new LabError('WORKCELL_SILENT', {
          message: `Workcell ${workcell} did not answer within ${waitMs / 1000} s; look with praxis labware where ${name} stands.`,
        });
      }
      if (answer !== null) throw answer;
      const placed = (await listLabware(db)).find((item) => item.id === id);
      invariant(placed, `labware item ${name} is there after it was placed`);
      return placed;
    },
    hearAnswer: (payload) => {
      answers.hear(payload);
    },
  };
}
