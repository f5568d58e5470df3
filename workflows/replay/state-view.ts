// The run state as one call sees it: its caller's values when it was made, and its own changes. The changes are kept as
// a patch, which reaches the caller when the call ends.

import { countJsonBytes } from '../../domain/values/byte-size.js';
import { LabError } from '../../domain/errors/error.js';
import { isJsonArray, type Json, type JsonObject } from '../../domain/json/json.js';
import { toJson } from '../../protocols/sdk/codec.js';
import type { RunState } from '../../protocols/sdk/run.js';

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

export function createStateView(initial: JsonObject, onChange?: () => void): StateView {
  return new OwnStateView(new Map(Object.entries(initial)), onChange);
}

/** Most calls of very many never look at the state: what they would need is made when they do. */
class OwnStateView implements StateView {
  /** Never changed but replaced: forks read the same. */
  #values: ReadonlyMap<string, Json>;
  #patch: Map<string, StateChange> | undefined;
  #changedAt: Map<string, { moment: number; kind: StateChange['kind'] }> | undefined;
  #moment = 0;
  readonly #onChange: (() => void) | undefined;

  constructor(values: ReadonlyMap<string, Json>, onChange?: () => void) {
    this.#values = values;
    this.#onChange = onChange;
  }

  get(key: string): Json | undefined {
    return this.#values.get(key);
  }

  all(): JsonObject {
    return Object.fromEntries(this.#values);
  }

  set(key: string, value: Json): void {
    this.#change(key, { kind: 'set', value: toJson(value, `the state '${key}'`) });
  }

  delete(key: string): void {
    this.#change(key, { kind: 'delete' });
  }

  add(key: string, amount: number): void {
    this.#change(key, { kind: 'add', value: requireFinite(amount, key) });
  }

  max(key: string, value: number): void {
    this.#change(key, { kind: 'max', value: requireFinite(value, key) });
  }

  append(key: string, value: Json): void {
    this.#change(key, { kind: 'append', value: [toJson(value, `the state '${key}'`)] });
  }

  fork(): StateView {
    return new OwnStateView(this.#values);
  }

  get patch(): StatePatch | undefined {
    return this.#patch === undefined ? undefined : Object.fromEntries(this.#patch);
  }

  get moment(): number {
    return this.#moment;
  }

  merge(given: StatePatch, forkedAt: number): void {
    for (const [key, { kind }] of Object.entries(given)) {
      const own = this.#changedAt?.get(key);
      const isMerging = own?.kind === kind && kind !== 'set' && kind !== 'delete';
      if (own !== undefined && own.moment > forkedAt && !isMerging) {
        throw new LabError('STATE_CONFLICT', { message: `The state '${key}' was changed by a call and by its caller at the same time.` });
      }
    }
    for (const [key, made] of Object.entries(given)) this.#change(key, made);
  }

  #change(key: string, made: StateChange): void {
    const next = apply(this.#values.get(key), made, key);
    const values = new Map(this.#values);
    if (next === undefined) values.delete(key);
    else values.set(key, next);
    if (made.kind !== 'delete' && measure(values) > STATE_LIMIT_BYTES) {
      throw new LabError('STATE_TOO_LARGE', {
        message: `With '${key}' the run state would have ${measure(values)} bytes; the limit is ${STATE_LIMIT_BYTES}.`,
      });
    }
    this.#values = values;
    this.#patch ??= new Map();
    this.#patch.set(key, combine(this.#patch.get(key), made, next));
    this.#moment += 1;
    this.#changedAt ??= new Map();
    this.#changedAt.set(key, { moment: this.#moment, kind: made.kind });
    this.#onChange?.();
  }
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
  return countJsonBytes(Object.fromEntries(values));
}
