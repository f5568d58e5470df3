// The bridge's table of bounds, as Python: between which values the numbers of a command may lie, and where a method has others.

import { ARGUMENT_BOUNDS, type ArgumentBounds, type Bounds } from '../domain/catalogue/argument-bounds.js';
import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { renderMethodLines } from './render-method-lines.js';

export function renderBoundsTable(catalogue: Catalogue): string {
  return [
    '"""Between which values the numbers of commands may lie, by the path of a number, and by front end and method where one has others.',
    '',
    'Generated from domain/catalogue/argument-bounds.ts and the policies beside it by tools/generate-machines.ts; do not edit.',
    '"""',
    '',
    'from __future__ import annotations',
    '',
    'from typing import NamedTuple',
    '',
    '',
    'class Bounds(NamedTuple):',
    '    min: float',
    '    max: float',
    '    # The least value itself is refused.',
    '    is_above_min: bool = False',
    '',
    '',
    'ARGUMENT_BOUNDS: dict[str, Bounds] = {',
    ...Object.entries(ARGUMENT_BOUNDS).map(([path, bounds]) => `    "${path}": ${toPython(bounds)},`),
    '}',
    '',
    'METHOD_BOUNDS: dict[str, dict[str, dict[str, Bounds]]] = {',
    ...renderMethodLines(catalogue, ({ bounds }) => (bounds === undefined ? undefined : toDict(bounds))),
    '}',
    '',
  ].join('\n');
}

function toDict(bounds: ArgumentBounds): string {
  return `{${Object.entries(bounds)
    .map(([path, each]) => `"${path}": ${toPython(each)}`)
    .join(', ')}}`;
}

function toPython({ min, max, isAboveMin }: Bounds): string {
  return `Bounds(${min}, ${max}${isAboveMin === true ? ', True' : ''})`;
}
