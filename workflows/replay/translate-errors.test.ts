// What counts as an outcome of a workflow, and what has to fail its task instead.

import { expect, test } from '@jest/globals';
import { ActivityFailure, ApplicationFailure, CancelledFailure, RetryState } from '@temporalio/common';
import { LabError } from '../../domain/errors/error.js';
import { requireOutcome } from './translate-errors.js';

const refused = (type: string): ActivityFailure =>
  new ActivityFailure(
    'Activity task failed',
    'readResults',
    '1',
    RetryState.NON_RETRYABLE_FAILURE,
    'w',
    ApplicationFailure.nonRetryable('It is in no record.', type),
  );

test('what an activity was refused with is told under its code', () => {
  expect(requireOutcome(refused('STALE_FENCE'), 'The end')).toMatchObject({ code: 'STALE_FENCE', message: 'It is in no record.' });
  expect(requireOutcome(refused('Error'), 'The end')).toMatchObject({ code: 'INTERNAL', message: 'The end: It is in no record.' });
});

test('a known outcome and a cancellation are what they are', () => {
  for (const error of [new LabError('LEDGER_FULL'), new CancelledFailure('cancelled')])
    expect(requireOutcome(error, 'The end')).toBe(error);
});

test('a fault of the engine is no outcome', () => {
  const fault = new TypeError('undefined is not a function');
  expect(() => requireOutcome(fault, 'The end')).toThrow(fault);
});
