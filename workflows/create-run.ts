// The `run` of one call: what author code is told and may ask for, bound to the call that it was made for.

import { LabError } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import { toJson } from '../protocols/sdk/codec.js';
import type { Run, RunState } from '../protocols/sdk/run.js';
import { createAsk } from './ask-person.js';
import { createPool, runBranches } from './branches.js';
import type { CallEngine, Engine } from './engine.js';
import { each, every } from './loops.js';
import { drawRandom } from './random.js';
import { findSource } from './result-sources.js';
import { findScope, isLeftOver, type Scope } from './scope.js';
import { openTimeWindow } from './open-time-window.js';
import { sendBlock } from './send-block.js';
import { delay, waitForTurn } from './timing.js';
import { useMachines } from './use-machines.js';

/** A value that travels with the call log; larger ones are results of commands and kept by reference. */
const DATA_LIMIT_BYTES = 64 * 1024;

export function createRun(engine: Engine, call: Scope): Run {
  const { input, gate, callLog } = engine;
  const { runId, user, protocol, version, mode, workcell } = input;
  return Object.freeze<Run>({
    id: runId,
    user,
    protocol,
    version,
    callPath: call.path,
    mode,
    workcell,
    ask: createAsk(engine, call),
    state: createRunState(call),
    data: {
      save: (name, value) => { saveData(engine, call, { name, value }); },
    },
    now: () => gate.now(),
    random: () => drawRandom(engine.seed, call),
    delay: (duration) => delay(engine, call, duration),
    parallel: (branches) => runBranches(engine, call, branches) as Promise<never>,
    each: (items, initial, body) => each(engine, call, { items, initial, body: body as never }) as Promise<never>,
    every: (options, initial, body) => every(engine, call, { ...options, initial, body: body as never, wait: (scope, clock) => waitForTurn(engine, scope, clock) }) as Promise<never>,
    use: (machines, section) => useMachines(engine, call, { machines, section }),
    pool: createPool,
    block: (name, note) => sendBlock(engine, call, { name, note }),
    timeWindow: (name, options) => openTimeWindow(engine, call, { name, ...options }),
    notify: (title, text) => { callLog.add({ phase: 'note', path: call.path, atMs: gate.now(), note: { title, text } }); },
    onCleanup: (name, run, options = {}) => {
      const scope = findScope(call);
      const cleanup = { name, run, when: options.when ?? 'failed' };
      scope.cleanups.push(cleanup);
      return {
        dispose: () => {
          // A branch that has ended has handed its cleanups to the call.
          for (const each of [scope, call]) each.cleanups = each.cleanups.filter((one) => one !== cleanup);
        },
      };
    },
  });
}

/** The state of the part of the call that is running. */
export function createRunState(call: Scope): RunState {
  const own = (): RunState => findScope(call).state;
  return Object.freeze<RunState>({
    get: (key) => own().get(key),
    set: (key, value) => { own().set(key, value); },
    delete: (key) => { own().delete(key); },
    add: (key, amount) => { own().add(key, amount); },
    append: (key, value) => { own().append(key, value); },
    max: (key, value) => { own().max(key, value); },
    all: () => own().all(),
  });
}

export function saveData({ callLog, gate }: CallEngine, call: Scope, { name, value }: { name: string; value: Json }): void {
  if (isLeftOver(findScope(call))) return;
  if (name.trim() === '' || name.length > 200) throw new LabError('BAD_ARGUMENTS', { message: 'Data needs a name of 1 to 200 characters.' });
  const commandId = findSource(value);
  const kept = commandId === undefined ? { value: toJson(value, `the data '${name}'`) } : { commandId };
  if ('value' in kept && JSON.stringify(kept.value).length > DATA_LIMIT_BYTES) {
    throw new LabError('BAD_ARGUMENTS', {
      message: `The data '${name}' has more than ${DATA_LIMIT_BYTES} bytes.`,
      remedy: 'Save results of commands as they came, or smaller parts.',
    });
  }
  callLog.add({ phase: 'data', path: call.path, atMs: gate.now(), data: { name, ...kept } });
}
