// The bridge's table of retry classes, as Python: which methods may be sent again once nobody knows whether they were done.

import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { findPolicy } from '../domain/catalogue/method-policy.js';
import { isCommandPolicy } from '../domain/catalogue/policy.js';

const REPEATABLE: ReadonlySet<string> = new Set(['read-only', 'set-state']);

export function renderRetryTable(catalogue: Catalogue): string {
  const frontEnds = Object.entries(catalogue.frontends).flatMap(([frontEnd, { methods }]) => {
    const lines = Object.keys(methods).sort().flatMap((method) => renderMethod(frontEnd, method));
    return lines.length === 0 ? [] : [`    "${frontEnd}": {`, ...lines, '    },'];
  });
  return [
    '"""The methods that may be sent again after their outcome was lost, by front end. Whatever is not here is never repeated',
    'without a person.',
    '',
    'Generated from the policies in domain/catalogue/ by tools/generate-machines.ts; do not edit.',
    '"""',
    '',
    'from __future__ import annotations',
    '',
    'READ_ONLY = "read-only"',
    'SET_STATE = "set-state"',
    '',
    'REPEATABLE_METHODS: dict[str, dict[str, str]] = {',
    ...frontEnds,
    '}',
    '',
  ].join('\n');
}

function renderMethod(frontEnd: string, method: string): string[] {
  const policy = findPolicy(frontEnd, method);
  if (policy === undefined || !isCommandPolicy(policy) || !REPEATABLE.has(policy.retryClass)) return [];
  return [`        "${method}": ${policy.retryClass === 'read-only' ? 'READ_ONLY' : 'SET_STATE'},`];
}
