// Creates a run in one transaction: binds its assets, claims them where they are free, else queues it.
// Any error leaves nothing behind.

import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { LabError, invariant } from '../../domain/errors/error.js';
import type { Run, WaitingFor } from '../../domain/runs/run.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';
import { findBlockers, toRankMs } from '../assets/asset-contest.js';
import { borrowMachine, refuseTaken } from '../assets/borrow-machine.js';
import { refuseUndeclared, type Choice } from '../assets/choose-assets.js';
import { claimChoice, findChoice } from '../assets/find-choice.js';
import { listHeld, type RunRequest } from './run-request.js';
import { getRun, toEnvelope, type UnstartedRun } from './run.queries.js';
import { insertKey, writeRun, type Written } from './write-run.js';

export type CreatedRun =
  | { readonly created: false; readonly run: Run }
  /** With what starting it takes, so that nobody has to read it back first. */
  | { readonly created: true; readonly run: Run; readonly unstarted: UnstartedRun };

/** A repeated key returns the run of the first request; with another request it is refused. */
export async function createRun(db: Database, request: RunRequest): Promise<CreatedRun> {
  refuseUndeclared(request.definition.assets, request.requestedAssets);
  const quick = await createWhereFree(db, request);
  if (quick !== undefined) return quick;
  for (let tries = 1; ; tries += 1) {
    try {
      return await createOnce(db, request, { turn: tries === 1 ? 0 : randomInt(TURNS), isLastTry: tries === CHOICE_TRIES_MAX });
    } catch (error) {
      if (!(error instanceof TakenMeanwhile)) throw error;
    }
  }
}

/** How often others may be faster before a run takes what it chose, though something better may be free by now. */
const CHOICE_TRIES_MAX = 8;
const TURNS = 2 ** 31;

/** Ends a transaction and with it its locks: what was chosen went to somebody else before it was locked. */
class TakenMeanwhile extends LabError {
  constructor() {
    super('INTERNAL');
  }
}

/** Of a statement that found its items taken; the function `take_free` raises it. */
const TAKEN_STATE = 'PX001';

/**
 * What most starts need: their items are free, and one statement takes them and writes the run, without a transaction around it.
 * Undefined where anything stands in the way, which the transaction then decides; nothing is left behind.
 */
async function createWhereFree(db: Database, request: RunRequest): Promise<CreatedRun | undefined> {
  // Others may continue the same run just now; the transaction keeps them apart.
  if (request.byHand !== undefined || request.continues !== undefined) return undefined;
  const choice = await findChoice(db, request).catch((error: unknown) => {
    // An earlier run of the same key comes before every refusal.
    if (error instanceof LabError) return undefined;
    throw error;
  });
  if (choice?.bound.every(({ asset }) => asset.holder === null && asset.waiterCount === 0 && !asset.isQuarantined) !== true)
    return undefined;
  if (isScaledHardware(request, choice)) return undefined;
  const rankMs = toRankMs({ priority: request.priority, createdAtMs: request.atMs });
  try {
    const written = await writeRun(db, { request, choice, waitingFor: [], rankMs, borrowedFence: null, isQuick: true });
    return written && toCreated(request, choice, { waitingFor: [], ...written });
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === TAKEN_STATE) return undefined;
    throw error;
  }
}

function toCreated(
  request: RunRequest,
  choice: Choice,
  { waitingFor, fence, workcell }: Written & { waitingFor: readonly WaitingFor[] },
): CreatedRun {
  const run = toNewRun(request, choice, waitingFor);
  const envelope = toEnvelope(run, { fence, workcell, ledger: request.continues?.ledger ?? null });
  return { created: true, run, unstarted: { id: run.id, bundle: run.bundle, envelope } };
}

async function createOnce(
  db: Database,
  request: RunRequest,
  { turn, isLastTry }: { turn: number; isLastTry: boolean },
): Promise<CreatedRun> {
  return await db.transaction().execute(async (tx) => {
    const earlier = await findEarlierRun(tx, request);
    if (earlier !== undefined) return { run: earlier, created: false };
    const choice = await claimChoice(tx, { ...request, turn }, isLastTry);
    if (choice === undefined) throw new TakenMeanwhile();
    refuseScaledHardware(request, choice);
    if (request.continues !== undefined) await requireSoleContinuation(tx, request.continues.runId);
    const rankMs = toRankMs({ priority: request.priority, createdAtMs: request.atMs });
    const underRunId = request.byHand?.underRunId;
    const borrowedFence =
      underRunId === undefined
        ? null
        : await borrowMachine(
            tx,
            underRunId,
            choice.bound.map(({ asset }) => asset),
          );
    const waitingFor = findBlockers(
      { runId: request.id, useId: '', rankMs },
      listHeld(request, choice).map(({ asset }) => asset),
    );
    if (request.byHand) refuseTaken(waitingFor);
    const written = await writeRun(tx, { request, choice, waitingFor, rankMs, borrowedFence, isQuick: false });
    invariant(written !== undefined, 'a run whose items are locked is written');
    return toCreated(request, choice, { waitingFor, ...written });
  });
}

/** A real machine takes the time it takes. */
function refuseScaledHardware(request: RunRequest, choice: Choice): void {
  if (!isScaledHardware(request, choice)) return;
  throw new LabError('PARAMETER_RANGE', { message: 'The time of a run on real machines cannot be scaled.', field: 'timeScale' });
}

function isScaledHardware({ timeScale = 1 }: RunRequest, { mode }: Choice): boolean {
  return timeScale !== 1 && mode !== 'simulation';
}

/** Two that go on from the same place would do the same work at once. Held until the new run is written. */
async function requireSoleContinuation(tx: Transaction, runId: string): Promise<void> {
  await sql`select from run where id = ${runId}::uuid for no key update`.execute(tx);
  const { rows } = await sql<{ id: string; status: string }>`
    select id::text as id, status from run where continues_run_id = ${runId}::uuid and ended_at is null limit 1`.execute(tx);
  const [first] = rows;
  if (first === undefined) return;
  throw new LabError('NOT_CONTINUABLE', {
    message: `Run ${first.id} goes on from run ${runId} already; it is ${first.status}.`,
    field: 'id',
    details: { continuedBy: first.id },
    remedy: `Follow it with: praxis show ${first.id} --follow; or end it first with: praxis cancel ${first.id}.`,
  });
}

/** The insert waits for a twin that is being written, so one of many parallel repeats creates the run. */
async function findEarlierRun(tx: Transaction, request: RunRequest): Promise<Run | undefined> {
  if (request.idempotencyKey === undefined) return undefined;
  const key = toText(request.idempotencyKey);
  const written = await insertKey(request).execute(tx);
  if (written.rows.length > 0) return undefined;
  const first = await tx
    .selectFrom('idempotency_key')
    .selectAll()
    .where('created_by', '=', toText(request.createdBy))
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (first.request_hash !== request.requestHash) {
    throw new LabError('IDEMPOTENCY_MISMATCH', { message: `This Idempotency-Key started run ${first.run_id} with another request.` });
  }
  return await getRun(tx, first.run_id);
}

function toOpenAssets(request: RunRequest, choice: Choice): Pick<Run, 'openAssets'> {
  const open = listHeld(request, choice).filter(({ parameter }) => !Object.hasOwn(request.requestedAssets, parameter));
  return open.length === 0 ? {} : { openAssets: open.map(({ parameter }) => parameter) };
}

function toNewRun(request: RunRequest, choice: Choice, waitingFor: readonly WaitingFor[]): Run {
  const { definition } = request;
  return {
    id: request.id,
    rev: 1,
    protocol: definition.name,
    version: definition.version,
    bundle: definition.bundle,
    status: 'queued',
    mode: choice.mode,
    parameters: request.parameters,
    assets: Object.fromEntries(choice.bound.map(({ parameter, asset: { id, name, kind, type } }) => [parameter, { id, name, kind, type }])),
    priority: request.priority,
    createdBy: request.createdBy,
    createdAt: new Date(request.atMs).toISOString(),
    startedAt: null,
    endedAt: null,
    ...(waitingFor.length === 0 ? {} : { waitingFor, ...toOpenAssets(request, choice) }),
    pauseReasons: [],
    openItems: 0,
    openAlarms: 0,
    timeScale: request.timeScale ?? 1,
    ...(request.continues === undefined ? {} : { continuesRunId: request.continues.runId }),
    ...(request.byHand?.underRunId === undefined ? {} : { underRunId: request.byHand.underRunId }),
    counts: { calls: 0, commands: { completed: 0, failed: 0, uncertain: 0 } },
  };
}
