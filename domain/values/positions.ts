// Positions of labware by name: 'A1', 'A1:C2', lists of both, expanded once into explicit names.
// Ranges include both ends and run row by row, so that no other layer has to agree on a range notation.

import { LabError } from '../errors/error.js';

const POSITION = /^([A-Z]{1,2})([1-9]\d?)$/u;

/** Rows and columns by number of positions, after the SBS plate formats. */
const SHAPES: Readonly<Record<number, { readonly rows: number; readonly columns: number }>> = {
  1: { rows: 1, columns: 1 },
  6: { rows: 2, columns: 3 },
  12: { rows: 3, columns: 4 },
  24: { rows: 4, columns: 6 },
  48: { rows: 6, columns: 8 },
  96: { rows: 8, columns: 12 },
  384: { rows: 16, columns: 24 },
  1536: { rows: 32, columns: 48 },
};

/**
 * Expands `'A1'`, `'A1:H1'`, `'A1,C3'` into names in the order given, ranges row by row.
 * Throws BAD_ARGUMENTS for text that is no position. Whether the labware has the position is the
 * bridge's question where `positions` is left out, ours (LABWARE_NOT_FOUND) where it is given.
 */
export function expandPositions(text: string, positions?: number, labware = 'the labware'): readonly string[] {
  const names = text.split(',').flatMap((part) => expandRange(part.trim()));
  const shape = positions === undefined ? undefined : SHAPES[positions];
  if (shape) for (const name of names) requireInside(name, shape, labware);
  return names;
}

function expandRange(part: string): readonly string[] {
  const [first, last, ...rest] = part.split(':');
  if (rest.length > 0 || first === undefined) throw notAPosition(part);
  const from = parsePosition(first);
  if (last === undefined) return [toName(from)];
  const to = parsePosition(last);
  const names: string[] = [];
  for (let row = Math.min(from.row, to.row); row <= Math.max(from.row, to.row); row++) {
    for (let column = Math.min(from.column, to.column); column <= Math.max(from.column, to.column); column++) {
      names.push(toName({ row, column }));
    }
  }
  return names;
}

/** Row and column from 0. */
function parsePosition(text: string): { row: number; column: number } {
  const match = POSITION.exec(text.trim());
  const letters = match?.[1];
  if (!match || letters === undefined) throw notAPosition(text);
  let row = 0;
  for (const letter of letters) row = row * 26 + (letter.charCodeAt(0) - 64);
  return { row: row - 1, column: Number(match[2]) - 1 };
}

/** Rows run from A to Z, then from AA to ZZ. */
function toName({ row, column }: { row: number; column: number }): string {
  let letters = '';
  for (let rest = row; rest >= 0; rest = Math.floor(rest / 26) - 1) letters = String.fromCharCode(65 + (rest % 26)) + letters;
  return `${letters}${column + 1}`;
}

function requireInside(name: string, shape: { rows: number; columns: number }, labware: string): void {
  const { row, column } = parsePosition(name);
  if (row < shape.rows && column < shape.columns) return;
  throw new LabError('LABWARE_NOT_FOUND', {
    message: `There is no position ${name} on ${labware}, which has ${shape.rows} rows and ${shape.columns} columns${column < shape.columns ? '' : `: no column ${column + 1}`}.`,
  });
}

function notAPosition(text: string): LabError {
  const meant = guessPositions(text.toUpperCase());
  const example = meant === undefined ? 'write for example A1, A1:H1 or A1,C3' : `perhaps ${meant} is meant`;
  return new LabError('BAD_ARGUMENTS', { message: `'${text}' is no position; ${example}.` });
}

/** What people write for positions and ranges elsewhere: `1A`, `A01`, `A1-H1`, `A1;B1`. */
function guessPositions(text: string): string | undefined {
  const turned = text.replaceAll(/\b(\d{1,2})([A-Z]{1,2})\b/gu, '$2$1').replaceAll(/([A-Z])0+(?=[1-9])/gu, '$1');
  const meant = turned.replace(/^(\w+)\s*(?:\p{Pd}|\.{2,3}|…|TO|BIS)\s*(\w+)$/u, '$1:$2').replaceAll(/\s*[;\s/]\s*/gu, ',');
  const isGood = meant.split(/[,:]/u).every((name) => POSITION.test(name));
  return isGood ? meant : undefined;
}
