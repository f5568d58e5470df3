// The translation of outcomes at the activity boundary: LabErrors become ApplicationFailures whose type is
// the error code. Only failures of infrastructure are retried by Temporal.

import { ApplicationFailure } from '@temporalio/activity';
import { type LabError } from '../domain/errors/error.js';

export function toApplicationFailure(error: LabError): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: error.category !== 'infra',
    cause: error,
    ...(error.details === undefined ? {} : { details: [error.details] }),
  });
}
