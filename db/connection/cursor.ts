// Cursors of pages: opaque to clients, the key of the last item inside.

import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import type { Page } from '../../domain/json/page.js';

export type CursorKey = readonly (string | number)[];

/** Throws INVALID_REQUEST for text that no page of this list gave out. */
export function parseCursor(cursor: string | undefined, parts: readonly ('string' | 'number')[]): CursorKey | undefined {
  if (cursor === undefined) return undefined;
  const key = readKey(cursor);
  if (key?.length === parts.length && parts.every((type, i) => typeof key[i] === type)) return key as CursorKey;
  throw new LabError('INVALID_REQUEST', {
    message: 'The cursor is not one that this list gave out.',
    field: 'cursor',
    remedy: 'Take nextCursor of the page before, or leave the cursor out.',
  });
}

/** Makes a page of rows that were read with `limit + 1`. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  options: { limit: number; toItem: (row: Row) => Item; toKey: (row: Row) => CursorKey },
): Page<Item> {
  const shown = rows.slice(0, options.limit);
  const last = shown.at(-1);
  const items = shown.map((row) => options.toItem(row));
  if (rows.length <= options.limit || last === undefined) return { items };
  return { items, nextCursor: Buffer.from(JSON.stringify(options.toKey(last))).toString('base64url') };
}

function readKey(cursor: string): readonly Json[] | undefined {
  try {
    const value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Json;
    return Array.isArray(value) ? value : undefined;
  } catch {
    // Not JSON: the caller turns every wrong cursor into the same clear error.
    return undefined;
  }
}
