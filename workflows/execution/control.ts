// Run control inside one workflow: who holds the run, whether it is cancelled, and passing that on. The root decides
// and makes it true outside (holds in the bridge, status); children follow what their parent sends.

import { condition, getExternalWorkflowHandle, setHandler, type SignalDefinition } from '@temporalio/workflow';
import type { ControlActivities } from '../../activities/activity-types.js';
import { NO_CONTROL, type Asked, type ControlState, type HoldChange } from '../../domain/runs/control.js';
import { isJsonObject } from '../../domain/json/json.js';
import type { MovingCommands } from './moving-commands.js';
import { createHolders, type Holder } from './holders.js';
import { createOutgoingMessages } from './outgoing-messages.js';
import { createOutsideControl } from './outside-control.js';
import { createToldChildren, type ToldChildren } from './told-children.js';
import { cancelSignal, controlSignal, holdSignal, pauseSignal, resumeSignal, assetsFreed } from './messages.js';
import { readWorkflowTimeMs } from '../replay/workflow-clock.js';

export interface RunControl {
  /** No operation begins. */
  isPaused(): boolean;
  isCancelled(): boolean;
  /** Rises when assets were freed that the run may wait for. */
  readonly freed: number;
  /** Holds the run for a reason until it is let go by the same holder. */
  hold(change: HoldChange): Promise<void>;
  /** Ends every operation under way and lets no other begin, cleanups excepted. */
  cancel(): void;
  /** Cancels the whole run, in whatever workflow of it this is called. */
  cancelRun(asked: Asked): void;
  /** What a cancellation stops. */
  readonly moving: MovingCommands;
  /** What a child must know when it starts. */
  readonly state: ControlState;
  /** Those that run hear of every change. */
  readonly children: ToldChildren;
  /** These workflows ended without a word: what they held the run for is not waited for any more. */
  loseHolders(workflowIds: readonly string[]): void;
  /** Cancels one child alone. False where nobody of that name is there. */
  cancelChild(workflowId: string): Promise<boolean>;
  /** The run has ended: whatever is asked of it from now on comes too late, and nothing of it may be begun behind its end. */
  close(): void;
  /** What the outside knows is what is wanted, and every message has gone out: the workflow may continue as new. */
  isSettled(): boolean;
  /** Workflow time at which the run was let go last, or at which its workflow began. */
  readonly freeSinceMs: number;
  /** Workflow time at which its workflow began, in its first execution. */
  readonly beganAtMs: number;
  readonly carried: CarriedControl;
}

export interface CarriedControl {
  readonly state: ControlState;
  readonly holders: readonly Holder[];
  readonly freeSinceMs?: number;
  readonly beganAtMs?: number;
}

export interface ControlWorld {
  readonly runId: string;
  readonly workflowId: string;
  /** Null in the root. */
  readonly parentWorkflowId: string | null;
  readonly activities: Pick<ControlActivities, 'applyControl'>;
  readonly moving: MovingCommands;
  readonly carried: CarriedControl | undefined;
  /** Called once, when the run is cancelled. */
  readonly onCancel: () => void;
}

/** A person, of whom nothing is known. */
const SOMEBODY: Asked = {};
const OPERATOR: HoldChange = { reason: 'operator', holder: 'operator', isHeld: true };

export function createControl(world: ControlWorld): RunControl {
  const isRoot = world.parentWorkflowId === null;
  const holders = createHolders(world.carried?.holders ?? []);
  const messages = createOutgoingMessages();
  const children = createToldChildren(messages);
  let state = world.carried?.state ?? NO_CONTROL;
  const beganAtMs = world.carried?.beganAtMs ?? readWorkflowTimeMs();
  let freeSinceMs = world.carried?.freeSinceMs ?? beganAtMs;

  let isClosed = false;

  const become = (next: ControlState): void => {
    if (isClosed) return;
    const wasCancelled = state.cancel;
    if (state.pauseReasons.length > 0 && next.pauseReasons.length === 0) freeSinceMs = readWorkflowTimeMs();
    state = next;
    children.tellAll(state);
    if (state.cancel && !wasCancelled) world.onCancel();
  };

  const outside = createOutsideControl({
    runId: world.runId,
    activities: world.activities,
    moving: world.moving,
    holders,
    readState: () => state,
    become,
  });
  /** The root: new commands stop at once; they may begin again only when the bridge has let go. */
  const decide = (cancel: boolean, asked: Asked | undefined): void => {
    if (isClosed) return;
    const wanted = { ...state, rev: state.rev + 1, pauseReasons: holders.listReasons(), cancel: state.cancel || cancel };
    const isRelease = wanted.pauseReasons.length === 0 && state.pauseReasons.length > 0;
    become(isRelease ? { ...wanted, pauseReasons: state.pauseReasons } : wanted);
    outside.tell(asked);
  };

  const hold = async (change: HoldChange, asked?: Asked): Promise<void> => {
    if (!isRoot) {
      await tellRoot(holdSignal, { ...change, from: world.workflowId });
      return;
    }
    if (holders.change(change)) decide(false, asked);
  };
  /** Where the root is gone its run has ended without us: clean up and stop. */
  const tellRoot = async <T extends unknown[]>(signal: SignalDefinition<T>, ...args: T): Promise<void> => {
    const isThere = await messages.send(() => getExternalWorkflowHandle(world.runId).signal(signal, ...args));
    if (!isThere && !state.cancel) become({ ...state, cancel: true });
  };
  /** Whoever is asked, the whole run obeys. */
  const passToRoot = (signal: typeof pauseSignal, asked: Asked | undefined): void => {
    void tellRoot(signal, asked);
  };
  const loseHolders = (lost: readonly string[]): void => {
    if (!isRoot) return void tellRoot(holdSignal, { lost });
    if (holders.lose(lost)) decide(false, undefined);
  };

  const handle = (signal: typeof pauseSignal, act: (asked: Asked) => void): void => {
    setHandler(signal, (given) => {
      const asked = readAsked(given);
      if (isRoot) act(asked ?? SOMEBODY);
      else passToRoot(signal, asked);
    });
  };

  handle(pauseSignal, (asked) => void hold(OPERATOR, asked));
  handle(resumeSignal, (asked) => void hold({ ...OPERATOR, isHeld: false }, asked));
  handle(cancelSignal, (asked) => {
    if (!state.cancel) decide(true, asked);
  });
  setHandler(holdSignal, (change) => {
    if ('lost' in change) loseHolders(change.lost);
    else void hold(change);
  });
  setHandler(controlSignal, (sent) => {
    // Messages overtake each other; a cancel counts whenever it comes. What is known already is not passed on: below many levels
    // each message would become as many.
    const isNews = sent.rev > state.rev || (sent.cancel && !state.cancel);
    if (!isRoot && isNews) become({ ...(sent.rev > state.rev ? sent : state), cancel: sent.cancel || state.cancel });
  });
  setHandler(assetsFreed, () => {
    become({ ...state, freed: state.freed + 1, rev: state.rev + 1 });
    outside.skip();
  });

  return {
    isPaused: () => state.pauseReasons.length > 0,
    isCancelled: () => state.cancel,
    get freed() {
      return state.freed;
    },
    hold,
    cancel: () => {
      if (state.cancel) return;
      if (isRoot) decide(true, SOMEBODY);
      else become({ ...state, cancel: true });
    },
    cancelRun: (asked) => {
      if (!isRoot) passToRoot(cancelSignal, asked);
      else if (!state.cancel) decide(true, asked);
    },
    get state() {
      return state;
    },
    children,
    moving: world.moving,
    cancelChild: (workflowId) => children.cancel(workflowId, state),
    loseHolders,
    close: () => {
      isClosed = true;
      outside.close();
    },
    isSettled: () => messages.haveGoneOut() && (!isRoot || outside.isSettled()),
    get freeSinceMs() {
      return freeSinceMs;
    },
    beganAtMs,
    get carried() {
      return { state, holders: holders.list(), freeSinceMs, beganAtMs };
    },
  };
}

/** Stock tools send whatever a person types. */
function readAsked(given: unknown): Asked | undefined {
  if (!isJsonObject(given)) return undefined;
  const { by, reason } = given;
  return { ...(typeof by === 'string' && { by }), ...(typeof reason === 'string' && { reason }) };
}

/** Resolves when the run may go on: not paused, or cancelled. */
export async function waitUntilFree(control: RunControl, isOver: () => boolean): Promise<void> {
  await condition(() => !control.isPaused() || control.isCancelled() || isOver());
}
