// Recovery: what becomes of a machine command that failed with a known outcome. A protocol says so per error code; what
// it does not name, its caller decides, and what nobody names fails, for the author's code to catch.

import type { RetryClass } from '../catalogue/policy.js';
import type { ErrorCode } from '../errors/error.js';
import { isJsonObject, type Json } from '../json/json.js';

/** Codes with which a command ends while everybody knows what it did. Doubt, holds and stops go ways of their own. */
export const RECOVERABLE_CODES = [
  'MACHINE_ERROR',
  'TIP_MISSING',
  'TIP_PRESENT',
  'TOO_LITTLE_LIQUID',
  'TOO_LITTLE_ROOM',
  'LABWARE_NOT_FOUND',
  'BAD_ARGUMENTS',
  'INTERLOCKED',
  'UNKNOWN_METHOD',
  'MACHINE_NOT_READY',
  'PARTLY_DONE',
] as const satisfies readonly ErrorCode[];
export type RecoverableCode = (typeof RECOVERABLE_CODES)[number];

export const RETRIES_MAX = 20;

export type RecoveryRule =
  | 'fail'
  | 'ask'
  | 'done'
  | { readonly then: 'fail' | 'ask' }
  /** Again, up to `times`, where that moves nothing twice; then, or where it might, `otherwise` (`fail` where left out). */
  | { readonly then: 'retry'; readonly times: number; readonly otherwise?: 'fail' | 'ask' }
  /** As if it had succeeded; the protocol gets `result`. */
  | { readonly then: 'done'; readonly result?: Json };

/** `*` stands for every code that is not named. */
export type RecoveryPolicy = Readonly<Partial<Record<RecoverableCode | '*', RecoveryRule>>>;

export interface FailedCommand {
  readonly code: string;
  readonly retryClass: RetryClass;
  /** Nothing of it has left for the instrument. */
  readonly isUntouched: boolean;
  /** How often the policy has sent it again already. */
  readonly retries: number;
  /** False in a cleanup, which waits for nobody. */
  readonly mayAsk: boolean;
  /** It failed because there was nothing to do: what it would have made true is true. */
  readonly hadNothingToDo?: boolean;
}

export type RecoveryDecision = { readonly then: 'fail' | 'ask' | 'retry' } | { readonly then: 'done'; readonly result: Json };

export function decideRecovery(policy: RecoveryPolicy, failed: FailedCommand): RecoveryDecision {
  if (!isRecoverable(failed.code)) return { then: 'fail' };
  // Of a cleanup that is what was wanted.
  if (failed.hadNothingToDo === true && !failed.mayAsk) return { then: 'done', result: null };
  const given = policy[failed.code] ?? policy['*'] ?? 'fail';
  const rule: Exclude<RecoveryRule, string> = typeof given === 'string' ? { then: given } : given;
  if (rule.then === 'done') return { then: 'done', result: rule.result ?? null };
  if (rule.then === 'retry' && failed.retries < Math.min(rule.times, RETRIES_MAX) && isSafeToRepeat(failed)) return { then: 'retry' };
  const then = rule.then === 'retry' ? (rule.otherwise ?? 'fail') : rule.then;
  return { then: failed.mayAsk ? then : 'fail' };
}

/** The same command again moves nothing twice: it changes nothing, or only to a state it names, or it never left. */
export function isSafeToRepeat({ code, retryClass, isUntouched }: Pick<FailedCommand, 'code' | 'retryClass' | 'isUntouched'>): boolean {
  return retryClass === 'read-only' || retryClass === 'set-state' || (isUntouched && code !== 'PARTLY_DONE');
}

/** The policy inside a call: its own rules, and its caller's for codes that it does not name. */
export function inheritRecovery(caller: RecoveryPolicy, own: RecoveryPolicy | undefined): RecoveryPolicy {
  if (own === undefined) return caller;
  return own['*'] === undefined ? { ...caller, ...own } : own;
}

export function isRecoverable(code: string): code is RecoverableCode {
  return (RECOVERABLE_CODES as readonly string[]).includes(code);
}

/** What is wrong with a rule as an author wrote it; undefined where it makes sense. */
export function findRuleFault(code: string, rule: Json): string | undefined {
  if (code !== '*' && !isRecoverable(code))
    return `'${code}' is no error that a policy can recover from; there are: ${RECOVERABLE_CODES.join(', ')} and '*'.`;
  if (rule === 'fail' || rule === 'ask' || rule === 'done') return undefined;
  const { then, times, otherwise, result, ...others } = isJsonObject(rule) ? rule : {};
  const extra = Object.keys(others)[0];
  if (extra !== undefined) return `'${extra}' is no part of a rule; there are: then, times, otherwise, result.`;
  if (then !== 'fail' && then !== 'ask' && then !== 'retry' && then !== 'done')
    return `The rule of ${code} must say then: 'fail', 'ask', 'retry' or 'done'.`;
  if (result !== undefined && then !== 'done') return `A result belongs to then: 'done'.`;
  if (then !== 'retry') return times === undefined && otherwise === undefined ? undefined : `times and otherwise belong to then: 'retry'.`;
  const isCount = typeof times === 'number' && Number.isInteger(times) && times >= 1 && times <= RETRIES_MAX;
  if (!isCount) return `times must be a whole number from 1 to ${RETRIES_MAX}.`;
  return otherwise === undefined || otherwise === 'fail' || otherwise === 'ask' ? undefined : `otherwise must be 'fail' or 'ask'.`;
}

/** `retry 2 times where safe, otherwise ask`: for people. */
export function describeRule(rule: RecoveryRule): string {
  if (typeof rule === 'string') return rule === 'done' ? 'treat as done' : rule;
  if (rule.then === 'done') return 'treat as done';
  if (rule.then !== 'retry') return rule.then;
  return `retry ${rule.times} time${rule.times === 1 ? '' : 's'} where nothing moves twice, otherwise ${rule.otherwise ?? 'fail'}`;
}
