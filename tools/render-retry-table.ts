// The bridge's table of retry classes, as Python: which methods may be sent again once nobody knows whether they were done.

import type { Catalogue } from '../domain/catalogue/catalogue.js';
import type { CommandPolicy } from '../domain/catalogue/policy.js';
import { renderMethodLines } from './render-method-lines.js';

export function renderRetryTable(catalogue: Catalogue): string {
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
    ...renderMethodLines(catalogue, toRetryClass),
    '}',
    '',
  ].join('\n');
}

function toRetryClass({ retryClass }: CommandPolicy): string | undefined {
  if (retryClass === 'read-only') return 'READ_ONLY';
  return retryClass === 'set-state' ? 'SET_STATE' : undefined;
}
