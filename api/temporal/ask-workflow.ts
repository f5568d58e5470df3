// What is asked of one workflow and awaited: an answer that it takes up, what it had done. What Temporal throws becomes an outcome here.

import {
  QueryNotRegisteredError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { EndedLedger } from '../../domain/runs/ended-ledger.js';
import type { GivenAnswer } from '../../domain/inbox/inbox.js';
import { readPayloads, type DataConverter } from '../../platform/large-payloads.js';
import type { AnswerOutcome, LedgerOutcome } from './workflow-outcomes.js';

/** Updates wait for a worker; without one the person is told so after this time. */
export const ANSWER_TIMEOUT_MS = 2000;
/** What is stated of an uncertain command is made true in the bridge before the answer counts. */
export const ANSWER_EFFECT_TIMEOUT_MS = 8000;
/** A query of an ended run replays its whole history first. */
export const QUERY_TIMEOUT_MS = 10_000;
/** Status numbers of gRPC: not answered in time; not possible in this state. */
const GRPC_DEADLINE_EXCEEDED = 4;
const GRPC_FAILED_PRECONDITION = 9;

/** What a run has left with its end; undefined where it had none, or ended before runs left it. */
export async function readEndedLedger(
  { events }: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>,
  dataConverter: DataConverter = { payloadCodecs: [] },
): Promise<EndedLedger | undefined> {
  const scheduled = (events ?? [])
    .map((event) => event.activityTaskScheduledEventAttributes)
    .filter((each) => each?.activityType?.name === 'finishRun')
    .at(-1);
  const [request] = await readPayloads(dataConverter, scheduled?.input?.payloads ?? []);
  return (request as { readonly ledger?: EndedLedger } | undefined)?.ledger;
}

/** Throws what is not an outcome: Temporal itself is away. */
export function toAnswerOutcome(error: unknown, isTaken: boolean): AnswerOutcome {
  if (error instanceof WorkflowNotFoundError) return { outcome: 'missing' };
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { outcome: isTaken ? 'unsettled' : 'silent' };
  if (!(error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)) throw error;
  const { type, message, details } = error.cause;
  const first = details?.[0] as GivenAnswer | undefined;
  return { outcome: 'refused', code: type ?? 'INTERNAL', message, ...(first !== undefined && { first }) };
}

export function toLedgerOutcome(error: unknown): LedgerOutcome {
  if (error instanceof WorkflowNotFoundError) return { outcome: 'missing' };
  // Temporal reports whatever a query handler throws, and a handler that is not there, as this one error.
  if (error instanceof QueryNotRegisteredError) return { outcome: 'refused', message: error.message };
  const code = error instanceof ServiceError && isGrpcServiceError(error.cause) ? (error.cause.code as number) : undefined;
  if (code === GRPC_DEADLINE_EXCEEDED) return { outcome: 'silent' };
  // No workflow task of it ever completed.
  if (code === GRPC_FAILED_PRECONDITION)
    return { outcome: 'refused', message: 'The run ended before any worker took it up; there is nothing to take over.' };
  throw error;
}
