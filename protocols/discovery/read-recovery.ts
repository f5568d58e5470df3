// Reads the recovery policy of a protocol, `{ TIP_MISSING: 'ask', '*': 'fail' }`; a rule that makes no sense is reported at
// its own line.

import type ts from 'typescript';
import { findRuleFault, type RecoveryPolicy, type RecoveryRule } from '../../domain/protocols/recovery.js';
import { readMembers, readValue, report, type StaticReader } from './static-reader.js';

/** Nothing where the protocol has none, or where it had to be reported. */
export function readRecovery(reader: StaticReader, node: ts.Expression | undefined): { readonly recovery?: RecoveryPolicy } {
  const members = node && readMembers(reader, node);
  if (!members) return {};
  const rules: Record<string, RecoveryRule> = {};
  for (const [code, written] of members) {
    const rule = readValue(reader, written);
    if (rule === undefined) continue;
    const fault = findRuleFault(code, rule);
    if (fault === undefined) rules[code] = rule as RecoveryRule;
    else report(reader, written, fault);
  }
  return { recovery: rules };
}
