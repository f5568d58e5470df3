// The bridge's table of stop methods, as Python: what the policies say of each front end, its bases included.

import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { findPolicy } from '../domain/catalogue/method-policy.js';
import { isCommandPolicy } from '../domain/catalogue/policy.js';

export function renderStopTable(catalogue: Catalogue): string {
  const frontEnds = Object.entries(catalogue.frontends).flatMap(([frontEnd, { methods }]) => {
    const lines = Object.keys(methods).sort().flatMap((method) => renderMethod(frontEnd, method));
    return lines.length === 0 ? [] : [`    "${frontEnd}": {`, ...lines, '    },'];
  });
  return [
    '"""The method that ends a running command early, by front end and method; LOOK_NO_MORE where nothing moves.',
    '',
    'Generated from the policies in domain/catalogue/ by tools/generate-machines.ts; do not edit.',
    '"""',
    '',
    'from __future__ import annotations',
    '',
    'LOOK_NO_MORE = ""',
    '',
    'STOP_METHODS: dict[str, dict[str, str]] = {',
    ...frontEnds,
    '}',
    '',
  ].join('\n');
}

function renderMethod(frontEnd: string, method: string): string[] {
  const policy = findPolicy(frontEnd, method);
  if (policy === undefined || !isCommandPolicy(policy)) return [];
  if (policy.isLook === true) return [`        "${method}": LOOK_NO_MORE,`];
  return policy.stopMethod === undefined ? [] : [`        "${method}": "${policy.stopMethod}",`];
}
