// The decision about a failed command, as a table, and the faults of rules as authors write them.

import { describe, expect, test } from '@jest/globals';
import {
  decideRecovery,
  findRuleFault,
  inheritRecovery,
  isSafeToRepeat,
  RECOVERABLE_CODES,
  type FailedCommand,
  type RecoveryPolicy,
} from './recovery.js';

const ASPIRATE: FailedCommand = { code: 'TOO_LITTLE_LIQUID', retryClass: 'non-idempotent', isUntouched: true, retries: 0, mayAsk: true };
const decide = (policy: RecoveryPolicy, failed: Partial<FailedCommand> = {}) => decideRecovery(policy, { ...ASPIRATE, ...failed });

describe('decideRecovery', () => {
  test('what nobody names fails, and a named code goes before the star', () => {
    expect(decide({})).toEqual({ then: 'fail' });
    expect(decide({ TIP_MISSING: 'ask' })).toEqual({ then: 'fail' });
    expect(decide({ '*': 'ask' })).toEqual({ then: 'ask' });
    expect(decide({ '*': 'ask', TOO_LITTLE_LIQUID: { then: 'done', result: 4 } })).toEqual({ then: 'done', result: 4 });
    expect(decide({ TOO_LITTLE_LIQUID: 'done' })).toEqual({ then: 'done', result: null });
  });

  test('in a cleanup, what finds nothing to do is done; elsewhere an author hears of it', () => {
    const nothing = { code: 'TIP_MISSING', hadNothingToDo: true } as const;
    expect(decide({}, { ...nothing, mayAsk: false })).toEqual({ then: 'done', result: null });
    expect(decide({ TIP_MISSING: 'ask' }, { ...nothing, mayAsk: false })).toEqual({ then: 'done', result: null });
    expect(decide({}, nothing)).toEqual({ then: 'fail' });
    expect(decide({}, { code: 'TIP_MISSING', mayAsk: false })).toEqual({ then: 'fail' });
  });

  test('no rule reaches doubt, stops, holds and faults of the program', () => {
    for (const code of ['UNCERTAIN', 'COMMAND_STOPPED', 'MACHINE_HELD', 'RUN_HELD', 'STALE_FENCE', 'INTERNAL', 'RUN_CANCELLED']) {
      expect(decide({ '*': { then: 'retry', times: 5 } }, { code })).toEqual({ then: 'fail' });
    }
  });

  test('a retry is for what moves nothing twice, and ends', () => {
    const twice: RecoveryPolicy = { '*': { then: 'retry', times: 2, otherwise: 'ask' } };
    expect([0, 1, 2, 3].map((retries) => decide(twice, { retries }).then)).toEqual(['retry', 'retry', 'ask', 'ask']);
    expect(decide(twice, { isUntouched: false })).toEqual({ then: 'ask' });
    expect(decide(twice, { isUntouched: false, retryClass: 'costly' })).toEqual({ then: 'ask' });
    expect(decide(twice, { isUntouched: false, retryClass: 'set-state' })).toEqual({ then: 'retry' });
    expect(decide(twice, { isUntouched: false, retryClass: 'read-only' })).toEqual({ then: 'retry' });
    expect(decide({ '*': { then: 'retry', times: 2 } }, { isUntouched: false })).toEqual({ then: 'fail' });
  });

  test('what was partly done is never repeated by itself, however few writes were counted', () => {
    expect(isSafeToRepeat({ code: 'PARTLY_DONE', retryClass: 'non-idempotent', isUntouched: true })).toBe(false);
    expect(decide({ PARTLY_DONE: { then: 'retry', times: 1 } }, { code: 'PARTLY_DONE' })).toEqual({ then: 'fail' });
  });

  test('a cleanup asks nobody', () => {
    expect(decide({ '*': 'ask' }, { mayAsk: false })).toEqual({ then: 'fail' });
    expect(decide({ '*': { then: 'retry', times: 1, otherwise: 'ask' } }, { mayAsk: false })).toEqual({ then: 'retry' });
  });
});

test('a call inherits what it does not name; its own star names everything', () => {
  const caller: RecoveryPolicy = { TIP_MISSING: 'ask', '*': 'done' };
  expect(inheritRecovery(caller, undefined)).toEqual(caller);
  expect(inheritRecovery(caller, { TOO_LITTLE_LIQUID: 'fail' })).toEqual({ TIP_MISSING: 'ask', TOO_LITTLE_LIQUID: 'fail', '*': 'done' });
  expect(inheritRecovery(caller, { '*': 'fail' })).toEqual({ '*': 'fail' });
});

test('rules that make no sense are told', () => {
  for (const code of [...RECOVERABLE_CODES, '*']) expect(findRuleFault(code, 'ask')).toBeUndefined();
  expect(findRuleFault('MACHINE_ERROR', { then: 'retry', times: 2, otherwise: 'ask' })).toBeUndefined();
  expect(findRuleFault('MACHINE_ERROR', { then: 'done', result: [1] })).toBeUndefined();
  const faults: readonly (readonly [string, Parameters<typeof findRuleFault>[1], RegExp])[] = [
    ['UNCERTAIN', 'ask', /'UNCERTAIN' is no error/u],
    ['TIP_MISING', 'ask', /TIP_MISSING/u],
    ['*', 'maybe', /must say then/u],
    ['*', null, /must say then/u],
    ['*', { then: 'retry' }, /times must be/u],
    ['*', { then: 'retry', times: 0 }, /times must be/u],
    ['*', { then: 'retry', times: 1.5 }, /times must be/u],
    ['*', { then: 'retry', times: 1, otherwise: 'retry' }, /otherwise must be/u],
    ['*', { then: 'ask', times: 1 }, /belong to then: 'retry'/u],
    ['*', { then: 'ask', result: 1 }, /belongs to then: 'done'/u],
    ['*', { then: 'ask', often: 1 }, /'often' is no part/u],
  ];
  for (const [code, rule, fault] of faults) expect(findRuleFault(code, rule)).toMatch(fault);
});
