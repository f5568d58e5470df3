// The policy of every machine method, by front end: what getMethodPolicy answers comes from the tables in policies/.

import type { JsonObject } from '../json/json.js';
import { ARGUMENT_BOUNDS, requireInBounds, type ArgumentBounds } from './argument-bounds.js';
import { toArgumentName } from './argument-names.js';
import { findCustomPolicies } from './custom-policies.js';
import { listFrontEnds } from './front-ends.js';
import { CENTRIFUGE_POLICIES, LOADER_POLICIES } from './policies/centrifuging.js';
import { POWDER_DISPENSER_POLICIES, PUMP_ARRAY_POLICIES, PUMP_POLICIES } from './policies/dosing.js';
import { FAN_POLICIES, SHAKER_POLICIES, TEMPERATURE_CONTROLLER_POLICIES } from './policies/heating-and-shaking.js';
import { LIQUID_HANDLER_POLICIES } from './policies/liquid-handling.js';
import { ARM_POLICIES, TILTER_POLICIES } from './policies/moving.js';
import { BARCODE_SCANNER_POLICIES, IMAGER_POLICIES, PLATE_READER_POLICIES, SCALE_POLICIES } from './policies/reading.js';
import { PEELER_POLICIES, SEALER_POLICIES } from './policies/sealing.js';
import { INCUBATOR_POLICIES, INCUBATOR_SHAKER_STACK_POLICIES } from './policies/storing.js';
import { THERMOCYCLER_POLICIES } from './policies/thermocycling.js';
import { isCommandPolicy, toMs, type CommandPolicy, type MethodPolicy, type NotACommand, type PolicyTable } from './policy.js';

/** Front ends that are made of others (a HeaterShaker) have the policies of those. */
const POLICIES: Readonly<Record<string, PolicyTable>> = {
  BarcodeScanner: BARCODE_SCANNER_POLICIES,
  Centrifuge: CENTRIFUGE_POLICIES,
  ExperimentalSCARA: ARM_POLICIES,
  Fan: FAN_POLICIES,
  Imager: IMAGER_POLICIES,
  Incubator: INCUBATOR_POLICIES,
  IncubatorShakerStack: INCUBATOR_SHAKER_STACK_POLICIES,
  LiquidHandler: LIQUID_HANDLER_POLICIES,
  Loader: LOADER_POLICIES,
  Peeler: PEELER_POLICIES,
  PlateReader: PLATE_READER_POLICIES,
  PowderDispenser: POWDER_DISPENSER_POLICIES,
  Pump: PUMP_POLICIES,
  PumpArray: PUMP_ARRAY_POLICIES,
  Scale: SCALE_POLICIES,
  Sealer: SEALER_POLICIES,
  Shaker: SHAKER_POLICIES,
  TemperatureController: TEMPERATURE_CONTROLLER_POLICIES,
  Thermocycler: THERMOCYCLER_POLICIES,
  Tilter: TILTER_POLICIES,
};

/** Of every machine. Both may move axes or lose heat, so they are steps of an operator and never of a protocol. */
const OF_EVERY_MACHINE: PolicyTable = {
  setup: { notACommand: 'Connecting may move axes; it is a step of an operator.' },
  stop: { notACommand: 'Disconnecting may end heating and motion; it is a step of an operator.' },
};

/** For methods without an entry: the most careful class, a generous limit. */
const CAREFUL: MethodPolicy = { retryClass: 'non-idempotent', expectedMs: 10_000, longestMs: 600_000, stopMethod: null };

/** What is known of a method with these arguments; the most careful policy for methods that nobody has judged. */
export function getMethodPolicy(frontEnd: string, method: string, given: JsonObject = {}): MethodPolicy {
  const entry = findPolicy(frontEnd, method);
  if (!entry || !isCommandPolicy(entry)) return CAREFUL;
  const { retryClass, expectedMs, longestMs, stopMethod = null } = entry;
  return { retryClass, expectedMs: toMs(expectedMs, given), longestMs: toMs(longestMs, given), stopMethod };
}

/** The entry of the tables; undefined for a method that nobody has judged. */
export function findPolicy(frontEnd: string, method: string): CommandPolicy | NotACommand | undefined {
  for (const name of listFrontEnds(frontEnd)) {
    const table = Object.hasOwn(POLICIES, name) ? POLICIES[name] : findCustomPolicies(name);
    if (table && Object.hasOwn(table, method)) return table[method];
  }
  return Object.hasOwn(OF_EVERY_MACHINE, method) ? OF_EVERY_MACHINE[method] : undefined;
}

/** Whether a method that failed so, with nothing sent, had nothing to do. */
export function hasNothingToDo(frontEnd: string, method: string, code: string): boolean {
  const entry = findPolicy(frontEnd, method);
  return entry !== undefined && isCommandPolicy(entry) && entry.nothingToDo === code;
}

/** Throws BAD_ARGUMENTS for a number that no machine of the kind can take. `given` is in PyLabRobot's words. */
export function requireArgumentsInBounds(frontEnd: string, method: string, given: JsonObject): void {
  const toName = (argument: string): string => (isJudgedHere(frontEnd) ? toArgumentName(frontEnd, method, argument) : argument);
  requireInBounds({ method, toName, tables: listBounds(frontEnd, method) }, given);
}

/** The method's own bounds, and behind them those of every method of PyLabRobot. */
export function listBounds(frontEnd: string, method: string): readonly ArgumentBounds[] {
  const entry = findPolicy(frontEnd, method);
  const own = entry && isCommandPolicy(entry) ? (entry.bounds ?? {}) : {};
  return isJudgedHere(frontEnd) ? [own, ARGUMENT_BOUNDS] : [own];
}

/** Whether it is PyLabRobot's. */
function isJudgedHere(frontEnd: string): boolean {
  return listFrontEnds(frontEnd).some((name) => Object.hasOwn(POLICIES, name));
}

/** Front ends with a table of their own and the methods judged there. */
export function listPolicies(): readonly { readonly frontEnd: string; readonly methods: readonly string[] }[] {
  return Object.entries(POLICIES).map(([frontEnd, table]) => ({ frontEnd, methods: Object.keys(table) }));
}
