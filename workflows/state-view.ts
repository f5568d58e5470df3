// The run state as one call sees it: its caller's values when it was made, and its own changes. The changes are kept as
// a patch, which reaches the caller when the call ends.

import { LabError } from '../domain/error.js';
import { isJsonArray, type Json, type JsonObject } from '../domain/json.js';
import { toJson } from '../protocols/sdk/codec.js';
import type { RunState } from '../protocols/sdk/run.js';

export const STATE_LIMIT_BYTES = 64 * 1024;

/** What was done to a key. Those of the same merging kind add up, whoever did them; `set` and `delete` exclude each other. */
export type StateChange =
  | { readonly kind: 'set'; readonly value: Json }
  | { readonly kind: 'delete' }
  | { readonly kind: 'add' | 'max'; readonly value: number }
  | { readonly kind: 'append'; readonly value: readonly Json[] };

export type StatePatch = Readonly<Record<string, StateChange>>;

export interface StateView extends RunState {
  /** A view for a call made now. */
  fork(): StateView;
  /** What was changed here, calls that have ended included; undefined where nothing was. */
  readonly patch: StatePatch | undefined;
  /** Takes over what a call that was forked off here has changed. Throws STATE_CONFLICT and takes nothing then. */
  merge(patch: StatePatch, forkedAt: number): void;
  /** Counts the changes; the moment of a fork. */
  readonly moment: number;
}

export function createStateView(initial: JsonObject, onChange: () => void = () => undefined): StateView {
  const values = new Map<string, Json>(Object.entries(initial));
  const patch = new Map<string, StateChange>();
  const changedAt = new Map<string, { moment: number; kind: StateChange['kind'] }>();
  let moment = 0;

  const change = (key: string, made: StateChange): void => {
    const next = apply(values.get(key), made, key);
    const before = values.get(key);
    if (next === undefined) values.delete(key);
    else values.set(key, next);
    if (made.kind !== 'delete' && measure(values) > STATE_LIMIT_BYTES) {
      if (before === undefined) values.delete(key);
      else values.set(key, before);
      throw new LabError('STATE_TOO_LARGE', { message: `With '${key}' the run state would be larger than ${STATE_LIMIT_BYTES} bytes.` });
    }
    patch.set(key, combine(patch.get(key), made, next));
    moment += 1;
    changedAt.set(key, { moment, kind: made.kind });
    onChange();
  };

  return {
    get: (key) => values.get(key),
    all: () => Object.fromEntries(values),
    set: (key, value) => { change(key, { kind: 'set', value: toJson(value, `the state '${key}'`) }); },
    delete: (key) => { change(key, { kind: 'delete' }); },
    add: (key, amount) => { change(key, { kind: 'add', value: requireFinite(amount, key) }); },
    max: (key, value) => { change(key, { kind: 'max', value: requireFinite(value, key) }); },
    append: (key, value) => { change(key, { kind: 'append', value: [toJson(value, `the state '${key}'`)] }); },
    fork: () => createStateView(Object.fromEntries(values)),
    get patch() {
      return patch.size === 0 ? undefined : Object.fromEntries(patch);
    },
    merge: (given, forkedAt) => {
      for (const [key, { kind }] of Object.entries(given)) {
        const own = changedAt.get(key);
        const isMerging = own?.kind === kind && kind !== 'set' && kind !== 'delete';
        if (own !== undefined && own.moment > forkedAt && !isMerging) {
          throw new LabError('STATE_CONFLICT', { message: `The state '${key}' was changed by a call and by its caller at the same time.` });
        }
      }
      for (const [key, made] of Object.entries(given)) change(key, made);
    },
    get moment() {
      return moment;
    },
  };
}

function apply(before: Json | undefined, change: StateChange, key: string): Json | undefined {
  switch (change.kind) {
    case 'set':
      return change.value;
    case 'delete':
      return undefined;
    case 'add':
      return requireNumber(before ?? 0, key) + change.value;
    case 'max':
      return before === undefined ? change.value : Math.max(requireNumber(before, key), change.value);
    case 'append':
      return [...requireList(before ?? [], key), ...change.value];
  }
}

/** One change that does what the two did after each other. */
function combine(first: StateChange | undefined, second: StateChange, result: Json | undefined): StateChange {
  if (first === undefined) return second;
  if (first.kind === 'add' && second.kind === 'add') return { kind: 'add', value: first.value + second.value };
  if (first.kind === 'max' && second.kind === 'max') return { kind: 'max', value: Math.max(first.value, second.value) };
  if (first.kind === 'append' && second.kind === 'append') return { kind: 'append', value: [...first.value, ...second.value] };
  return result === undefined ? { kind: 'delete' } : { kind: 'set', value: result };
}

function requireNumber(value: Json, key: string): number {
  if (typeof value === 'number') return value;
  throw new LabError('BAD_ARGUMENTS', { message: `The state '${key}' is no number; add and max need one.` });
}

function requireFinite(value: number, key: string): number {
  if (Number.isFinite(value)) return value;
  throw new LabError('BAD_ARGUMENTS', { message: `The state '${key}' can't take ${value}.` });
}

function requireList(value: Json, key: string): readonly Json[] {
  if (isJsonArray(value)) return value;
  throw new LabError('BAD_ARGUMENTS', { message: `The state '${key}' is no list; append needs one.` });
}

function measure(values: ReadonlyMap<string, Json>): number {
  return JSON.stringify(Object.fromEntries(values)).length;
}
