// Where in author code something was asked for: the stack is taken when it is asked for, and read only where it is told.

import type { LabError } from '../../domain/errors/error.js';

/** The engine stands between an operation and the author's line with few calls. */
const FRAMES_MAX = 6;
const FRAME = /^\s+at .*?([^\s()]+):(\d+):(\d+)\)?$/gmu;
/** Files of the engine, of the SDK and of Temporal, as stacks of bundles name them. */
const ENGINE_FILE = /(?:^|\/)(?:workflows|domain|slots|protocols\/sdk|node_modules\/@temporalio)\/|^node:|<anonymous>/u;
/** Whatever folders authors have: theirs are not the engine's. */
const AUTHORS_FILE = /^protocols\/source-\d+\//u;
/** A bundle itself, where nobody has read the stack back into sources. */
const BUNDLE_FILE = /\.[\da-f]{8}\.js$/u;

export interface Place {
  readonly stack?: string;
}

/** The calls that lead to here, without the function given and what it calls. Nothing of it is written out yet. */
export function notePlace(below: (...given: never[]) => unknown): Place {
  const place: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  // In a context that runs share it can't be changed; then the stack has the usual length.
  Reflect.set(Error, 'stackTraceLimit', FRAMES_MAX);
  Error.captureStackTrace(place, below);
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  return place;
}

/** `file:line:column` of the author's code nearest to it; undefined where the stack does not reach it. */
export function findPlace({ stack = '' }: Place): string | undefined {
  for (const [, file = '', line = '', column = ''] of stack.matchAll(FRAME)) {
    if (AUTHORS_FILE.test(file) || (!ENGINE_FILE.test(file) && !BUNDLE_FILE.test(file))) return `${toShownPath(file)}:${line}:${column}`;
  }
  return undefined;
}

/** As the author knows it: below the folder that it was read from, and never where that lies on this machine. */
function toShownPath(file: string): string {
  const below = file.replace(/^.*?(?=protocols\/|test\/fixtures\/|node_modules\/)/u, '').replace(/^protocols\/source-\d+\//u, '');
  return /^(?:\/|\w+:)/u.test(below) ? below.replace(/^.*[\\/]/u, '') : below;
}

/** The error with the stack of the place: whoever tells of it reads the author's line there. */
export function atPlace(error: LabError, { stack }: Place): LabError {
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** What was asked for, and where. */
export function describeGiven({ what, place }: { readonly what: string; readonly place: Place }): string {
  const found = findPlace(place);
  return found === undefined ? what : `${what} (${found})`;
}
