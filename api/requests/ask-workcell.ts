// Asks a workcell's worker for what a person wants, and waits for how it went. Nobody may be there to answer: what was never taken is
// withdrawn, so that it cannot happen behind the back of whoever gave up.

import { randomUUID } from 'node:crypto';
import { REQUESTS, type RequestBody, type RequestName } from '../../contract/requests/requests.js';
import type { RequestKind } from '../../contract/requests/request-kind.js';
import type { Database } from '../../db/connection/connect-database.js';
import { askWorkcell, readReply, withdrawRequest, type Reply } from '../../db/requests/workcell-request.queries.js';
import { LabError } from '../../domain/errors/error.js';
import type { JsonObject } from '../../domain/json/json.js';

export interface Wish<Name extends RequestName> {
  readonly workcell: string;
  readonly body: RequestBody<Name>;
  readonly by: string;
  /** Ends the waiting, when the person has gone. */
  readonly signal: AbortSignal;
}

export interface WorkcellAsker {
  /** Returns when it is done. Throws the worker's refusal, WORKCELL_NOT_FOUND, WORKCELL_SILENT. */
  ask<Name extends RequestName>(name: Name, wish: Wish<Name>): Promise<void>;
  /** A worker has answered: the id of the request; undefined where answers may have been missed. */
  hearReply(id: string | undefined): void;
}

export function createWorkcellAsker(db: Database, { patienceMs }: { patienceMs?: number } = {}): WorkcellAsker {
  /** Requests under way, each with who looks for its answer. */
  const underWay = new Map<string, () => void>();
  return {
    ask: async (name, { workcell, body, by, signal }) => {
      // Each kind's own words go with its own body; the table cannot say that of both at once.
      const kind = REQUESTS[name] as unknown as RequestKind<never>;
      const waitMs = patienceMs ?? kind.patienceMs;
      const id = randomUUID();
      const answered = waitForReply(id, { db, underWay, waitMs, signal });
      const sent = askWorkcell(db, { id, workcell, kind: name, body: body as JsonObject, by, patienceMs: waitMs });
      await sent.catch((error: unknown) => {
        underWay.delete(id);
        throw error;
      });
      const reply = await answered;
      if (reply === null) return;
      throw reply instanceof LabError ? reply : toSilence(reply, kind, { body: body as never, workcell, waitedS: waitMs / 1000 });
    },
    hearReply: (id) => {
      for (const [each, look] of [...underWay]) if (id === undefined || id === each) look();
    },
  };
}

interface Waiting {
  readonly db: Database;
  readonly underWay: Map<string, () => void>;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

async function waitForReply(id: string, { db, underWay, waitMs, signal }: Waiting): Promise<Reply> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  const told = new Promise<Reply>((resolve) => {
    const look = (): void => {
      readReply(db, id).then(
        (reply) => (reply === 'open' ? undefined : resolve(reply)),
        // Looked at again at the next word, or at the end.
        () => undefined,
      );
    };
    underWay.set(id, look);
    if (end.aborted) resolve('open');
    else end.addEventListener('abort', () => resolve('open'), { once: true });
  });
  const reply = await told;
  underWay.delete(id);
  if (reply !== 'open') return reply;
  // With Postgres away nobody knows whether it was taken.
  return await withdrawRequest(db, id).catch(() => 'open' as const);
}

function toSilence(
  reply: 'open' | 'withdrawn',
  kind: RequestKind<never>,
  { body, ...silence }: { body: never; workcell: string; waitedS: number },
): LabError {
  const what = reply === 'withdrawn' ? 'nothing was done, and nothing will be' : kind.describeDoubt(body, silence);
  const message = `Workcell ${silence.workcell} did not answer within ${silence.waitedS} s; ${what}.`;
  const remedy = kind.toRemedy?.(body, silence);
  return new LabError('WORKCELL_SILENT', { message, ...(remedy !== undefined && { remedy }) });
}
