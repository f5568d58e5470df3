// The two translations of errors in workflows: what an activity failed with becomes a LabError for the
// author, and whatever the author's function threw becomes the record that rows and people see.

import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { ERRORS, isErrorCode, LabError, type ErrorRecord } from '../domain/error.js';

/** Throws the LabError behind an activity's failure; cancellation passes as it is. */
export function throwAsLabError(error: unknown, subject: string): never {
  if (isCancellation(error)) throw error;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const code = cause.type ?? '';
    if (isErrorCode(code)) throw new LabError(code, { message: cause.message, cause: error });
    throw new LabError('INTERNAL', { message: `${subject}: ${cause.message}`, cause: error });
  }
  if (cause instanceof TimeoutFailure) {
    // Every attempt asked the bridge; running out of time without an answer leaves the outcome unknown.
    throw new LabError('UNCERTAIN', { message: `${subject} gave no answer: ${cause.message}`, cause: error });
  }
  throw new LabError('INTERNAL', { message: `${subject}: ${String(cause)}`, cause: error });
}

/** Where each error was first seen by a tracked call: the deepest call it passed. */
const origins = new WeakMap<object, string>();

export function toErrorRecord(error: unknown, callPath: string): ErrorRecord {
  const origin = rememberOrigin(error, callPath);
  if (isCancellation(error)) return { code: 'RUN_CANCELLED', message: ERRORS.RUN_CANCELLED.title, callPath: origin, remedy: ERRORS.RUN_CANCELLED.remedy };
  if (error instanceof LabError) return { code: error.code, message: error.message, callPath: origin, remedy: error.remedy };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'PROTOCOL_ERROR', message, callPath: origin, remedy: 'Mend the protocol at the place that the call path names.' };
}

function rememberOrigin(error: unknown, callPath: string): string {
  if (typeof error !== 'object' || error === null) return callPath;
  const known = origins.get(error);
  if (known === undefined) origins.set(error, callPath);
  return known ?? callPath;
}

/** What was thrown, as an error; author code may throw anything. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new LabError('INTERNAL', { message: `Something else than an error was thrown: ${String(thrown)}.` });
}
