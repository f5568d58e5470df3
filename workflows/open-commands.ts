// Commands under way, by machine: two at one machine at the same time are right where author code has said that it works side
// by side (run.parallel, run.begin, Promise.all and its like), and a forgotten await anywhere else.

import { LabError } from '../domain/error.js';
import { atPlace, describeGiven, notePlace, type Place } from './author-place.js';
import type { GivenPromise, Scope } from './scope.js';

interface OpenCommand {
  readonly what: string;
  readonly place: Place;
  readonly scope: Scope;
}

export interface OpenCommands {
  readonly note: (command: { readonly what: string; readonly scope: Scope; readonly machines: readonly string[] }, ended: Promise<unknown>) => void;
  /** Author code is at rest: ends the call in which branches that nobody waits for together command one machine. */
  judge(): void;
}

export function createOpenCommands(current: () => GivenPromise | undefined): OpenCommands {
  const byMachine = new Map<string, Set<OpenCommand>>();
  let fresh: { readonly command: OpenCommand; readonly machine: string }[] = [];

  const note: OpenCommands['note'] = ({ what, scope, machines }, ended) => {
    const asker = current();
    const command = { what: asker?.what ?? what, place: asker?.place ?? notePlace(note), scope };
    for (const machine of new Set(machines)) {
      const open = byMachine.get(machine) ?? new Set();
      byMachine.set(machine, open);
      open.add(command);
      fresh.push({ command, machine });
      const end = (): void => { open.delete(command); };
      ended.then(end, end);
    }
  };
  return {
    note,
    judge: () => {
      const all = fresh;
      fresh = [];
      for (const { command, machine } of all) {
        const open = byMachine.get(machine) ?? new Set();
        for (const other of open) {
          if (other === command || command.scope.isBodyOver || other.scope.isBodyOver) continue;
          const common = findCommon(command.scope, other.scope);
          if (common && countBranches(open, common) > 1 + common.joined) common.breakOff?.(toError(machine, other, command));
        }
      }
    },
  };
}

/** Branches of the scope that command the machine; what run.begin has begun counts for itself. */
function countBranches(open: ReadonlySet<OpenCommand>, common: Scope): number {
  const branches = new Set<unknown>();
  for (const command of open) {
    if (command.scope === common) {
      branches.add(command);
      continue;
    }
    const child = findChild(command.scope, common);
    if (child && child.givenAs?.isBegun !== true) branches.add(child.givenAs ?? child);
  }
  return branches.size;
}

function findCommon(one: Scope, other: Scope): Scope | undefined {
  const callers = new Set<Scope>();
  for (let each: Scope | undefined = one; each; each = each.caller) callers.add(each);
  for (let each: Scope | undefined = other; each; each = each.caller) if (callers.has(each)) return each;
  return undefined;
}

/** The part or call of the scope in which the inner one lies. */
function findChild(inner: Scope, outer: Scope): Scope | undefined {
  for (let each: Scope | undefined = inner; each; each = each.caller) if (each.caller === outer) return each;
  return undefined;
}

function toError(machine: string, first: OpenCommand, second: OpenCommand): LabError {
  const error = new LabError('PROTOCOL_ERROR', {
    message: `${describeGiven(second)} was asked for while ${describeGiven(first)} was under way at ${machine}, in code that nobody awaits.`,
    remedy: 'Await each before the next, or put what is to go on side by side into run.parallel or Promise.all and await that.',
  });
  return atPlace(error, second.place);
}
