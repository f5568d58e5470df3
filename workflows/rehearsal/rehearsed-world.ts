// What author code sees in a rehearsal: the run of one call, with the engine's own scopes, loops and branches, and what the
// rehearsal puts in the place of the world.

import { LabError } from '../../domain/errors/error.js';
import type { Run } from '../../protocols/sdk/run.js';
import type { CallWorld } from '../../protocols/sdk/runtime.js';
import { beginBranch, runBranches } from '../operations/branches.js';
import { createPool } from '../operations/pools.js';
import { addNote, createRunState, giveAll, saveData } from '../operations/create-run.js';
import { each, every } from '../operations/loops.js';
import { drawRandom } from '../replay/random.js';
import { findScope, type Scope } from '../replay/scope.js';
import { rehearseBlock, rehearseCommand } from './rehearse-command.js';
import { createRehearsedAsk } from './rehearse-question.js';
import { rehearseDelay, rehearseSection, rehearseTurn, rehearseWindow } from './rehearse-waits.js';
import type { Stage } from './stage.js';

export function toCallWorld(stage: Stage, call: Scope): CallWorld {
  return {
    run: createRehearsedRun(stage, call),
    sender: (machine) => (method, given) => rehearseCommand(stage, call, { machine, method, given }),
  };
}

/** A calculation has neither machines nor a run. */
export function toCalculationWorld(protocol: string): CallWorld {
  const refuse = (what: string): never => {
    throw new LabError('PROTOCOL_ERROR', {
      message: `${protocol} is executed as a calculation, which has no ${what}.`,
      remedy: `Call it with kind 'inline' or 'child', or hand it what it needs as parameters.`,
    });
  };
  const run = new Proxy({}, { get: (_target, member) => refuse(`run.${String(member)}`) }) as Run;
  return { run, sender: (machine) => refuse(`machine ${machine.name}`) };
}

function createRehearsedRun(stage: Stage, call: Scope): Run {
  const {
    input,
    gate,
    promises: { give },
  } = stage;
  const { runId, user, protocol, version, mode, workcell } = input;
  return Object.freeze<Run>({
    id: runId,
    user,
    protocol,
    version,
    callPath: call.path,
    mode,
    workcell,
    ask: giveAll(stage, 'run.ask', createRehearsedAsk(stage, call)),
    state: createRunState(call),
    data: {
      save: (name, value) => {
        saveData(stage, call, { name, value });
      },
    },
    now: () => gate.now(),
    random: () => drawRandom(runId, call),
    delay: (duration) => give('run.delay', () => rehearseDelay(stage, call, duration)),
    parallel: (branches) => give('run.parallel', () => runBranches(stage, call, branches) as Promise<never>),
    begin: (work) => give('run.begin', () => beginBranch(stage, call, work), { isBegun: true }),
    each: (items, initial, body) => give('run.each', () => each(stage, call, { items, initial, body: body as never }) as Promise<never>),
    every: (options, initial, body) =>
      give(
        'run.every',
        () =>
          every(stage, call, {
            ...options,
            initial,
            body: body as never,
            wait: (scope, clock) => rehearseTurn(stage, scope, clock),
          }) as Promise<never>,
      ),
    use: (machines, section) => give('run.use', () => rehearseSection(stage, call, { machines, section })),
    pool: createPool,
    block: (_name, note) => give('run.block', () => rehearseBlock(stage, call, note)),
    timeWindow: (name, options) => giveAll(stage, 'window', rehearseWindow(stage, name, options)),
    notify: (title, text) => {
      addNote(stage, call, { title, text });
    },
    onCleanup: (name, run, options = {}) => {
      const scope = findScope(call);
      const cleanup = { name, run, when: options.when ?? 'failed' };
      scope.cleanups.push(cleanup);
      return {
        dispose: () => {
          for (const one of [scope, call]) one.cleanups = one.cleanups.filter((kept) => kept !== cleanup);
        },
      };
    },
  });
}
