// The bridge's table of stop methods, as Python: what the policies say of each front end, its bases included.

import type { Catalogue } from '../domain/catalogue/catalogue.js';
import type { CommandPolicy } from '../domain/catalogue/policy.js';
import { renderMethodLines } from './render-method-lines.js';

export function renderStopTable(catalogue: Catalogue): string {
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
    ...renderMethodLines(catalogue, toStopMethod),
    '}',
    '',
  ].join('\n');
}

function toStopMethod({ isLook, stopMethod }: CommandPolicy): string | undefined {
  if (isLook === true) return 'LOOK_NO_MORE';
  return stopMethod === undefined ? undefined : `"${stopMethod}"`;
}
