// Machines that are not PyLabRobot's: an author gives the methods of the driver with their arguments and policies, and gets
// a typed handle whose commands are treated as those of any other machine.

import { registerPolicies } from '../../domain/catalogue/custom-policies.js';
import { FRONT_ENDS } from '../../domain/catalogue/front-ends.js';
import type { CommandPolicy } from '../../domain/catalogue/policy.js';
import { LabError } from '../../domain/errors/error.js';
import type { AnyMachine, MethodPlan } from './machine-handle.js';

/** One method of a driver: what it is called there, and what the engine must know of it. */
export interface CustomMethod extends Omit<MethodPlan, 'takesBackend'>, CommandPolicy {}

/** One entry for every method of the handle. */
export type CustomMethods<H extends AnyMachine> = Readonly<Record<Exclude<keyof H, keyof AnyMachine>, CustomMethod>>;

type AnyMethods = Readonly<Record<string, CustomMethod>>;

const BUILT_IN: ReadonlySet<string> = new Set(Object.values(FRONT_ENDS));
const PLANS = new Map<string, AnyMethods>();
/** A table is given to every protocol that uses the machine, and is read once. */
const tables = new WeakMap<AnyMethods, Readonly<Record<string, CommandPolicy>>>();

/** Throws PROTOCOL_ERROR for a name of PyLabRobot, and for a second table of the same name. */
export function registerCustomMachine(frontEnd: string, methods: AnyMethods): void {
  if (BUILT_IN.has(frontEnd))
    throw new LabError('PROTOCOL_ERROR', {
      message: `${frontEnd} is a machine of PyLabRobot.`,
      remedy: 'Use its builder, or give your driver another name.',
    });
  const table = tables.get(methods) ?? Object.fromEntries(Object.values(methods).map((method) => [method.command, method]));
  tables.set(methods, table);
  registerPolicies(frontEnd, table);
  PLANS.set(frontEnd, methods);
}

export function findCustomPlans(frontEnd: string): AnyMethods | undefined {
  return PLANS.get(frontEnd);
}
