// Commands under way, by machine: two at one machine at the same time are right where author code has said that it works side
// by side (run.parallel, run.begin, Promise.all and its like), and a forgotten await anywhere else.

import { LabError } from '../../domain/errors/error.js';
import { atPlace, describeGiven, notePlace, type Place } from './author-place.js';
import type { GivenPromise, Scope } from './scope.js';

interface OpenCommand {
  readonly what: string;
  readonly place: Place;
  readonly scope: Scope;
}

export interface OpenCommands {
  readonly note: (
    command: { readonly what: string; readonly scope: Scope; readonly machines: readonly string[] },
    ended: Promise<unknown>,
  ) => void;
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
      const end = (): void => {
        open.delete(command);
      };
      ended.then(end, end);
    }
  };
  return {
    note,
    judge: () => {
      const all = fresh;
      fresh = [];
      const crowdedAt = new Map<string, Set<Scope>>();
      for (const { command, machine } of all) {
        const open = byMachine.get(machine) ?? new Set();
        const crowded = crowdedAt.get(machine) ?? findCrowded(open);
        crowdedAt.set(machine, crowded);
        if (crowded.size > 0) breakOffBeside(command, { machine, open, crowded });
      }
    },
  };
}

/** Ends each crowded call that the command has in common with another one; the first two that are found name it. */
function breakOffBeside(
  command: OpenCommand,
  { machine, open, crowded }: { machine: string; open: ReadonlySet<OpenCommand>; crowded: Set<Scope> },
): void {
  for (const other of open) {
    if (other === command || command.scope.isBodyOver || other.scope.isBodyOver) continue;
    const common = findCommon(command.scope, other.scope);
    if (common && crowded.delete(common)) common.breakOff?.(toError(machine, other, command));
    if (crowded.size === 0) return;
  }
}

/**
 * Scopes in which more branches command the machine than somebody waits for together; what run.begin has begun counts for
 * itself. One look at each command, because thousands may be under way side by side.
 */
function findCrowded(open: ReadonlySet<OpenCommand>): Set<Scope> {
  const branches = new Map<Scope, Set<unknown>>();
  const add = (scope: Scope, branch: unknown): void => {
    const known = branches.get(scope) ?? new Set();
    branches.set(scope, known.add(branch));
  };
  for (const command of open) {
    add(command.scope, command);
    for (let child = command.scope; child.caller; child = child.caller)
      if (child.givenAs?.isBegun !== true) add(child.caller, child.givenAs ?? child);
  }
  return new Set([...branches].flatMap(([scope, { size }]) => (size > 1 + scope.joined ? [scope] : [])));
}

function findCommon(one: Scope, other: Scope): Scope | undefined {
  const callers = new Set<Scope>();
  for (let each: Scope | undefined = one; each; each = each.caller) callers.add(each);
  for (let each: Scope | undefined = other; each; each = each.caller) if (callers.has(each)) return each;
  return undefined;
}

function toError(machine: string, first: OpenCommand, second: OpenCommand): LabError {
  const error = new LabError('PROTOCOL_ERROR', {
    message: `${describeGiven(second)} was asked for while ${describeGiven(first)} was under way at ${machine}, in code that nobody awaits.`,
    remedy: 'Await each before the next, or put what is to go on side by side into run.parallel or Promise.all and await that.',
  });
  return atPlace(error, second.place);
}
