// Where workflow code is executed: in slots, processes of their own that stand in the place of Temporal's threads. A slot
// does one turn at a time, so that whose turn it was when it died is known. A dead slot is replaced, and the runs that it
// held are replayed there. A run in whose turn a slot ended has a strike and executes alone from then on; one that did it again
// is not executed any more.

import { totalmem } from 'node:os';
import threaded from '@temporalio/worker/lib/workflow/threaded-vm.js';
import type { Workflow, WorkflowCreateOptions, WorkflowCreator } from '@temporalio/worker/lib/workflow/interface.js';
import { LabError } from '../domain/errors/error.js';
import { createLoneSlots, type LoneSlots } from './lone-slots.js';
import { createSlot, type Slot, type SlotInput, type SlotLimits } from './slot-process.js';
import { createStrikes, type Strikes } from './strikes.js';
import { createTurnRecord, type SlotRun, type Turn, type TurnEvents, type TurnRecord } from './turn-record.js';

/**
 * Once may be chance: a heap that others have filled runs full in the turn of whoever comes next. After that the run has a
 * process to itself, and what ends that one is its own doing.
 */
export const STRIKES_MAX = 2;

const BYTES_PER_MIB = 2 ** 20;
/** A run that is kept between its turns has a context of its own. */
const KEPT_RUN_MIB = 1;
const KEPT_RUNS_SHARE = 0.04;
const KEPT_RUNS_MAX = 150;
const KEPT_RUNS_MIN = 20;
/** How many runs of a bundle are kept between their turns, by the memory of the machine; others are replayed. */
export const KEPT_RUNS = Math.max(
  KEPT_RUNS_MIN,
  Math.min(KEPT_RUNS_MAX, Math.floor(((totalmem() / BYTES_PER_MIB) * KEPT_RUNS_SHARE) / KEPT_RUN_MIB)),
);

export const SLOT_LIMITS: SlotLimits = { turnMsMax: 3_000, silentMsMax: 30_000, heapMibMax: 512, memoryMibMax: 1_024 };
/**
 * Of the clock on the wall, for one entry into workflow code: what Temporal itself breaks off. Last of all, because it
 * counts the time that other programs take, and a slot is not whole any more in which an entry was broken off.
 */
const ENTRY_LIMIT_MS = 10_000;
/** How the failure of a task begins that was broken off. */
const BROKEN_OFF = 'Script execution timed out';
/** Closes an execution. */
const LAST_COMMANDS = [
  'completeWorkflowExecution',
  'failWorkflowExecution',
  'cancelWorkflowExecution',
  'continueAsNewWorkflowExecution',
] as const;

/**
 * For every worker of workflow code. Temporal passes the limit on although its types do not know it, and would replay
 * histories in this very process if it were not told that nobody debugs.
 */
export const ISOLATION = {
  reuseV8Context: false,
  maxCachedWorkflows: KEPT_RUNS,
  isolateExecutionTimeout: ENTRY_LIMIT_MS,
  debugMode: false,
} as const;

export type { SlotRun } from './turn-record.js';

export interface SlotEvents extends TurnEvents {
  /** A slot died in the run's turn. */
  readonly onStrike?: (run: SlotRun, strike: { readonly count: number; readonly why: string }) => void;
}

export interface SlotsOptions extends SlotEvents {
  readonly strikes?: Strikes;
  readonly limits?: SlotLimits;
}

type Activation = Parameters<Workflow['activate']>[0];
type Completion = Awaited<ReturnType<Workflow['activate']>>;
type CreatorOptions = Parameters<typeof threaded.ThreadedVMWorkflowCreator.create>[0];

/** Every worker of this process that is created from now on executes workflow code in slots. */
export function installWorkflowSlots(options: SlotsOptions = {}): void {
  threaded.ThreadedVMWorkflowCreator.create = ((given: CreatorOptions) => createSlots(given, options)) as never;
}

async function createSlots(
  { workflowBundle, isolateExecutionTimeoutMs, reuseV8Context, registeredActivityNames }: CreatorOptions,
  options: SlotsOptions,
): Promise<WorkflowCreator> {
  const init: SlotInput = {
    type: 'init',
    workflowBundle,
    isolateExecutionTimeoutMs,
    reuseV8Context,
    registeredActivityNames,
    hasPatchActivationCallback: false,
  };
  const slots = new WorkflowSlots(init, options);
  await slots.open();
  return slots;
}

class WorkflowSlots implements WorkflowCreator {
  readonly #init: SlotInput;
  readonly #options: SlotsOptions;
  readonly #strikes: Strikes;
  readonly #record: TurnRecord;
  /** By Temporal's id of the execution. */
  readonly #runs = new Map<string, SlotRun>();
  #shared: Slot | undefined;
  /** For runs with a strike. One that is forgiven leaves its slot with its execution. */
  readonly #lone: LoneSlots;

  constructor(init: SlotInput, options: SlotsOptions) {
    this.#init = init;
    this.#options = options;
    this.#strikes = options.strikes ?? createStrikes();
    this.#record = createTurnRecord(options, this.#strikes);
    this.#lone = createLoneSlots(() => this.#createSlot());
  }

  async open(): Promise<void> {
    this.#shared = await this.#createSlot();
  }

  async createWorkflow(options: WorkflowCreateOptions): Promise<Workflow> {
    const { workflowId, runId, root } = options.info;
    const run: SlotRun = { workflowId, rootId: root?.workflowId ?? workflowId };
    const strikes = this.#strikes.count(workflowId);
    if (strikes >= STRIKES_MAX) {
      const error = new LabError('RUN_REFUSED', {
        message: `RUN_REFUSED: ${workflowId} ended the process of its workflow code ${strikes} times and is not executed any more.`,
      });
      this.#record.fail(run, error.message);
      throw error;
    }
    try {
      return await this.#create(run, options, strikes > 0);
    } catch (error) {
      this.#lone.leave(runId);
      throw error;
    }
  }

  async #create(run: SlotRun, options: WorkflowCreateOptions, isAlone: boolean): Promise<Workflow> {
    const { runId } = options.info;
    if (!this.#shared) throw new LabError('SLOT_ENDED', { message: 'The worker is ending.' });
    const slot = isAlone ? await this.#lone.hold(runId) : this.#shared;
    await slot.ready();
    const { life } = slot;
    this.#runs.set(runId, run);
    // Functions cannot be sent to another process; the runtime there sets them.
    Object.assign(options.info.unsafe, { now: undefined, random: undefined });
    try {
      await slot.take({ runId, life }, (client) => client.send({ type: 'create-workflow', options }));
    } catch (error) {
      this.#record.fail(run, (error as Error).message);
      throw error;
    }
    return this.#toWorkflow(run, { runId, slot, life });
  }

  async destroy(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await Promise.all([shared?.end(), this.#lone.end()]);
  }

  #createSlot(): Promise<Slot> {
    return createSlot({
      limits: this.#options.limits ?? SLOT_LIMITS,
      init: this.#init,
      onDeath: ({ runId, why }) => {
        const run = runId === undefined ? undefined : this.#runs.get(runId);
        if (!run) return;
        const count = this.#strikes.add(run.workflowId);
        this.#options.onStrike?.(run, { count, why });
      },
    });
  }

  #toWorkflow(run: SlotRun, held: { readonly runId: string; readonly slot: Slot; readonly life: number }): Workflow {
    const { runId, slot, life } = held;
    const call = <T>(work: (workflow: Workflow) => Promise<T>): Promise<T> =>
      slot.take({ runId, life }, (client) => work(new threaded.VMWorkflowThreadProxy(client, runId)));
    let isFirst = true;
    return {
      activate: async (activation) => {
        const turn: Turn = {
          execution: runId,
          events: activation.historyLength ?? 0,
          isReplayed: activation.isReplaying === true,
          isFirst,
        };
        const isQuery = activation.jobs?.every(({ queryWorkflow }) => (queryWorkflow ?? undefined) !== undefined) === true;
        if (!isQuery) this.#record.begin(run, turn);
        if (!isQuery && !turn.isReplayed) isFirst = false;
        try {
          const completion = await this.#activate(held, activation);
          const failure = completion.failed?.failure;
          if (failure) this.#record.fail(run, failure.message ?? 'its task failed');
          else if (!isQuery && !turn.isReplayed && !isOnlyRefusal(completion)) this.#record.succeed(run, turn, isLast(completion));
          return completion;
        } catch (error) {
          this.#record.fail(run, (error as Error).message);
          throw error;
        }
      },
      getAndResetSinkCalls: () => call((workflow) => workflow.getAndResetSinkCalls()).catch(() => []),
      dispose: async () => {
        this.#runs.delete(runId);
        // What a dead process held is gone with it.
        await call((workflow) => workflow.dispose()).catch(() => undefined);
        this.#lone.leave(runId);
      },
    };
  }

  #activate(
    { runId, slot, life }: { readonly runId: string; readonly slot: Slot; readonly life: number },
    activation: Activation,
  ): Promise<Completion> {
    return slot.take({ runId, life }, async (client, replace) => {
      const completion = await new threaded.VMWorkflowThreadProxy(client, runId).activate(activation);
      if (completion.failed?.failure?.message?.startsWith(BROKEN_OFF))
        replace('Temporal broke off an entry into its code that took too long');
      return completion;
    });
  }
}

const isLast = ({ successful }: Completion): boolean =>
  successful?.commands?.some((command) => LAST_COMMANDS.some((each) => (command[each] ?? undefined) !== undefined)) === true;

/** Updates were refused and nothing else was done: Temporal keeps nothing of it. */
function isOnlyRefusal({ successful }: Completion): boolean {
  const commands = successful?.commands ?? [];
  return commands.length > 0 && commands.every(({ updateResponse }) => (updateResponse?.rejected ?? undefined) !== undefined);
}
