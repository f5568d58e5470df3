// The `run` of one call: what author code is told and may ask for, bound to the call that it was made for.

import { requireSize } from '../../domain/values/byte-size.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { toJson } from '../../protocols/sdk/codec.js';
import type { CleanupRegistration, Run, RunState } from '../../protocols/sdk/run.js';
import { createAsk } from './ask-person.js';
import { beginBranch, runBranches } from './branches.js';
import { createPool } from './pools.js';
import type { CallEngine, Engine } from '../execution/engine.js';
import { each, every } from './loops.js';
import { drawRandom } from '../replay/random.js';
import { findSource } from '../replay/find-provenance.js';
import { findScope, isLeftOver, type Cleanup, type Scope } from '../replay/scope.js';
import { openTimeWindow } from './open-time-window.js';
import { sendBlock } from '../command/send-block.js';
import { countRequest } from '../replay/steps.js';
import { delay, waitForTurn } from './delay.js';
import { useMachines } from './use-machines.js';

/** A value that travels with the call log; larger ones are results of commands and kept by reference. */
const DATA_LIMIT_BYTES = 64 * 1024;
const NOTE_TITLE_LIMIT_BYTES = 1024;
const NOTE_TEXT_LIMIT_BYTES = 16 * 1024;
const NOTE_REMEDY = 'Say it in a few words; keep what is long with run.data.save.';

export function createRun(engine: Engine, call: Scope): Run {
  return new RunOfCall(engine, call);
}

/** Of very many calls most use nothing of it: each part is made when it is asked for, and may be taken out of it. */
class RunOfCall implements Run {
  readonly #engine: Engine;
  readonly #call: Scope;

  constructor(engine: Engine, call: Scope) {
    this.#engine = engine;
    this.#call = call;
  }

  #give<T>(what: string, ask: () => Promise<T>): Promise<T> {
    return this.#engine.promises.give(what, ask);
  }

  get id(): string {
    return this.#engine.input.runId;
  }

  get user(): string {
    return this.#engine.input.user;
  }

  get protocol(): string {
    return this.#engine.input.protocol;
  }

  get version(): string {
    return this.#engine.input.version;
  }

  get callPath(): string {
    return this.#call.path;
  }

  get mode(): Run['mode'] {
    return this.#engine.input.mode;
  }

  get workcell(): string {
    return this.#engine.input.workcell;
  }

  get ask(): Run['ask'] {
    return giveAll(this.#engine, 'run.ask', createAsk(this.#engine, this.#call));
  }

  get state(): RunState {
    return createRunState(this.#call);
  }

  get data(): Run['data'] {
    return {
      save: (name, value) => {
        saveData(this.#engine, this.#call, { name, value });
      },
    };
  }

  get now(): Run['now'] {
    return () => this.#engine.gate.now();
  }

  get random(): Run['random'] {
    return () => drawRandom(this.#engine.seed, this.#call);
  }

  get delay(): Run['delay'] {
    return (duration) => this.#give('run.delay', () => delay(this.#engine, this.#call, duration));
  }

  get parallel(): Run['parallel'] {
    return (branches) => this.#give('run.parallel', () => runBranches(this.#engine, this.#call, branches) as Promise<never>);
  }

  get begin(): Run['begin'] {
    return (work) => this.#engine.promises.give('run.begin', () => beginBranch(this.#engine, this.#call, work), { isBegun: true });
  }

  get each(): Run['each'] {
    return (items, initial, body) =>
      this.#give('run.each', () => each(this.#engine, this.#call, { items, initial, body: body as never }) as Promise<never>);
  }

  get every(): Run['every'] {
    const wait = (scope: Scope, clock: Parameters<typeof waitForTurn>[2]) => waitForTurn(this.#engine, scope, clock);
    return (options, initial, body) =>
      this.#give('run.every', () => every(this.#engine, this.#call, { ...options, initial, body: body as never, wait }) as Promise<never>);
  }

  get use(): Run['use'] {
    return (machines, section) => this.#give('run.use', () => useMachines(this.#engine, this.#call, { machines, section }));
  }

  get pool(): Run['pool'] {
    return createPool;
  }

  get block(): Run['block'] {
    return (name, note) => this.#give('run.block', () => sendBlock(this.#engine, this.#call, { name, note }));
  }

  get timeWindow(): Run['timeWindow'] {
    return (name, options) => giveAll(this.#engine, 'window', openTimeWindow(this.#engine, this.#call, { name, ...options }));
  }

  get notify(): Run['notify'] {
    return (title, text) => {
      addNote(this.#engine, this.#call, { title, text });
    };
  }

  get onCleanup(): Run['onCleanup'] {
    return (name, run, options = {}) => registerCleanup(this.#call, { name, run, when: options.when ?? 'failed' });
  }
}

/** The same functions, whose promises are looked after as those of the run. */
export function giveAll<T extends object>({ promises }: Pick<CallEngine, 'promises'>, name: string, functions: T): T {
  const given = Object.entries(functions).map(([member, ask]) => {
    const asked = ask as (...args: unknown[]) => Promise<unknown>;
    return [member, (...args: unknown[]) => promises.give(`${name}.${member}`, () => asked(...args))];
  });
  return Object.freeze(Object.fromEntries(given)) as T;
}

function registerCleanup(call: Scope, cleanup: Cleanup): CleanupRegistration {
  const scope = findScope(call);
  scope.cleanups.push(cleanup);
  return {
    dispose: () => {
      // A branch that has ended has handed its cleanups to the call.
      for (const each of [scope, call]) each.cleanups = each.cleanups.filter((one) => one !== cleanup);
    },
  };
}

/** The state of the part of the call that is running. */
export function createRunState(call: Scope): RunState {
  const own = (): RunState => findScope(call).state;
  return Object.freeze<RunState>({
    get: (key) => own().get(key),
    set: (key, value) => {
      own().set(key, value);
    },
    delete: (key) => {
      own().delete(key);
    },
    add: (key, amount) => {
      own().add(key, amount);
    },
    append: (key, value) => {
      own().append(key, value);
    },
    max: (key, value) => {
      own().max(key, value);
    },
    all: () => own().all(),
  });
}

export function addNote({ callLog, gate }: CallEngine, call: Scope, note: { title: string; text: string }): void {
  countRequest();
  requireSize(note.title, 'the title of a note', { limitBytes: NOTE_TITLE_LIMIT_BYTES, remedy: NOTE_REMEDY });
  requireSize(note.text, 'the text of a note', { limitBytes: NOTE_TEXT_LIMIT_BYTES, remedy: NOTE_REMEDY });
  callLog.add({ phase: 'note', path: call.path, atMs: gate.now(), note });
}

export function saveData({ callLog, gate }: CallEngine, call: Scope, { name, value }: { name: string; value: Json }): void {
  if (isLeftOver(findScope(call))) return;
  countRequest();
  if (name.trim() === '' || name.length > 200)
    throw new LabError('BAD_ARGUMENTS', { message: 'Data needs a name of 1 to 200 characters.' });
  const commandId = findSource(value);
  const kept = commandId === undefined ? { value: toJson(value, `the data '${name}'`) } : { commandId };
  if ('value' in kept)
    requireSize(kept.value, `the data '${name}'`, {
      limitBytes: DATA_LIMIT_BYTES,
      remedy: 'Save results of commands as they came, or smaller parts.',
    });
  callLog.add({ phase: 'data', path: call.path, atMs: gate.now(), data: { name, ...kept } });
}
