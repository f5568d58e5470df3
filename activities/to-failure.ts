// The translation of outcomes at the activity boundary: LabErrors become ApplicationFailures whose type is
// the error code. Only failures of infrastructure are retried by Temporal.

import { ApplicationFailure } from '@temporalio/activity';
import { ERRORS, type LabError } from '../domain/errors/error.js';

export function toApplicationFailure(error: LabError): ApplicationFailure {
  // One of its own travels among the details, which are all that an ApplicationFailure has beside its message.
  const remedy = error.remedy === ERRORS[error.code].remedy ? undefined : error.remedy;
  const details = remedy === undefined ? error.details : { ...error.details, remedy };
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: error.category !== 'infra',
    cause: error,
    ...(details === undefined ? {} : { details: [details] }),
  });
}
