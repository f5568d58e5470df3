// Has the workcell's worker connect a machine, and waits for how it went. Connecting may move axes and take its time.

import { randomUUID } from 'node:crypto';
import { createAnswerWaiter } from '../requests/wait-for-reply.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listMachines, type MachineItem } from '../../db/assets/asset.queries.js';
import { askForConnection, requireMachine } from '../../db/requests/connection.queries.js';
import { invariant, LabError } from '../../domain/errors/error.js';

/** The setup of a liquid handler takes about a minute; below the patience of the CLI. */
const ANSWER_WAIT_MS = 150_000;

export interface MachineConnector {
  connect(wish: { nameOrId: string; by: string; note: string; signal: AbortSignal }): Promise<MachineItem>;
  /** A worker has answered a request: payload of `praxis_connect_answered`. */
  hearAnswer(payload: string | undefined): void;
}

export function createMachineConnector(db: Database, waitMs = ANSWER_WAIT_MS): MachineConnector {
  const answers = createAnswerWaiter(waitMs);
  return {
    connect: async ({ nameOrId, by, note, signal }) => {
      const { id, name, workcell } = await requireMachine(db, nameOrId);
      const requestId = randomUUID();
      const answer = await answers.ask(requestId, signal, () => askForConnection(db, { requestId, workcell, machine: name, by, note }));
      if (answer === 'silence') {
        throw new LabError('WORKCELL_SILENT', {
          message: `Workcell ${workcell} did not answer within ${waitMs / 1000} s; ${name} may still be connecting.`,
        });
      }
      if (answer !== null) throw answer;
      const connected = (await listMachines(db)).find((machine) => machine.id === id);
      invariant(connected, `machine ${name} is there after it was connected`);
      return connected;
    },
    hearAnswer: (payload) => {
      answers.hear(payload);
    },
  };
}
