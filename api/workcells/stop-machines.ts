// Has the workcell's worker stop everything, release it, or abort what a machine does, and waits for how it went. Whoever
// wants this with Postgres or the API away goes to the worker or the bridge directly, as `praxis stop-all` does.

import { randomUUID } from 'node:crypto';
import { createAnswerWaiter } from '../requests/wait-for-reply.js';
import type { Database } from '../../db/connection/connect-database.js';
import { listMachines, type MachineItem } from '../../db/assets/asset.queries.js';
import { requireMachine } from '../../db/requests/connection.queries.js';
import { askForStop, getWorkcellStop, type StopWish, type WorkcellStop } from '../../db/requests/stop-all.queries.js';
import { invariant, LabError } from '../../domain/errors/error.js';
import { STOP_PATIENCE_MS } from '../../domain/workcells/stop-all.js';

/** Longer than the worker waits for its bridge, which gives a driver 5 s to answer its stop. */
const ANSWER_WAIT_MS = STOP_PATIENCE_MS + 5_000;

export interface Asker {
  readonly by: string;
  readonly signal: AbortSignal;
}

export interface Stopper {
  change(workcell: string, wish: StopWish, asker: Asker): Promise<WorkcellStop>;
  abort(wish: { nameOrId: string; reason: string } & Asker): Promise<MachineItem>;
  /** A worker has answered a request: payload of `praxis_stop_answered`. */
  hearAnswer(payload: string | undefined): void;
}

export function createStopper(db: Database, waitMs = ANSWER_WAIT_MS): Stopper {
  const answers = createAnswerWaiter(waitMs);
  const ask = async (workcell: string, wish: StopWish, { by, signal }: Asker): Promise<void> => {
    const requestId = randomUUID();
    const answer = await answers.ask(requestId, signal, () => askForStop(db, { ...wish, requestId, workcell, by }));
    if (answer === 'silence') {
      const remedy = `On the machine of the lab: praxis stop-all --workcell ${workcell}. In danger use the emergency stop.`;
      throw new LabError('WORKCELL_SILENT', {
        message: `Workcell ${workcell} did not answer within ${waitMs / 1000} s; nobody knows whether it heard.`,
        remedy,
      });
    }
    if (answer !== null) throw answer;
  };
  return {
    change: async (workcell, wish, asker) => {
      await getWorkcellStop(db, workcell);
      await ask(workcell, wish, asker);
      return getWorkcellStop(db, workcell);
    },
    abort: async ({ nameOrId, reason, by, signal }) => {
      const { id, name, workcell } = await requireMachine(db, nameOrId);
      await ask(workcell, { kind: 'abort', machine: name, reason }, { by, signal });
      const machine = (await listMachines(db)).find((each) => each.id === id);
      invariant(machine, `machine ${name} is there after its command was aborted`);
      return machine;
    },
    hearAnswer: (payload) => {
      answers.hear(payload);
    },
  };
}
