// The table of everything that can go wrong, and the one error class that carries an entry of it.
// Each code has a category (who may retry), an HTTP status, a meaning and what a person can do.

import { CONFLICT_ERRORS } from './conflict-errors.js';
import type { ErrorCategory, ErrorEntry } from './error-entry.js';
import { FAULTS } from './faults.js';
import { INFRA_ERRORS } from './infra-errors.js';
import { INPUT_ERRORS } from './input-errors.js';
import { MACHINE_ERRORS } from './machine-errors.js';
import { MISSING_ERRORS } from './missing-errors.js';
import { PROTOCOL_ERRORS } from './protocol-errors.js';
import type { JsonObject } from '../json/json.js';

/** Each code stands once, in the file of its kind. */
export const ERRORS = {
  ...INPUT_ERRORS,
  ...MISSING_ERRORS,
  ...CONFLICT_ERRORS,
  ...INFRA_ERRORS,
  ...MACHINE_ERRORS,
  ...PROTOCOL_ERRORS,
  ...FAULTS,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** What exactly is wrong, one sentence, for a person. */
  readonly message?: string;
  /** The field of the request that is wrong, for example `parameters.numDilutions`. */
  readonly field?: string;
  /** Overrides the remedy of the table. */
  readonly remedy?: string;
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** An outcome that the caller is told of. Everything else that is thrown is a bug. */
export class LabError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly remedy: string;
  readonly details: JsonObject | undefined;

  constructor(code: ErrorCode, given: ErrorDetails = {}) {
    super(given.message ?? ERRORS[code].title, given.cause === undefined ? undefined : { cause: given.cause });
    this.name = 'LabError';
    this.code = code;
    this.field = given.field;
    this.remedy = given.remedy ?? ERRORS[code].remedy;
    this.details = given.details;
  }

  get category(): ErrorCategory {
    return ERRORS[this.code].category;
  }

  get httpStatus(): number {
    return ERRORS[this.code].httpStatus;
  }
}

/** What is kept of an error in rows, events and resources. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly callPath?: string;
  /** `file:line:column` of the author's code that threw it. */
  readonly at?: string;
  readonly remedy?: string;
  /** Of a command that some channels did: by channel `{ done }`, with the code and message of those that did not. */
  readonly channels?: JsonObject;
  /** What the code alone does not say, for example how far a command in doubt was sent. */
  readonly details?: JsonObject;
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** States a belief of the program; a false one is a bug and stops the work at hand. */
export function invariant(holds: unknown, belief: string): asserts holds {
  if (!holds) throw new LabError('INTERNAL', { message: `Broken invariant: ${belief}` });
}
