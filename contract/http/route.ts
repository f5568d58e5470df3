// What a route is, as data: method, path, what goes in, what comes out.

import { z } from 'zod';
import type { Json } from '../words/json.js';
import type { Role } from '../words/people.js';

/** What requests are counted in: each user has one of each, and reads are not limited. */
export type Bucket = 'read' | 'write' | 'control';

export interface RouteContract {
  readonly method: 'get' | 'post';
  /** Below the prefix, with `{name}` for path parameters. */
  readonly path: string;
  readonly summary: string;
  readonly needs: Role;
  /** `control`: by it people take hold of what runs, and a flood of other requests does not keep it out. */
  readonly bucket: Bucket;
  readonly group: string;
  readonly params?: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** Left out: what the API takes of most routes. */
  readonly bodyLimitBytes?: number;
  /** The body may also be a form with parts: `protocol`, `parameters.<name>`, `assets.<name>`, where a part may be a file. */
  readonly takesFiles?: true;
  /** Of a stream: what each of its messages holds. */
  readonly response: z.ZodType;
  /** Success statuses and what each means. */
  readonly statuses: Readonly<Record<number, string>>;
  /** Of a `post` by which a run begins: refused while the disk of the lab is nearly full. */
  readonly startsRun?: true;
  /** The answer is a stream of server-sent events that stays open. */
  readonly isStream?: true;
}

type PageSchema<T extends z.ZodType> = z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodOptional<z.ZodString> }>;

export function pageOf<T extends z.ZodType>(item: T): PageSchema<T> {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() });
}

/** What readers get of a schema: nothing of it is theirs to change, and what is left out is absent. */
export type Told<S extends z.ZodType> = ReadonlyDeep<z.output<S>>;

export type ReadonlyDeep<T> = [Json] extends [T]
  ? T
  : T extends readonly (infer E)[]
    ? readonly ReadonlyDeep<E>[]
    : T extends object
      ? { readonly [K in keyof T]: ReadonlyDeep<Exclude<T[K], undefined>> }
      : T;
