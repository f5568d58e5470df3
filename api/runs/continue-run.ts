// Goes on where a failed or cancelled run left off: asks its workflow what it had done up to a call, and creates a run
// of the same protocol, version and parameters that takes this over.

import { createHash } from 'node:crypto';
import { requireTopLevelProtocol } from '../protocols/protocol-routes.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { ContinueRequest } from '../../contract/http/runs/run-request.js';
import type { Database } from '../../db/connection/connect-database.js';
import { createRun, type CreatedRun } from '../../db/runs/create-run.js';
import { LabError } from '../../domain/errors/error.js';
import { toCanonicalJson, type Json } from '../../domain/json/json.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Run } from '../../domain/runs/run.js';

/** The last calls are the likely ones. */
const CHOICES_SHOWN_MAX = 30;

export interface ContinueWorld {
  readonly db: Database;
  readonly temporal: Pick<TemporalClient, 'queryLedger' | 'isReachable'>;
  readonly now: () => number;
  readonly newRunId: () => string;
}

/** Throws DECK_NOT_CONFIRMED, NOT_CONTINUABLE, NO_WORKER, TEMPORAL_UNAVAILABLE, and what refuses a start; then no run was created. */
export async function continueRun(
  world: ContinueWorld,
  old: Run,
  wish: ContinueRequest & { by: string; idempotencyKey?: string },
): Promise<CreatedRun> {
  requireContinuable(old);
  if (!wish.isDeckConfirmed) throw describeDeck(old, wish.from);
  const definition = await requirePublished(world.db, old);
  const ledger = await readLedger(world, old, wish.from);
  const oldAssets = Object.fromEntries(Object.entries(old.assets).map(([parameter, { id }]) => [parameter, id]));
  return createRun(world.db, {
    id: world.newRunId(),
    definition,
    parameters: old.parameters,
    requestedAssets: { ...oldAssets, ...wish.assets },
    createdBy: wish.by,
    priority: old.priority,
    timeScale: old.timeScale,
    continues: { runId: old.id, ledger, from: wish.from, reason: wish.reason },
    ...(wish.idempotencyKey !== undefined && { idempotencyKey: wish.idempotencyKey }),
    requestHash: hashContinueRequest(old.id, wish),
    atMs: world.now(),
  });
}

/** As it is published now, mended or not: the same version, or the newest where the author has given it another. */
async function requirePublished(db: Database, { protocol, version }: Run): Promise<PublishedProtocol> {
  try {
    return await requireTopLevelProtocol(db, protocol, version);
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== 'PROTOCOL_NOT_FOUND') throw error;
    return requireTopLevelProtocol(db, protocol);
  }
}

function requireContinuable(old: Run): void {
  if (old.status === 'failed' || old.status === 'cancelled') return;
  const message =
    old.status === 'completed'
      ? 'The run has completed; there is nothing left to do.'
      : `The run is ${old.status}; it can be continued once it has failed or was cancelled.`;
  throw new LabError('NOT_CONTINUABLE', {
    message,
    field: 'id',
    remedy: old.status === 'completed' ? 'Start a new run.' : `End it first with: praxis cancel ${old.id}.`,
  });
}

function describeDeck(old: Run, from: string): LabError {
  const items = Object.values(old.assets).map(({ name }) => name);
  return new LabError('DECK_NOT_CONFIRMED', {
    message: `Before ${old.protocol} goes on from '${from}', a person must look at ${items.join(', ') || 'the deck'}: labware, tips in racks and volumes must be as they were when that call began; but channels and grippers must be empty, whatever they held then.`,
    field: 'isDeckConfirmed',
  });
}

async function readLedger({ temporal }: ContinueWorld, old: Run, from: string): Promise<Json> {
  const answer = await temporal.queryLedger(old.id, from).catch((error: unknown) => {
    throw new LabError('TEMPORAL_UNAVAILABLE', { cause: error });
  });
  switch (answer.outcome) {
    case 'found':
      return answer.ledger;
    case 'elsewhere': {
      const { choices } = answer;
      const shown = choices.slice(-CHOICES_SHOWN_MAX).join(', ');
      const message =
        choices.length === 0
          ? 'The run made no call that it could go on from.'
          : `The run cannot go on from '${from}'; it can from: ${shown}.`;
      throw new LabError('NOT_CONTINUABLE', { message, field: 'from' });
    }
    case 'refused':
      throw new LabError('NOT_CONTINUABLE', { message: answer.message, field: 'from' });
    case 'missing':
      throw new LabError('NOT_CONTINUABLE', {
        message: 'Temporal no longer knows what the run had done.',
        field: 'id',
        remedy: 'Start a new run.',
      });
    case 'silent':
      if (!(await temporal.isReachable())) throw new LabError('TEMPORAL_UNAVAILABLE');
      throw new LabError('NO_WORKER', {
        message: `No worker serves the source that the run was started with (px.${old.bundle}), so nobody can tell what it had done.`,
        remedy: 'Start a worker with that source, or start a new run.',
      });
  }
}

function hashContinueRequest(runId: string, { from, assets }: ContinueRequest): string {
  return createHash('sha256')
    .update(toCanonicalJson({ continues: runId, from, assets }))
    .digest('hex');
}
