// Loops of any length: a finished iteration is remembered by what it returned, so that the ledger does not grow.

import { LabError } from '../../domain/errors/error.js';
import { isJsonObject, type Json } from '../../domain/json/json.js';
import { toCallValue } from '../../protocols/sdk/codec.js';
import type { EveryOptions, Tick } from '../../protocols/sdk/run.js';
import type { CallEngine } from '../execution/engine.js';
import { isAbandonment, openPart } from '../calls/run-scope.js';
import { createScope, findScope, isLeftOver, listPrefixes, markOperated, waitForEver, type Scope } from '../replay/scope.js';
import { createStateView } from '../replay/state-view.js';
import { toMs, type Turn, type TurnClock } from './delay.js';

/** A loop is what it is called; what its iterations did is in their results. */
const LOOP = 'loop';

interface Loop {
  readonly engine: CallEngine;
  /** Where the loop stands. */
  readonly scope: Scope;
  readonly id: string;
  /** `<path>[<k>.`: what the iterations' paths begin with. */
  readonly stem: string;
}

/** What is carried from one iteration to the next. */
interface Progress {
  /** The next iteration. */
  readonly index: number;
  readonly acc: Json;
  /** Clocked loops only. */
  readonly startMs?: number;
}

export type WaitForTurn = (scope: Scope, clock: TurnClock) => Promise<Turn>;

function openLoop(engine: CallEngine, call: Scope): Loop | undefined {
  const scope = findScope(call);
  if (isLeftOver(scope)) return undefined;
  const counted = scope.operations.get('e') ?? 0;
  // A loop of pure computation leaves no trace, so it is only counted here.
  scope.operations.set('e', counted + 1);
  return { engine, scope, id: `${scope.path}#e${counted + 1}`, stem: `${scope.path}[${counted + 1}.` };
}

export async function each<Item, Acc extends Json>(
  engine: CallEngine,
  call: Scope,
  loop: { items: readonly Item[]; initial: Acc; body: (acc: Acc, item: Item, index: number) => Promise<Acc> },
): Promise<Acc> {
  const opened = openLoop(engine, call);
  if (!opened) return waitForEver();
  const { items, body } = loop;
  const next = async (progress: Progress): Promise<Progress | undefined> => {
    if (progress.index >= items.length) return undefined;
    const acc = await body(progress.acc as Acc, items[progress.index] as Item, progress.index);
    return { index: progress.index + 1, acc };
  };
  return (await runLoop(opened, { index: 0, acc: toCallValue(loop.initial, 'the start of run.each') }, next)) as Acc;
}

export async function every<Acc extends Json>(
  engine: CallEngine,
  call: Scope,
  loop: EveryOptions & { initial: Acc; body: (acc: Acc, tick: Tick) => Promise<Acc>; wait: WaitForTurn },
): Promise<Acc> {
  const intervalMs = toMs(loop.interval, 'run.every') / (engine.input.timeScale ?? 1);
  const { count } = loop;
  if (!(intervalMs > 0)) throw new LabError('BAD_ARGUMENTS', { message: 'run.every wants an interval above 0.' });
  if (!Number.isSafeInteger(count) || count < 0)
    throw new LabError('BAD_ARGUMENTS', { message: `run.every wants a count of 0 or more, not ${count}.` });
  const opened = openLoop(engine, call);
  if (!opened) return waitForEver();
  const startMs = engine.gate.now();
  const next = async (progress: Progress, scope: Scope): Promise<Progress | undefined> => {
    if (progress.index >= count) return undefined;
    const turn = await loop.wait(scope, { startMs: progress.startMs ?? startMs, intervalMs, index: progress.index });
    if (turn.index >= count) {
      tellMissedEnd(engine, opened.scope, { missed: count - progress.index, count });
      return { ...progress, index: turn.index };
    }
    const acc = await loop.body(progress.acc as Acc, { index: turn.index, dueAtMs: turn.dueAtMs, missed: turn.index - progress.index });
    return { ...progress, index: turn.index + 1, acc };
  };
  return (await runLoop(opened, { index: 0, acc: toCallValue(loop.initial, 'the start of run.every'), startMs }, next)) as Acc;
}

/** No later turn is there that would be told of them. */
function tellMissedEnd({ callLog, gate }: CallEngine, { call }: Scope, { missed, count }: { missed: number; count: number }): void {
  const note = {
    title: 'Turns of a clock were missed',
    text: `run.every in ${call.path} left out the last ${missed} of its ${count} turns: they fell into a pause, or the turn before them took too long.`,
  };
  callLog.add({ phase: 'note', path: call.path, atMs: gate.now(), note });
}

/** One iteration after the other until `next` has none. */
async function runLoop(
  loop: Loop,
  initial: Progress,
  next: (progress: Progress, scope: Scope) => Promise<Progress | undefined>,
): Promise<Json> {
  const { engine, scope, id, stem } = loop;
  const { gate } = engine;
  const sinceSeq = gate.seq;
  /** All that the iterations so far have changed, for the one entry that stands for them. */
  const changes = createStateView(scope.state.all());
  const takeOver = (patch: NonNullable<typeof changes.patch>): void => {
    const moment = scope.state.moment;
    scope.state.merge(patch, moment);
  };
  let progress = initial;
  if (gate.willHear(id)) {
    markOperated(scope);
    const { ok, patch } = await gate.hear(id, LOOP);
    progress = readProgress(ok, initial);
    if (patch) {
      changes.merge(patch, changes.moment);
      takeOver(patch);
    }
  }
  for (;;) {
    // The call may have ended between two iterations; a new one would not be told.
    if (isLeftOver(scope)) return waitForEver();
    const iteration = createScope({
      path: `${stem}${progress.index + 1}]`,
      caller: scope,
      isPart: true,
      state: scope.state.fork(),
      sinceSeq,
    });
    const before = progress;
    const done = await openPart(engine, iteration, () => next(before, iteration)).ended.catch((error: unknown) => {
      // The call has ended without the loop, whose code hears nothing more.
      if (isAbandonment(error)) return waitForEver<undefined>();
      throw error;
    });
    if (!done) return progress.acc;
    progress = { ...done, acc: toCallValue(done.acc, 'what an iteration returned') };
    const patch = iteration.state.patch;
    if (patch) changes.merge(patch, changes.moment);
    if (iteration.hasOperated) {
      await gate.conclude({ id, ok: { ...progress }, patch: changes.patch, prefixes: listPrefixes(iteration.path), sinceSeq, what: LOOP });
    }
    if (patch) takeOver(patch);
  }
}

function readProgress(ok: Json, initial: Progress): Progress {
  if (!isJsonObject(ok) || typeof ok['index'] !== 'number') return initial;
  return { index: ok['index'], acc: ok['acc'] ?? null, ...(typeof ok['startMs'] === 'number' && { startMs: ok['startMs'] }) };
}
