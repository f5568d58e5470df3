// What the API asks of Temporal, with describe-workflow.ts the one place that knows it: starts run workflows, looks at them, signals
// them. The connection is lazy and heals itself, so the API starts and answers reads while Temporal is down.

import {
  Client,
  Connection,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
  type WorkflowExecutionInfo,
  type WorkflowClient,
  type WorkflowHandle,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { ANSWER_UPDATE, CHILD_ENDED_SIGNAL, LEDGER_QUERY, WORDLESS_ENDS, type LostChild } from '../domain/control.js';
import { cutEndedLedger, type EndedLedger } from '../domain/ended-ledger.js';
import { ASSETS_FREED_SIGNAL, toProtocolQueue } from '../domain/ids.js';
import type { GivenAnswer } from '../domain/inbox.js';
import type { RunEnvelope } from '../domain/run.js';
import { toSummary } from '../domain/summary.js';
import { readPayloads, type DataConverter } from '../platform/large-payloads.js';
import type { LedgerCut } from '../workflows/messages.js';
import { describeWorkflow } from './describe-workflow.js';
import type { AnswerOutcome, EndedWorkflow, LedgerOutcome, ListedWorkflow, OpenWorkflow, StartableRun, WorkflowState } from './workflow-outcomes.js';

/** Longest time of one request to Temporal. */
const REQUEST_TIMEOUT_MS = 5000;
/** For a list of tens of thousands of workflows, page by page. */
const LIST_TIMEOUT_MS = 20_000;
const LIST_PAGE_ROWS = 1_000;
const HEALTH_TIMEOUT_MS = 1000;
/** Updates wait for a worker; without one the person is told so after this time. */
const ANSWER_TIMEOUT_MS = 2000;
/** What is stated of an uncertain command is made true in the bridge before the answer counts. */
const ANSWER_EFFECT_TIMEOUT_MS = 8000;
/** A query of an ended run replays its whole history first. */
const QUERY_TIMEOUT_MS = 10_000;
/** A workflow task longer than this is given to another worker; replay of a run stays far below. */
const WORKFLOW_TASK_TIMEOUT_MS = 5000;
/** Status numbers of gRPC: not answered in time; not possible in this state. */
const GRPC_DEADLINE_EXCEEDED = 4;
const GRPC_FAILED_PRECONDITION = 9;

export interface TemporalClient {
  /** Starts the workflow of a run, or finds the one that an earlier attempt has started. */
  startRun(envelope: RunEnvelope, bundle: string): Promise<{ workflowRunId: string }>;
  describeRun(runId: string): Promise<WorkflowState>;
  /** Ids of all workflows that are running, as the list of Temporal knows, which may be a moment behind. */
  listRunningIds(): Promise<ReadonlySet<string>>;
  /** Signals of run control, for example `pause`; false where no such workflow is open. */
  signalRun(runId: string, signal: string, given: { by: string; reason: string }): Promise<boolean>;
  /** The same for a run that Temporal may not have yet: it is started with the signal as its first. False where it has ended. */
  signalRunFromStart(run: StartableRun, signal: string, given: { by: string; reason: string }): Promise<boolean>;
  /** Brings an answer to the workflow that waits for it; the same update id is the same answer. */
  answerItem(workflowId: string, given: GivenAnswer, updateId: string): Promise<AnswerOutcome>;
  /** What a run had done up to a call, in the form in which another run takes it over. */
  queryLedger(runId: string, callPath: string): Promise<LedgerOutcome>;
  /** Tells a waiting run to ask for its assets; false where the workflow does not run. */
  signalAssetsFreed(runId: string): Promise<boolean>;
  /** Workflows of runs that are open, without those of nested calls, page by page. */
  listOpenRuns(): AsyncIterable<OpenWorkflow>;
  /** Workflows that were terminated or timed out since then; the list is some milliseconds late. */
  listWordlessEnds(sinceMs: number): Promise<readonly EndedWorkflow[]>;
  /** Open workflows of a run, its own excepted. */
  listOpenBelow(runId: string): Promise<readonly ListedWorkflow[]>;
  /** Terminates; false where it is not open. */
  terminate(workflowId: string, reason: string): Promise<boolean>;
  /** False where the parent is not open. */
  tellLostChild(parentWorkflowId: string, lost: LostChild): Promise<boolean>;
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}

export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
  readonly dataConverter?: DataConverter;
  /** Of the runs that are started here; null for their own choice. */
  readonly historyBudgetEvents?: number | null;
}

export function connectTemporal(options: TemporalPlace): TemporalClient {
  const connection = Connection.lazy({
    address: options.address,
    // No retries inside the client: every caller here is a loop that tries again, and says meanwhile what is wrong.
    interceptors: [],
    // grpc-js waits up to two minutes between attempts by default; a restarted server must be found at once.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.min_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1000 },
  });
  const { namespace, dataConverter, historyBudgetEvents = null } = options;
  const { workflow } = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  const request = <T>(work: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work);

  return {
    startRun: (envelope, bundle) =>
      request(async () => {
        try {
          const handle = await workflow.start(envelope.protocol, toStartOptions(envelope, bundle, historyBudgetEvents));
          return { workflowRunId: handle.firstExecutionRunId };
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          // An earlier attempt started it and it has ended since: started is what was asked for.
          const { raw, runId } = await workflow.getHandle(envelope.runId).describe();
          return { workflowRunId: raw.workflowExecutionInfo?.firstRunId ?? runId };
        }
      }),
    listRunningIds: () => connection.withDeadline(Date.now() + LIST_TIMEOUT_MS, () => listRunningIds(workflow)),
    describeRun: (runId) => request(() => describeWorkflow(workflow, runId)),
    signalRun: (runId, signal, given) => request(() => isFound(workflow.getHandle(runId).signal(signal, given))),
    signalRunFromStart: ({ envelope, bundle }, signal, given) =>
      request(() => isFound(workflow.signalWithStart(envelope.protocol, { ...toStartOptions(envelope, bundle, historyBudgetEvents), signal, signalArgs: [given] }))),
    answerItem: async (workflowId, given, updateId) => {
      let isTaken = false;
      try {
        const handle = workflow.getHandle(workflowId);
        const options: { args: [GivenAnswer]; updateId: string; waitForStage: 'ACCEPTED' } = { args: [given], updateId, waitForStage: 'ACCEPTED' };
        const update = await connection.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () => handle.startUpdate<null, [GivenAnswer]>(ANSWER_UPDATE, options));
        isTaken = true;
        await connection.withDeadline(Date.now() + ANSWER_EFFECT_TIMEOUT_MS, () => update.result());
        return { outcome: 'accepted' };
      } catch (error) {
        return toAnswerOutcome(error, isTaken);
      }
    },
    queryLedger: (runId, callPath) =>
      connection.withDeadline(Date.now() + QUERY_TIMEOUT_MS, async () => {
        try {
          const handle = workflow.getHandle(runId);
          // Asked of the history: the worker that knew it may be gone, with the source that was mended meanwhile.
          const left = await readEndedLedger(await handle.fetchHistory(), dataConverter);
          const { ledger, choices } = left ? cutEndedLedger(left, callPath) : await handle.query<LedgerCut, [string]>(LEDGER_QUERY, callPath);
          return ledger === null ? { outcome: 'elsewhere', choices } : { outcome: 'found', ledger };
        } catch (error) {
          return toLedgerOutcome(error);
        }
      }),
    signalAssetsFreed: (runId) => request(() => isFound(workflow.getHandle(runId).signal(ASSETS_FREED_SIGNAL))),
    listOpenRuns: () => listOpenRuns(workflow, connection),
    ...createEnding(workflow, request),
    isReachable: async () => {
      try {
        await connection.withDeadline(Date.now() + HEALTH_TIMEOUT_MS, () => connection.workflowService.describeNamespace({ namespace: options.namespace }));
        return true;
      } catch (error) {
        if (isGrpcServiceError(error) || error instanceof ServiceError) return false;
        throw error;
      }
    },
    close: () => connection.close(),
  };
}

/** What a run has left with its end; undefined where it had none, or ended before runs left it. */
async function readEndedLedger({ events }: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>, dataConverter: DataConverter = { payloadCodecs: [] }): Promise<EndedLedger | undefined> {
  const scheduled = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes).filter((each) => each?.activityType?.name === 'finishRun').at(-1);
  const [request] = await readPayloads(dataConverter, scheduled?.input?.payloads ?? []);
  return (request as { readonly ledger?: EndedLedger } | undefined)?.ledger;
}

async function listRunningIds(workflow: WorkflowClient): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { workflowId } of workflow.list({ query: `ExecutionStatus = 'Running'`, pageSize: LIST_PAGE_ROWS })) ids.add(workflowId);
  return ids;
}

async function* listOpenRuns(workflow: WorkflowClient, connection: Connection): AsyncGenerator<OpenWorkflow> {
  // Nested calls have no protocol among their search attributes.
  const pages = workflow.list({ query: 'ExecutionStatus = "Running" AND PraxisProtocol IS NOT NULL' })[Symbol.asyncIterator]();
  for (;;) {
    // A deadline for each step and not for all: whoever reads the list does other things between two.
    const step = await connection.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, () => pages.next());
    if (step.done === true) return;
    const { workflowId, type, memo, typedSearchAttributes } = step.value;
    const assets = memo?.['assets'];
    yield { workflowId, protocol: type, workcell: typedSearchAttributes.get(WORKCELL_ATTRIBUTE) ?? '', assets: Array.isArray(assets) ? assets.map(String) : [] };
  }
}

type Ending = Pick<TemporalClient, 'listWordlessEnds' | 'listOpenBelow' | 'terminate' | 'tellLostChild'>;

/** What finds, ends and tells of workflows that were ended from outside. */
function createEnding(workflow: WorkflowClient, request: <T>(work: () => Promise<T>) => Promise<T>): Ending {
  return {
    listWordlessEnds: (sinceMs) =>
      request(async () => {
        const found: EndedWorkflow[] = [];
        const query = `CloseTime >= "${new Date(sinceMs).toISOString()}" AND ExecutionStatus IN ("Terminated", "TimedOut")`;
        for await (const info of workflow.list({ query })) {
          const endedAs = WORDLESS_ENDS.find((each) => each === info.status.name);
          if (endedAs) found.push({ ...toListed(info), endedAs });
        }
        return found;
      }),
    listOpenBelow: (runId) =>
      request(async () => {
        const found: ListedWorkflow[] = [];
        const query = `RootWorkflowId = "${runId}" AND ExecutionStatus = "Running"`;
        for await (const info of workflow.list({ query })) if (info.workflowId !== runId) found.push(toListed(info));
        return found;
      }),
    terminate: (workflowId, reason) => request(() => isFound(workflow.getHandle(workflowId).terminate(reason))),
    tellLostChild: (parentWorkflowId, lost) => request(() => isFound(workflow.getHandle(parentWorkflowId).signal(CHILD_ENDED_SIGNAL, lost))),
  };
}

function toListed({ workflowId, runId, parentExecution }: WorkflowExecutionInfo): ListedWorkflow {
  return { workflowId, executionId: runId, parentWorkflowId: parentExecution?.workflowId ?? null };
}

/** False where the workflow does not exist or has closed. */
async function isFound(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Throws what is not an outcome: Temporal itself is away. */
function toAnswerOutcome(error: unknown, isTaken: boolean): AnswerOutcome {
  if (error instanceof WorkflowNotFoundError) return { outcome: 'missing' };
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { outcome: isTaken ? 'unsettled' : 'silent' };
  if (!(error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)) throw error;
  const { type, message, details } = error.cause;
  const first = details?.[0] as GivenAnswer | undefined;
  return { outcome: 'refused', code: type ?? 'INTERNAL', message, ...(first !== undefined && { first }) };
}

function toLedgerOutcome(error: unknown): LedgerOutcome {
  if (error instanceof WorkflowNotFoundError) return { outcome: 'missing' };
  // Temporal reports whatever a query handler throws, and a handler that is not there, as this one error.
  if (error instanceof QueryNotRegisteredError) return { outcome: 'refused', message: error.message };
  const code = error instanceof ServiceError && isGrpcServiceError(error.cause) ? (error.cause.code as number) : undefined;
  if (code === GRPC_DEADLINE_EXCEEDED) return { outcome: 'silent' };
  // No workflow task of it ever completed.
  if (code === GRPC_FAILED_PRECONDITION) return { outcome: 'refused', message: 'The run ended before any worker took it up; there is nothing to take over.' };
  throw error;
}

function toStartOptions(envelope: RunEnvelope, bundle: string, historyBudgetEvents: number | null): WorkflowStartOptions {
  return {
    workflowId: envelope.runId,
    taskQueue: toProtocolQueue(bundle),
    args: [historyBudgetEvents === null ? envelope : { ...envelope, historyBudgetEvents }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
    staticSummary: summarise(envelope),
    memo: { version: envelope.version, mode: envelope.mode, assets: Object.values(envelope.assets).map(({ name }) => name) },
    typedSearchAttributes: [
      keyword('PraxisProtocol', envelope.protocol),
      keyword('PraxisBundle', bundle),
      keyword('PraxisUser', envelope.user),
      keyword('PraxisWorkcell', envelope.workcell),
    ],
  };
}

const WORKCELL_ATTRIBUTE = defineSearchAttributeKey('PraxisWorkcell', 'KEYWORD');

function keyword(name: string, value: string): { key: { name: string; type: 'KEYWORD' }; value: string } {
  return { key: { name, type: 'KEYWORD' }, value };
}

/** `serial_dilution numDilutions=8`, cut to what Temporal takes. */
function summarise({ protocol, parameters }: RunEnvelope): string {
  const words = [protocol, ...Object.entries(parameters).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)];
  return toSummary(words.join(' '));
}

