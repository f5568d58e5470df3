// What a protocol function sees as its run when it runs in memory: loops, delays, questions and blocks done plainly.

import type { Json, JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { toMilliseconds, type Duration } from '../../domain/json/duration.js';
import { createAskWith } from '../../protocols/sdk/ask.js';
import { createMachineHandle } from '../../protocols/sdk/machines.js';
import type { SendCommand } from '../../protocols/sdk/machine-handle.js';
import type { Ask, CleanupOptions, Run, RunState, TimeWindow } from '../../protocols/sdk/run.js';
import type { MemoryWorld } from './memory-world.js';

interface Cleanup {
  readonly work: () => Promise<void>;
  readonly when: 'failed' | 'always';
}

export interface MemoryRun {
  readonly run: Run;
  readonly sender: (machine: BoundAsset) => SendCommand;
  /** Last in first out; the first cleanup that fails is thrown after the others have run. */
  readonly cleanUp: (ended: 'completed' | 'failed') => Promise<void>;
}

export function createMemoryRun(world: MemoryWorld, callPath: string): MemoryRun {
  const cleanups = new Set<Cleanup>();
  let commands = 0;
  const sender =
    (machine: BoundAsset): SendCommand =>
    (method, given) =>
      world.send({ callPath, n: ++commands, machine: machine.name, method, given });
  const { clock, options, protocol, record } = world;
  const run: Run = {
    id: options.runId,
    user: 'test',
    protocol: protocol.name,
    version: protocol.version,
    callPath,
    mode: 'simulation',
    workcell: 'star',
    ask: createAsk(world),
    state: createState(),
    data: {
      save: (name, value) => {
        record.data.push({ name, value });
      },
    },
    now: () => clock.nowMs,
    random: () => 0.5,
    delay: (duration) => {
      clock.nowMs += toMilliseconds(duration);
      return Promise.resolve();
    },
    parallel: (branches) => Promise.all(branches.map((branch) => branch())) as never,
    begin: (work) => work(),
    // The types of acc matter to authors; here it is carried from turn to turn as it is.
    each: (items, initial, body) =>
      repeat(items.length, initial, (acc, index) => body(acc as never, items[index] as never, index)) as never,
    every: ({ interval, count }, initial, body) => {
      const beganAtMs = clock.nowMs;
      const turn = (acc: Json, index: number): Promise<Json> => {
        clock.nowMs = beganAtMs + index * toMilliseconds(interval);
        return body(acc as never, { index, dueAtMs: clock.nowMs, missed: 0 });
      };
      return repeat(count, initial, turn) as never;
    },
    use: (_machines, section) => section(),
    pool: (members) => ({ use: (work) => work(members[0] as (typeof members)[number]) }),
    block: (_name, note) => sendBlock(note, sender),
    timeWindow: (name, { max }) => openTimeWindow(world, name, max),
    notify: (title) => {
      record.notes.push(title);
    },
    onCleanup: (_name, work, { when = 'failed' }: CleanupOptions = {}) => {
      const cleanup = { work, when };
      cleanups.add(cleanup);
      return {
        dispose: () => {
          cleanups.delete(cleanup);
        },
      };
    },
  };
  return { run: Object.freeze(run), sender, cleanUp: (ended) => cleanUp([...cleanups].reverse(), ended) };
}

async function repeat(count: number, initial: Json, turn: (acc: Json, index: number) => Promise<Json>): Promise<Json> {
  let acc = initial;
  for (let index = 0; index < count; index++) acc = await turn(acc, index);
  return acc;
}

async function cleanUp(cleanups: readonly Cleanup[], ended: 'completed' | 'failed'): Promise<void> {
  const failures: unknown[] = [];
  for (const { work, when } of cleanups) {
    if (ended === 'completed' && when === 'failed') continue;
    await work().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

async function sendBlock(note: Parameters<Run['block']>[1], sender: (machine: BoundAsset) => SendCommand): Promise<readonly Json[]> {
  const noted: { readonly asset: BoundAsset; readonly method: string; readonly given: JsonObject }[] = [];
  const noteOn = (asset: BoundAsset): SendCommand =>
    Object.assign(
      (method: string, given: JsonObject): Promise<Json> => {
        noted.push({ asset, method, given });
        return Promise.resolve(null);
      },
      { isNoting: true as const },
    );
  note({ on: (machine) => createMachineHandle(machine.asset, noteOn(machine.asset)) as never });
  const results: Json[] = [];
  const senders = new Map(noted.map(({ asset }) => [asset.name, sender(asset)]));
  for (const { asset, method, given } of noted) results.push((await senders.get(asset.name)?.(method, given)) ?? null);
  return results;
}

/** What a person did with their hands is told to the bridge. */
function createAsk(world: MemoryWorld): Ask {
  let placements = 0;
  return createAskWith(async (question) => {
    const answer = world.answer(question);
    const { kind, labware = [], to } = question;
    const { client, runId } = world.options;
    const requestId = `${runId}/hands/${++placements}`;
    if (answer === true && kind === 'refill') await client.request('labware.replace', { requestId, runId, labware, fence: 1 });
    if (answer === true && kind === 'manual-move' && to) {
      for (const name of labware)
        await client.request('labware.place', { requestId, labware: name, location: to, fence: 1, by: 'test', note: '' });
    }
    return answer;
  }, 1);
}

/** Nobody is there to decide: a window that breaks is noted, and the run goes on. */
function openTimeWindow({ clock, record }: MemoryWorld, name: string, max: Duration): TimeWindow {
  const beganAtMs = clock.nowMs;
  return {
    end: () => {
      const tookMs = clock.nowMs - beganAtMs;
      const isBroken = tookMs >= toMilliseconds(max);
      if (isBroken) record.brokenWindows.push(name);
      return Promise.resolve({ tookMs, isBroken });
    },
  };
}

function createState(): RunState {
  const values = new Map<string, Json>();
  const readNumber = (key: string): number => Number(values.get(key) ?? 0);
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      values.set(key, value);
    },
    delete: (key) => {
      values.delete(key);
    },
    add: (key, amount) => {
      values.set(key, readNumber(key) + amount);
    },
    append: (key, value) => {
      values.set(key, [...((values.get(key) as readonly Json[] | undefined) ?? []), value]);
    },
    max: (key, value) => {
      values.set(key, Math.max(readNumber(key), value));
    },
    all: () => Object.fromEntries(values),
  };
}
