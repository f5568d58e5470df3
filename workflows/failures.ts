// The translations of errors in workflows: what an activity or a child failed with becomes a LabError for the author;
// whatever author code threw becomes the record that rows, the ledger and people see; and a record becomes an error again.

import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { ERRORS, isErrorCode, LabError, type ErrorRecord } from '../domain/error.js';
import { isJsonObject, type JsonObject } from '../domain/json.js';

/** Throws the LabError behind an activity's failure; cancellation passes as it is. */
export function throwAsLabError(error: unknown, subject: string): never {
  if (isCancellation(error)) throw error;
  const cause = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const code = cause.type ?? '';
    const details = readDetails(cause);
    if (isErrorCode(code)) throw new LabError(code, { message: cause.message, cause: error, ...(details && { details }) });
    throw new LabError('INTERNAL', { message: `${subject}: ${cause.message}`, cause: error });
  }
  if (cause instanceof TimeoutFailure) {
    // Every attempt asked the bridge; running out of time without an answer leaves the outcome unknown.
    throw new LabError('UNCERTAIN', { message: `${subject} gave no answer: ${cause.message}`, cause: error });
  }
  throw new LabError('INTERNAL', { message: `${subject}: ${String(cause)}`, cause: error });
}

function readDetails(failure: ApplicationFailure): JsonObject | undefined {
  const first: unknown = failure.details?.[0];
  return isJsonObject(first) ? first : undefined;
}

/** Where each error was first seen by a tracked call: the deepest call it passed. */
const origins = new WeakMap<object, string>();

/** The record of what was thrown. `callPath` is remembered with the error where none is yet. */
export function toErrorRecord(error: unknown, callPath?: string): ErrorRecord {
  const origin = rememberOrigin(error, callPath);
  const at = origin === undefined ? {} : { callPath: origin };
  if (isCancellation(error)) return { code: 'RUN_CANCELLED', message: ERRORS.RUN_CANCELLED.title, ...at, remedy: ERRORS.RUN_CANCELLED.remedy };
  if (error instanceof LabError) {
    const { code, message, remedy, details } = error;
    return { code, message, ...at, remedy, ...(details && { details }) };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'PROTOCOL_ERROR', message, ...at, remedy: 'Mend the protocol at the place that the call path names.' };
}

/** The error of a record, as the caller of what failed meets it. */
export function toLabError(record: ErrorRecord): LabError {
  const { code, message, remedy, details, callPath } = record;
  const error = new LabError(isErrorCode(code) ? code : 'INTERNAL', {
    message,
    ...(remedy !== undefined && { remedy }),
    ...(details !== undefined && { details }),
  });
  if (callPath !== undefined) origins.set(error, callPath);
  return error;
}

function rememberOrigin(error: unknown, callPath: string | undefined): string | undefined {
  if (typeof error !== 'object' || error === null) return callPath;
  const known = origins.get(error);
  if (known === undefined && callPath !== undefined) origins.set(error, callPath);
  return known ?? callPath;
}

/** What was thrown, as an error; author code may throw anything. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new LabError('INTERNAL', { message: `Something else than an error was thrown: ${String(thrown)}.` });
}
