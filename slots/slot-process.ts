// One slot: a process that executes turns of runs, one after the other. When it ends whoever's turn it was is told, and the
// next process takes its place. It counts as ended from the moment in which that is certain, not when its exit is heard of:
// by then the next run would have its turn.

import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker as Thread } from 'node:worker_threads';
import threaded from '@temporalio/worker/lib/workflow/threaded-vm.js';
import { LabError } from '../domain/errors/error.js';
import { findProjectRoot } from '../platform/paths.js';

type Client = InstanceType<typeof threaded.WorkerThreadClient>;
export type SlotInput = Parameters<Client['send']>[0];

export interface SlotLimits {
  /** Processor time that one turn may use. */
  readonly turnMsMax: number;
  /** Of the clock on the wall, for turns that use no processor. */
  readonly silentMsMax: number;
  readonly heapMibMax: number;
  /** Of all memory; buffers are not part of the heap. */
  readonly memoryMibMax: number;
  /** Throws away what the process prints as it dies; V8 says pages of a full heap. */
  readonly isMute?: boolean;
}

export interface SlotOptions {
  readonly limits: SlotLimits;
  /** The first thing that its process is told. */
  readonly init: SlotInput;
  /** `runId` names the run whose turn it was, where it was anybody's. */
  readonly onDeath: (death: { readonly runId: string | undefined; readonly why: string }) => void;
}

export interface Slot {
  /** Names the process: what one held is gone in the next. */
  readonly life: number;
  /** Resolves when it can take turns. */
  ready(): Promise<void>;
  /**
   * Waits for its turn. Rejects where the process of that life has died, before or during the turn. `replace` is for within
   * the turn: it ends the process for what the run did in it, and whoever waits is replayed in the next.
   */
  take<T>(
    turn: { readonly runId: string; readonly life: number },
    work: (client: Client, replace: (why: string) => void) => Promise<T>,
  ): Promise<T>;
  end(): Promise<void>;
}

const ENTRY = path.join(findProjectRoot(), 'slots', 'workflow-slot.cjs');
/** Between a death and the next process, doubled while it dies before it is ready. */
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;

/** What a signal stands for that the slot ends itself by. */
const CAUSES: Readonly<Record<string, string>> = {
  SIGXCPU: 'it used too much processor time in one turn',
  SIGUSR2: 'it used too much memory',
  // The turn in which it runs full may be of a run that has taken little of it: see STRIKES_MAX.
  SIGABRT: 'its heap was full, or V8 gave up',
  'code 1': 'Temporal broke off an entry into its code that took too long, or its code failed beyond repair',
  SIGKILL: 'it gave no answer any more, or was killed from outside',
};
/** What the slot ends itself by between turns; nobody did it. */
const AT_REST = 'SIGTERM';

export async function createSlot({ limits, init, onDeath }: SlotOptions): Promise<Slot> {
  let life = 1;
  let delayMs = FIRST_DELAY_MS;
  let isEnding = false;
  let runId: string | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let child: SlotProcess;
  let client: Client;
  let ready: Promise<void>;

  const open = (): Promise<void> => {
    const opened = new SlotProcess(limits);
    const openedIn = life;
    child = opened;
    client = new threaded.WorkerThreadClient(opened as unknown as Thread, SILENT);
    const started = client.send(init).then(() => {
      delayMs = FIRST_DELAY_MS;
    });
    ready = started;
    ready.catch(() => undefined);
    opened.on('exit', (how: string) => {
      lose(openedIn, { runId: how === AT_REST ? undefined : runId, why: CAUSES[how] ?? `it ended with ${how}` });
    });
    return started;
  };
  /** The process of that life is gone, or as good as. */
  const lose = (lost: number, death: { readonly runId: string | undefined; readonly why: string }): void => {
    if (isEnding || lost !== life) return;
    life += 1;
    onDeath(death);
    const pauseMs = delayMs;
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    ready = child
      .terminate()
      .then(() => sleep(pauseMs))
      .then(() => (isEnding ? undefined : open()));
    ready.catch(() => undefined);
  };
  await open();

  return {
    get life() {
      return life;
    },
    ready: () => ready,
    take: (turn, work) => {
      const done = queue.then(async () => {
        let timer: NodeJS.Timeout | undefined;
        const replace = (why: string): void => lose(turn.life, { runId: turn.runId, why });
        try {
          if (turn.life === life) await ready;
          if (turn.life !== life) throw toSlotError('The process that held this run has ended; the run is replayed.');
          runId = turn.runId;
          timer = setTimeout(() => {
            replace('it gave no answer any more');
          }, limits.silentMsMax);
          return await work(client, replace);
        } catch (error) {
          // What is left of Temporal's own errors would end the whole worker.
          throw toSlotError((error as Error).message);
        } finally {
          clearTimeout(timer);
          runId = undefined;
        }
      });
      queue = done.catch(() => undefined);
      return done;
    },
    end: async () => {
      isEnding = true;
      await child.terminate();
    },
  };
}

/** Looks to Temporal's client like a thread. */
class SlotProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  constructor({ turnMsMax, heapMibMax, memoryMibMax, isMute = false }: SlotLimits) {
    super();
    this.#child = fork(ENTRY, [String(turnMsMax), String(memoryMibMax)], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', isMute ? 'ignore' : 'inherit', 'ipc'],
      execArgv: [`--max-old-space-size=${heapMibMax}`],
    });
    this.#gone = new Promise((resolve) => {
      const end = (how: string): void => {
        resolve();
        this.emit('exit', how);
      };
      this.#child.once('exit', (code, signal) => {
        end(signal ?? `code ${code ?? '?'}`);
      });
      this.#child.once('error', (error) => {
        end(error.message);
      });
    });
    this.#child.on('message', (message) => this.emit('message', message));
  }

  postMessage(message: object): void {
    // A process that has just died is told by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async terminate(): Promise<void> {
    this.kill();
    await this.#gone;
  }
}

const ignore = (): void => undefined;
const SILENT = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function toSlotError(message: string): LabError {
  return new LabError('SLOT_ENDED', { message });
}
