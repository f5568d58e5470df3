// Puts an engine together for one execution of a workflow: message handlers first, so that nothing that arrives early is
// lost, then everything else.

import { CancellationScope, patched, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { unfoldEntry, type CallEntry } from '../domain/runs/call.js';
import { LabError } from '../domain/errors/error.js';
import { toCommandId } from '../domain/values/ids.js';
import type { Json } from '../domain/json/json.js';
import { toThrown } from '../domain/values/thrown.js';
import { createControlActivities } from './execution/activity-stubs.js';
import { createAuthorPromises } from './replay/author-promises.js';
import { installAuthorGlobals } from './replay/author-globals.js';
import { createCallLog } from './execution/call-log.js';
import { createControl } from './execution/control.js';
import type { Engine, WorkflowInput } from './execution/engine.js';
import { drainMicrotasks } from './replay/drain-microtasks.js';
import { requireOutcome, throwAsLabError } from './replay/translate-errors.js';
import { createGate } from './replay/gate.js';
import { createInbox } from './execution/inbox.js';
import { limitActivities } from './execution/limit-activities.js';
import { LEDGER_LIMIT_BYTES, type KeptAs, type LedgerEntry } from './replay/ledger.js';
import { CLEANUP_LIMIT_MS, createCleanupLimit } from './execution/limit-cleanup.js';
import { createMovingCommands } from './execution/moving-commands.js';
import { childEndedSignal, ledgerQuery } from './execution/messages.js';
import { createOpenChildren } from './execution/open-children.js';
import { createRandom, drawRandom } from './replay/random.js';
import { standings } from './replay/scope.js';
import { createSections } from './execution/sections.js';
import { watchSteps } from './replay/steps.js';
import { createTimeWindows } from './execution/time-windows.js';
import { HISTORY_BUDGET_EVENTS } from './replay/history-budget.js';
import { createCallTracker, type CallTracker } from './track-call.js';

export interface OpenedEngine {
  readonly engine: Engine;
  readonly tracker: CallTracker;
  /** Makes Temporal see the cancellation too; resolves once it does. */
  readonly becomeCancelled: () => Promise<void>;
}

/** `sharedAssets` are those that the root's definition marks as held per use. */
export function openEngine(input: WorkflowInput, sharedAssets: readonly string[]): OpenedEngine {
  const { workflowId } = workflowInfo();
  const activities = limitActivities(createControlActivities(input.workcell));
  const whole = CancellationScope.current();
  const operations = new CancellationScope();
  const { child, carried } = input;

  let asking: Promise<void> | undefined;
  const becomeCancelled = async (): Promise<void> => {
    if (whole.consideredCancelled) return;
    asking ??= CancellationScope.nonCancellable(() => activities.requestCancellation({ workflowId }));
    await Promise.race([
      CancellationScope.nonCancellable(() => whole.cancelRequested.catch(() => undefined)),
      asking.then(() => new Promise<never>(() => undefined)),
    ]);
  };
  const children = createOpenChildren(carried?.childEnds ?? []);
  setHandler(childEndedSignal, (end) => {
    children.hear(end);
  });
  const moving = createMovingCommands(activities, carried?.moving ?? []);
  const control = createControl({
    runId: input.runId,
    workflowId,
    parentWorkflowId: child?.parentWorkflowId ?? null,
    activities,
    moving,
    carried: carried?.control ?? (child && { state: child.control, holders: [] }),
    onCancel: () => {
      // What a root has under way is stopped with the hold of its run.
      if (child) void moving.stop();
      operations.cancel();
      // Where it is refused, its end says so.
      becomeCancelled().catch(() => undefined);
    },
  });
  whole.cancelRequested.catch(() => {
    control.cancel();
  });
  if (control.isCancelled()) operations.cancel();

  let isReentering = (): boolean => false;
  const callLog = createCallLog({
    workflowId,
    lastN: carried?.logLastN ?? 0,
    entries: carried?.entries ?? [],
    isMuted: () => carried?.startedAtMs !== undefined && isReentering(),
    send: (calls) => CancellationScope.nonCancellable(() => activities.recordCalls({ runId: input.runId, calls })),
    explain: (error) => toThrown(requireOutcome(error, 'The call log')).message,
    after: callBack,
  });
  if (!carried) callLog.adopt(child?.entries ?? []);
  const results = new Map<string, Json>();
  const promises = createAuthorPromises();
  const gate = createGate({
    judge: () => {
      promises.judge();
    },
    operations,
    isPaused: () => control.isPaused(),
    isCancelled: () => control.isCancelled(),
    carried: carried ?? readContinued(input),
    results,
    rest: () => {
      callLog.rest();
    },
    historyBudgetEvents: input.historyBudgetEvents ?? HISTORY_BUDGET_EVENTS,
    ledgerLimitBytes: input.ledgerLimitBytes ?? LEDGER_LIMIT_BYTES,
  });
  isReentering = () => gate.isReentering;
  const inbox = createInbox({
    runId: input.runId,
    workflowId,
    activities,
    callLog,
    isContinuing: () => gate.isContinuing,
    carried: carried?.items ?? [],
  });
  const windows = createTimeWindows({ runId: input.runId, control, gate, inbox, callLog, carried: carried?.windows ?? [] });
  const sections = createSections(child?.sharedAssets ?? sharedAssets, {
    fences: child?.sectionFences ?? {},
    doubts: carried?.doubts ?? {},
  });
  const engine: Engine = {
    input,
    workflowId,
    seed: child?.seed ?? input.continues?.runId ?? input.runId,
    gate,
    control,
    callLog,
    inbox,
    sections,
    windows,
    children,
    activities,
    results,
    fence: input.fence,
    fenceFor: (assetId) => findFence(engine, assetId),
    cleanupFailures: [...(carried?.cleanupFailures ?? [])],
    promises,
    limitCleanup: createCleanupLimit({ control, gate, limitMs: input.cleanupLimitMs ?? CLEANUP_LIMIT_MS }),
  };
  const firstRandom = createRandom(engine.seed);
  const tracker = createCallTracker(engine);
  // A trip is a decision of history: live it leaves a mark, under replay it comes where the mark is and nowhere else.
  watchSteps({ mayTrip: (stretch) => patched(`px.steps.${stretch}`), settle: () => CancellationScope.nonCancellable(drainMicrotasks) });
  installAuthorGlobals({
    promise: promises.joinable,
    hearUnheld: (error) => {
      promises.hearUnheld(error);
      gate.start();
    },
    now: () => gate.now(),
    random: () => {
      const standing = standings.getStore();
      return standing ? drawRandom(engine.seed, standing.scope.call) : firstRandom();
    },
  });
  setHandler(ledgerQuery, (callPath) => {
    const { starts } = gate.ledger;
    const seq = starts.get(callPath);
    return { ledger: seq === undefined ? null : (gate.ledger.listBefore(seq) as unknown as Json), choices: [...starts.keys()] };
  });
  return { engine, tracker, becomeCancelled };
}

/** Reads again what was too large to carry over; before author code is entered. Throws a LabError where something of it is lost. */
export async function readKeptResults(engine: Engine): Promise<void> {
  const { input, activities, results, gate } = engine;
  const kept = gate.ledger.list().filter(({ keptAs }) => keptAs !== undefined);
  if (kept.length === 0) return;
  // Of a run that continues another, nothing is told under its own id before its author code was entered.
  const runId = input.carried?.startedAtMs === undefined ? (input.continues?.runId ?? input.runId) : input.runId;
  const commandIds = kept.flatMap(({ keptAs }) => (keptAs ? listCommandIds(keptAs) : []));
  // What the call log has not sent yet is in no record but itself.
  const told = listTold(input.carried?.entries ?? []);
  const paths = kept.flatMap(({ keptAs }) =>
    keptAs && 'call' in keptAs ? [keptAs.call] : keptAs && 'child' in keptAs ? [keptAs.child] : [],
  );
  const callPaths = paths.filter((path) => !told.has(path));
  const { commands, calls } = await CancellationScope.nonCancellable(() => activities.readResults({ runId, commandIds, callPaths })).catch(
    (error: unknown) => throwAsLabError(error, 'Results that were too large to carry over'),
  );
  for (const { id, keptAs } of kept) {
    if (!keptAs) continue;
    if ('command' in keptAs) results.set(id, commands[keptAs.command] ?? null);
    else if ('block' in keptAs)
      results.set(
        id,
        listCommandIds(keptAs).map((commandId) => commands[commandId] ?? null),
      );
    else if ('call' in keptAs) results.set(id, told.get(keptAs.call) ?? calls[keptAs.call] ?? null);
    else results.set(id, { result: told.get(keptAs.child) ?? calls[keptAs.child] ?? null, patch: null });
  }
}

/** Results of calls that have ended, by path. */
function listTold(entries: readonly CallEntry[]): ReadonlyMap<string, Json> {
  return new Map(
    entries
      .flatMap((entry) => unfoldEntry(entry))
      .flatMap(({ phase, path, result }) => (phase === 'completed' ? [[path, result ?? null] as const] : [])),
  );
}

function listCommandIds(keptAs: KeptAs): readonly string[] {
  if ('command' in keptAs) return [keptAs.command];
  if (!('block' in keptAs)) return [];
  const { runId, path, firstN, retries } = keptAs.block;
  return retries.map((retry, k) => toCommandId({ runId, callPath: path, n: firstN + k, retry }));
}

/** A run that continues another is led through what that one had done. */
function readContinued({ continues }: WorkflowInput) {
  if (!continues) return undefined;
  // It may have other assets and a mended protocol, and whatever ended that run does not end this one.
  const ledger = (continues.ledger as unknown as readonly LedgerEntry[]).map(({ is: _is, ends: _ends, ...entry }) => entry);
  return { ledger, open: {} };
}

/** Called back in the order of history, whatever has become of the run meanwhile. */
function callBack(ms: number, then: () => void): () => void {
  const scope = new CancellationScope();
  void scope
    .run(() => sleep(ms))
    .then(then, () => {
      // Taken back.
    });
  return () => {
    scope.cancel();
  };
}

function findFence({ sections, input, fence: own }: Engine, assetId: string): number {
  if (sections.isShared(assetId)) {
    const fence = sections.fenceOf(assetId);
    if (fence !== undefined) return fence;
    const name = Object.values(input.assets).find(({ id }) => id === assetId)?.name ?? assetId;
    throw new LabError('PROTOCOL_ERROR', { message: `${name} is shared between runs; command it inside run.use only.` });
  }
  if (own === null) throw new LabError('INTERNAL', { message: 'A command was given before the run held its assets.' });
  return own;
}
