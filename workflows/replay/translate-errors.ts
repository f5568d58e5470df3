// The translations of errors in workflows: what an activity or a child failed with becomes a LabError for the author;
// whatever author code threw becomes the record that rows, the ledger and people see; and a record becomes an error again.

import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { ERRORS, isErrorCode, LabError, type ErrorRecord } from '../../domain/errors/error.js';
import { isJsonObject, type JsonObject } from '../../domain/json/json.js';
import { findPlace } from './author-place.js';
import { cutDetails, cutText, toThrown } from '../../domain/values/thrown.js';

/** Throws the LabError behind an activity's failure; cancellation passes as it is. */
export function throwAsLabError(error: unknown, subject: string): never {
  if (isCancellation(error)) throw error;
  const cause = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const code = cause.type ?? '';
    const { remedy, ...details } = readDetails(cause) ?? {};
    if (isErrorCode(code))
      throw new LabError(code, {
        message: cause.message,
        cause: error,
        ...(typeof remedy === 'string' && { remedy }),
        ...(Object.keys(details).length > 0 && { details }),
      });
    throw new LabError('INTERNAL', { message: `${subject}: ${cause.message}`, cause: error });
  }
  if (cause instanceof TimeoutFailure) {
    // Every attempt asked the bridge; running out of time without an answer leaves the outcome unknown.
    throw new LabError('UNCERTAIN', { message: `${subject} gave no answer: ${cause.message}`, cause: error });
  }
  throw new LabError('INTERNAL', { message: `${subject}: ${toThrown(cause).message}`, cause: error });
}

/**
 * What an activity or a message failed with, for people. Throws what is no outcome: the next execution, which Temporal throws too, and a
 * fault of this code, which fails the workflow task until a release has mended it.
 */
export function requireOutcome(error: unknown, subject: string): unknown {
  if (error instanceof LabError || isCancellation(error)) return error;
  if (!(error instanceof TemporalFailure)) throw error;
  try {
    return throwAsLabError(error, subject);
  } catch (translated) {
    return translated;
  }
}

function readDetails(failure: ApplicationFailure): JsonObject | undefined {
  const first: unknown = failure.details?.[0];
  return isJsonObject(first) ? first : undefined;
}

/** Where each error was first seen by a tracked call: the deepest call it passed. */
const origins = new WeakMap<object, string>();

const STACK_READ_CHARACTERS = 8_000;

/** Where in author code each error was thrown, as far as its stack says; read once, since reading a stack back is no small thing. */
const places = new WeakMap<object, string | null>();

/** The record of what was thrown. `callPath` is remembered with the error where none is yet. */
export function toErrorRecord(thrown: unknown, callPath?: string): ErrorRecord {
  const error = toThrown(thrown);
  const origin = rememberOrigin(error, callPath);
  const path = origin === undefined ? {} : { callPath: origin };
  if (isCancellation(error))
    return { code: 'RUN_CANCELLED', message: ERRORS.RUN_CANCELLED.title, ...path, remedy: ERRORS.RUN_CANCELLED.remedy };
  const at = rememberPlace(error);
  const where = { ...path, ...(at !== undefined && { at }) };
  if (error instanceof LabError) {
    const { code, message, remedy, details } = error;
    return { code, message: cutText(message), ...where, remedy: cutText(remedy), ...(details && { details: cutDetails(details) }) };
  }
  return {
    code: 'PROTOCOL_ERROR',
    message: cutText(`${error.name}: ${error.message}`),
    ...where,
    remedy: `Mend the protocol at ${at ?? 'the place that the call path names'}.`,
  };
}

/** How a workflow fails with it: what people read in Temporal, small whatever was thrown. */
export function toWorkflowFailure(thrown: unknown, { code, message }: ErrorRecord, details: unknown[] = []): ApplicationFailure {
  const failure = ApplicationFailure.create({ message, type: code, nonRetryable: true, details });
  // Not as its cause: causes of author code may be large, or lead back to themselves.
  const { stack } = toThrown(thrown);
  if (stack !== undefined) failure.stack = cutText(stack);
  return failure;
}

/** The error of a record, as the caller of what failed meets it. */
export function toLabError(record: ErrorRecord): LabError {
  const { code, message, remedy, details, callPath, at } = record;
  const error = new LabError(isErrorCode(code) ? code : 'INTERNAL', {
    message,
    ...(remedy !== undefined && { remedy }),
    ...(details !== undefined && { details }),
  });
  if (callPath !== undefined) origins.set(error, callPath);
  places.set(error, at ?? null);
  return error;
}

function rememberPlace(error: Error): string | undefined {
  const known = places.get(error);
  if (known !== undefined) return known ?? undefined;
  const place = findPlace({ stack: readStackEnd(error) });
  places.set(error, place ?? null);
  return place;
}

/** Its calls come last, behind a message of any length. What an author made of an error may be no text, or throw where it is read. */
function readStackEnd(error: Error): string {
  try {
    const stack: unknown = error.stack;
    return typeof stack === 'string' ? stack.slice(-STACK_READ_CHARACTERS) : '';
  } catch {
    return '';
  }
}

function rememberOrigin(error: Error, callPath: string | undefined): string | undefined {
  const known = origins.get(error);
  if (known === undefined && callPath !== undefined) origins.set(error, callPath);
  return known ?? callPath;
}
