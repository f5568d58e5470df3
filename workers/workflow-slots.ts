// Where workflow code is executed: in slots, processes of their own that stand in the place of Temporal's threads. A slot
// does one turn at a time, so that whose turn it was when it died is known. A dead slot is replaced, and the runs that it
// held are replayed there. A run that ended a slot has a strike and executes alone from then on; one that did it again is
// not executed any more.

import { totalmem } from 'node:os';
import threaded from '@temporalio/worker/lib/workflow/threaded-vm.js';
import type { Workflow, WorkflowCreateOptions, WorkflowCreator } from '@temporalio/worker/lib/workflow/interface.js';
import { LabError } from '../domain/error.js';
import { createSlot, type Slot, type SlotInput, type SlotLimits } from './slot-process.js';
import { createStrikes, type Strikes } from './strikes.js';

/** Once is taken for chance until it comes again. */
export const STRIKES_MAX = 2;
/** A run whose slot lived through so many turns of it alone was under way by chance when one died. */
const PROVED_AFTER_TURNS = 20;

/** Runs whose tasks fail now; the one longest on the list is forgotten first. */
const FAILING_MAX = 10_000;

const BYTES_PER_MIB = 2 ** 20;
/** A run that is kept between its turns has a context of its own. */
const KEPT_RUN_MIB = 1;
const KEPT_RUNS_SHARE = 0.04;
const KEPT_RUNS_MAX = 150;
const KEPT_RUNS_MIN = 20;
/** How many runs of a bundle are kept between their turns, by the memory of the machine; others are replayed. */
export const KEPT_RUNS = Math.max(KEPT_RUNS_MIN, Math.min(KEPT_RUNS_MAX, Math.floor(((totalmem() / BYTES_PER_MIB) * KEPT_RUNS_SHARE) / KEPT_RUN_MIB)));

export const SLOT_LIMITS: SlotLimits = { turnMsMax: 3_000, silentMsMax: 30_000, heapMibMax: 512, memoryMibMax: 1_024 };
/**
 * Of the clock on the wall, for one entry into workflow code: what Temporal itself breaks off. Last of all, because it
 * counts the time that other programs take, and a slot is not whole any more in which an entry was broken off.
 */
const ENTRY_LIMIT_MS = 10_000;
/** How the failure of a task begins that was broken off. */
const BROKEN_OFF = 'Script execution timed out';

/**
 * For every worker of workflow code. Temporal passes the limit on although its types do not know it, and would replay
 * histories in this very process if it were not told that nobody debugs.
 */
export const ISOLATION = { reuseV8Context: false, maxCachedWorkflows: KEPT_RUNS, isolateExecutionTimeout: ENTRY_LIMIT_MS, debugMode: false } as const;

/** A run, or a nested call that is a workflow of its own. */
export interface SlotRun {
  readonly workflowId: string;
  /** The run that it belongs to. */
  readonly rootId: string;
}

export interface SlotEvents {
  /** A slot died in the run's turn. */
  readonly onStrike?: (run: SlotRun, strike: { readonly count: number; readonly why: string }) => void;
  /** A task of the run failed, so many times one after the other. */
  readonly onFailing?: (run: SlotRun, failing: { readonly times: number; readonly message: string }) => void;
  /** A turn of the run went well, which was not one that only led it back to where it was. */
  readonly onWell?: (run: SlotRun) => void;
}

export interface SlotsOptions extends SlotEvents {
  readonly strikes?: Strikes;
  readonly limits?: SlotLimits;
}

type CreatorOptions = Parameters<typeof threaded.ThreadedVMWorkflowCreator.create>[0];

/** Every worker of this process that is created from now on executes workflow code in slots. */
export function installWorkflowSlots(options: SlotsOptions = {}): void {
  threaded.ThreadedVMWorkflowCreator.create = ((given: CreatorOptions) => createSlots(given, options)) as never;
}

async function createSlots({ workflowBundle, isolateExecutionTimeoutMs, reuseV8Context, registeredActivityNames }: CreatorOptions, options: SlotsOptions): Promise<WorkflowCreator> {
  const init: SlotInput = { type: 'init', workflowBundle, isolateExecutionTimeoutMs, reuseV8Context, registeredActivityNames, hasPatchActivationCallback: false };
  const slots = new WorkflowSlots(init, options);
  await slots.open();
  return slots;
}

class WorkflowSlots implements WorkflowCreator {
  readonly #init: SlotInput;
  readonly #options: SlotsOptions;
  readonly #strikes: Strikes;
  /** By Temporal's id of the execution. */
  readonly #runs = new Map<string, SlotRun>();
  readonly #failing = new Map<string, number>();
  /** Turns that runs with a strike have lived through since. */
  readonly #proved = new Map<string, number>();
  #shared: Slot | undefined;
  /** For runs with a strike; there while it holds one. A run that is forgiven leaves it with its execution. */
  #alone: Promise<Slot> | undefined;
  /** Executions that are held there, or about to be. */
  readonly #heldAlone = new Set<string>();
  #aloneEnded: Promise<void> = Promise.resolve();

  constructor(init: SlotInput, options: SlotsOptions) {
    this.#init = init;
    this.#options = options;
    this.#strikes = options.strikes ?? createStrikes();
  }

  async open(): Promise<void> {
    this.#shared = await this.#createSlot();
  }

  async createWorkflow(options: WorkflowCreateOptions): Promise<Workflow> {
    const { workflowId, runId, root } = options.info;
    const run: SlotRun = { workflowId, rootId: root?.workflowId ?? workflowId };
    const strikes = this.#strikes.count(workflowId);
    if (strikes >= STRIKES_MAX) {
      const error = new LabError('RUN_REFUSED', { message: `RUN_REFUSED: ${workflowId} ended the process of its workflow code ${strikes} times and is not executed any more.` });
      this.#note(run, error.message);
      throw error;
    }
    try {
      return await this.#create(run, options, strikes > 0);
    } catch (error) {
      this.#leaveAlone(runId);
      throw error;
    }
  }

  async #create(run: SlotRun, options: WorkflowCreateOptions, isAlone: boolean): Promise<Workflow> {
    const { runId } = options.info;
    if (isAlone) this.#heldAlone.add(runId);
    const slot = isAlone ? await this.#openAlone() : this.#shared;
    if (!slot) throw new LabError('SLOT_ENDED', { message: 'The worker is ending.' });
    await slot.ready();
    const { life } = slot;
    this.#runs.set(runId, run);
    // Functions cannot be sent to another process; the runtime there sets them.
    Object.assign(options.info.unsafe, { now: undefined, random: undefined });
    try {
      await slot.take({ runId, life }, (client) => client.send({ type: 'create-workflow', options }));
    } catch (error) {
      this.#note(run, (error as Error).message);
      throw error;
    }
    return this.#toWorkflow(run, { runId, slot, life });
  }

  async destroy(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await Promise.all([shared?.end(), this.#endAlone(), this.#aloneEnded]);
  }

  /** The process for runs with a strike is not kept for none. */
  #leaveAlone(runId: string): void {
    if (this.#heldAlone.delete(runId) && this.#heldAlone.size === 0) this.#aloneEnded = this.#endAlone();
  }

  async #endAlone(): Promise<void> {
    const alone = this.#alone;
    this.#alone = undefined;
    await alone?.then((slot) => slot.end(), () => undefined);
  }

  /** One that could not be opened is forgotten: the next task tries again. */
  #openAlone(): Promise<Slot> {
    if (this.#alone) return this.#alone;
    const opened = this.#createSlot();
    this.#alone = opened;
    opened.catch(() => { if (this.#alone === opened) this.#alone = undefined; });
    return opened;
  }

  #createSlot(): Promise<Slot> {
    return createSlot({
      limits: this.#options.limits ?? SLOT_LIMITS,
      init: this.#init,
      onDeath: ({ runId, why }) => {
        const run = runId === undefined ? undefined : this.#runs.get(runId);
        if (run) this.#options.onStrike?.(run, { count: this.#strikes.add(run.workflowId), why });
      },
    });
  }

  #toWorkflow(run: SlotRun, { runId, slot, life }: { runId: string; slot: Slot; life: number }): Workflow {
    const call = <T>(work: (workflow: Workflow) => Promise<T>): Promise<T> => slot.take({ runId, life }, (client) => work(new threaded.VMWorkflowThreadProxy(client, runId)));
    return {
      activate: async (activation) => {
        try {
          const completion = await call((workflow) => workflow.activate(activation));
          const failure = completion.failed?.failure;
          // A turn that was only led back to where it was says nothing.
          if (failure?.message?.startsWith(BROKEN_OFF)) slot.replace(life);
          if (failure) this.#note(run, failure.message ?? 'its task failed');
          else if (activation.isReplaying !== true) this.#note(run, undefined);
          return completion;
        } catch (error) {
          this.#note(run, (error as Error).message);
          throw error;
        }
      },
      getAndResetSinkCalls: () => call((workflow) => workflow.getAndResetSinkCalls()).catch(() => []),
      dispose: async () => {
        this.#runs.delete(runId);
        // What a dead process held is gone with it.
        await call((workflow) => workflow.dispose()).catch(() => undefined);
        this.#leaveAlone(runId);
      },
    };
  }

  #note(run: SlotRun, failure: string | undefined): void {
    const { workflowId } = run;
    if (failure !== undefined) {
      const times = (this.#failing.get(workflowId) ?? 0) + 1;
      this.#failing.set(workflowId, times);
      const [oldest] = this.#failing.keys();
      if (this.#failing.size > FAILING_MAX && oldest !== undefined) this.#failing.delete(oldest);
      this.#options.onFailing?.(run, { times, message: failure });
      return;
    }
    this.#failing.delete(workflowId);
    this.#options.onWell?.(run);
    if (this.#strikes.count(workflowId) === 0) return;
    const proved = (this.#proved.get(workflowId) ?? 0) + 1;
    this.#proved.set(workflowId, proved);
    if (proved < PROVED_AFTER_TURNS) return;
    this.#proved.delete(workflowId);
    this.#strikes.forgive(workflowId);
  }
}
