// What every machine handle has, and how a handle is made of a table of methods: the author's arguments, with units in
// their names, become PyLabRobot's.

import { VALUE_FIELDS } from '../../domain/catalogue/argument-names.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { give } from './give.js';
import { requireKnown } from './known-options.js';

export interface AnyMachine {
  readonly asset: BoundAsset;
  readonly name: string;
}

/** Sends one command and waits for its end. Defined failures are LabErrors that a protocol may catch. */
export interface SendCommand {
  (method: string, given: JsonObject): Promise<Json>;
  /** Commands are only noted, to be sent together later: nothing waits for one before the next is noted. */
  readonly isNoting?: true;
}

export interface MethodPlan {
  /** PyLabRobot's name. */
  readonly command: string;
  /** Argument as authors write it → PyLabRobot's. `backend` is taken beside them where the plan says so. */
  readonly arguments?: Readonly<Record<string, string>>;
  readonly takesBackend?: true;
  /** `number`: not-a-number travels as text. `readings`: a list of readings, in which gaps become null. */
  readonly result?: 'number' | 'readings';
}

/** One plan for every method of the handle. */
export type MethodPlans<H extends AnyMachine> = Readonly<Record<Exclude<keyof H, keyof AnyMachine>, MethodPlan>>;

/** A frozen handle. Its methods throw BAD_ARGUMENTS for arguments that they do not know, before anything is sent. */
export function createHandle<H extends AnyMachine>(asset: BoundAsset, send: SendCommand, plans: MethodPlans<H>): H {
  const handle: Record<string, unknown> = { asset, name: asset.name };
  for (const [name, plan] of Object.entries<MethodPlan>(plans)) {
    handle[name] = (given?: Readonly<Record<string, unknown>>) => {
      // Before the promise: where commands are only noted, nobody waits for what goes wrong in it.
      const sent = toArguments(name, plan, given ?? {});
      const ask = (): Promise<unknown> => {
        const ended = send(plan.command, sent);
        return plan.result === undefined ? ended : ended.then((result) => toResult(plan, result));
      };
      return send.isNoting ? ask() : give(`${asset.name}.${name}`, ask);
    };
  }
  // The plans have an entry for each method of H, so the handle has each method.
  return Object.freeze(handle) as unknown as H;
}

function toArguments(name: string, plan: MethodPlan, given: Readonly<Record<string, unknown>>): JsonObject {
  const known = plan.arguments ?? {};
  const names = [...Object.keys(known), ...(plan.takesBackend ? ['backend'] : [])];
  requireKnown(given, { of: `${name}()`, as: 'argument', names, originals: Object.values(known) });
  const sent: Record<string, Json> = {};
  for (const [argument, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (argument === 'backend' && plan.takesBackend) Object.assign(sent, toWireFields(value as Readonly<Record<string, unknown>>));
    else sent[known[argument] as string] = toWireValue(value);
  }
  return sent;
}

/** Handles become references by name, fields of value classes get PyLabRobot's names. */
export function toWireValue(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toWireValue);
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json;
  if ('asset' in value) return { $ref: (value as AnyMachine).name };
  return toWireFields(value as Readonly<Record<string, unknown>>, VALUE_FIELDS);
}

function toWireFields(fields: Readonly<Record<string, unknown>>, names: Readonly<Record<string, string>> = {}): JsonObject {
  const sent: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) sent[Object.hasOwn(names, name) ? (names[name] as string) : name] = toWireValue(value);
  }
  return sent;
}

function toResult(plan: MethodPlan, result: Json): unknown {
  if (plan.result === 'number') return typeof result === 'string' ? Number(result) : result;
  return plan.result === 'readings' && hasGaps(result) ? closeGaps(result) : result;
}

const NOT_FINITE: ReadonlySet<Json> = new Set(['NaN', 'Infinity', '-Infinity']);

/** Most readings have none, and are handed on as the very value that came. */
function hasGaps(value: Json): boolean {
  if (isJsonArray(value)) return value.some(hasGaps);
  return isJsonObject(value) ? Object.values(value).some(hasGaps) : NOT_FINITE.has(value);
}

function closeGaps(value: Json): Json {
  if (isJsonArray(value)) return value.map(closeGaps);
  if (!isJsonObject(value)) return NOT_FINITE.has(value) ? null : value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closeGaps(member)]));
}
