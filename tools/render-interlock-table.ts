// The bridge's table of interlocks, as Python: what must be true of the known state before a method, and what is known after one.

import { INTERLOCKS, LEARNED, type Interlock } from '../domain/catalogue/interlocks.js';

export function renderInterlockTable(): string {
  return [
    '"""What must be true of the state that is known before a method may begin, and what is known of a machine after one.',
    '',
    'Generated from domain/catalogue/interlocks.ts by tools/generate-machines.ts; do not edit.',
    '"""',
    '',
    'from __future__ import annotations',
    '',
    'from typing import NamedTuple',
    '',
    '',
    'class Interlock(NamedTuple):',
    '    frontend: str',
    '    methods: tuple[str, ...]',
    '    arguments: tuple[str, ...]',
    '    rule: str',
    '    code: str',
    '    message: str',
    '    remedy: str',
    '',
    '',
    'INTERLOCKS: tuple[Interlock, ...] = (',
    ...INTERLOCKS.flatMap(renderRow),
    ')',
    '',
    'LEARNED: dict[str, dict[str, tuple[str, str]]] = {',
    ...Object.entries(LEARNED).flatMap(([frontEnd, methods]) => [
      `    "${frontEnd}": {`,
      ...Object.entries(methods).map(([method, [what, is]]) => `        "${method}": ("${what}", "${is}"),`),
      '    },',
    ]),
    '}',
    '',
  ].join('\n');
}

function renderRow({ frontEnd, methods, arguments: looked, rule, code, message, remedy }: Interlock): readonly string[] {
  return [
    '    Interlock(',
    `        "${frontEnd}",`,
    ...renderTuple(methods),
    ...renderTuple(looked),
    ...[rule, code, message, remedy].map((text) => `        "${text}",`),
    '    ),',
  ];
}

function renderTuple(names: readonly string[]): readonly string[] {
  if (names.length < 2) return [`        (${names.map((name) => `"${name}",`).join('')}),`];
  return ['        (', ...names.map((name) => `            "${name}",`), '        ),'];
}
