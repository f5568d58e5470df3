// What the API asks of Temporal, which this folder alone knows: starts run workflows, looks at them, signals them. The connection is lazy and heals itself, so the API starts and answers reads while Temporal is down.

import { Client, Connection, ServiceError, WorkflowExecutionAlreadyStartedError, isGrpcServiceError } from '@temporalio/client';
import { ANSWER_UPDATE, LEDGER_QUERY } from '../../domain/runs/control.js';
import { cutEndedLedger } from '../../domain/runs/ended-ledger.js';
import { ASSETS_FREED_SIGNAL } from '../../domain/values/ids.js';
import type { GivenAnswer } from '../../domain/inbox/inbox.js';
import type { RunEnvelope } from '../../domain/runs/run.js';
import type { TemporalAddress } from '../../domain/runs/terminate-command.js';
import type { DataConverter } from '../../platform/large-payloads.js';
import type { LedgerCut } from '../../workflows/execution/messages.js';
import {
  ANSWER_EFFECT_TIMEOUT_MS,
  ANSWER_TIMEOUT_MS,
  QUERY_TIMEOUT_MS,
  readEndedLedger,
  toAnswerOutcome,
  toLedgerOutcome,
} from './ask-workflow.js';
import { describeWorkflow } from './describe-workflow.js';
import { createEnding, isFound, type WorkflowEnding } from './end-workflows.js';
import { REQUEST_TIMEOUT_MS, listOpenRuns, listRunningIds } from './list-workflows.js';
import { toStartOptions } from './start-options.js';
import type { AnswerOutcome, LedgerOutcome, OpenWorkflow, StartableRun, WorkflowState } from './workflow-outcomes.js';

/** For a list of tens of thousands of workflows, page by page. */
const LIST_TIMEOUT_MS = 20_000;
const HEALTH_TIMEOUT_MS = 1000;

export interface TemporalClient extends WorkflowEnding {
  /** For the commands that people are told. */
  readonly place: TemporalAddress;
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
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}

export interface TemporalPlace extends TemporalAddress {
  readonly dataConverter?: DataConverter;
  /** Of the runs that are started here; null for their own choice. */
  readonly historyBudgetEvents?: number | null;
}

function openConnection(address: string): Connection {
  return Connection.lazy({
    address,
    // No retries inside the client: every caller here is a loop that tries again, and says meanwhile what is wrong.
    interceptors: [],
    // grpc-js waits up to two minutes between attempts by default; a restarted server must be found at once.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.min_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1000 },
  });
}

async function isReachable(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.withDeadline(Date.now() + HEALTH_TIMEOUT_MS, () => connection.workflowService.describeNamespace({ namespace }));
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) || error instanceof ServiceError) return false;
    throw error;
  }
}

export function connectTemporal(options: TemporalPlace): TemporalClient {
  const connection = openConnection(options.address);
  const { namespace, dataConverter, historyBudgetEvents = null } = options;
  const { workflow } = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  const request = <T>(work: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work);

  return {
    place: { address: options.address, namespace },
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
      request(() =>
        isFound(
          workflow.signalWithStart(envelope.protocol, {
            ...toStartOptions(envelope, bundle, historyBudgetEvents),
            signal,
            signalArgs: [given],
          }),
        ),
      ),
    answerItem: async (workflowId, given, updateId) => {
      let isTaken = false;
      try {
        const handle = workflow.getHandle(workflowId);
        const options: { args: [GivenAnswer]; updateId: string; waitForStage: 'ACCEPTED' } = {
          args: [given],
          updateId,
          waitForStage: 'ACCEPTED',
        };
        const update = await connection.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () =>
          handle.startUpdate<null, [GivenAnswer]>(ANSWER_UPDATE, options),
        );
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
          const { ledger, choices } = left
            ? cutEndedLedger(left, callPath)
            : await handle.query<LedgerCut, [string]>(LEDGER_QUERY, callPath);
          return ledger === null ? { outcome: 'elsewhere', choices } : { outcome: 'found', ledger };
        } catch (error) {
          return toLedgerOutcome(error);
        }
      }),
    signalAssetsFreed: (runId) => request(() => isFound(workflow.getHandle(runId).signal(ASSETS_FREED_SIGNAL))),
    listOpenRuns: () => listOpenRuns(workflow, connection),
    ...createEnding(workflow, request),
    isReachable: () => isReachable(connection, namespace),
    close: () => connection.close(),
  };
}
