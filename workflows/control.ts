// Run control inside one workflow: who holds the run, whether it is cancelled, and passing that on. The root decides
// and makes it true outside (holds in the bridge, status); children follow what their parent sends.

import { CancellationScope, condition, getExternalWorkflowHandle, isCancellation, setHandler } from '@temporalio/workflow';
import type { ControlActivities } from '../activities/activity-types.js';
import { NO_CONTROL, type Asked, type ControlState, type HoldChange, type PauseReason } from '../domain/control.js';
import { isJsonObject } from '../domain/json.js';
import { cancelSignal, controlSignal, holdSignal, pauseSignal, resumeSignal, assetsFreed } from './messages.js';
import { readWorkflowTimeMs } from './workflow-clock.js';

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
  /** What a child must know when it starts. */
  readonly state: ControlState;
  /** A child that runs: it hears of every change, and of what it missed while it started. */
  addChild(workflowId: string, startedWith: ControlState): void;
  removeChild(workflowId: string): void;
  /** Cancels one child alone. */
  cancelChild(workflowId: string): Promise<void>;
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
  readonly holders: readonly { readonly reason: PauseReason; readonly holder: string }[];
  readonly freeSinceMs?: number;
  readonly beganAtMs?: number;
}

export interface ControlWorld {
  readonly runId: string;
  /** Null in the root. */
  readonly parentWorkflowId: string | null;
  readonly activities: Pick<ControlActivities, 'applyControl'>;
  readonly carried: CarriedControl | undefined;
  /** Called once, when the run is cancelled. */
  readonly onCancel: () => void;
}

const OPERATOR: HoldChange = { reason: 'operator', holder: 'operator', isHeld: true };

export function createControl(world: ControlWorld): RunControl {
  const isRoot = world.parentWorkflowId === null;
  const holders = new Map((world.carried?.holders ?? []).map((each) => [`${each.reason} ${each.holder}`, each]));
  const children = new Set<string>();
  let state = world.carried?.state ?? NO_CONTROL;
  /** Revision that bridge and row have been told. */
  let appliedRev = state.rev;
  let isApplying = false;
  let interrupt = (): void => undefined;
  /** Of the last change that a person wanted; the outside is told with it. */
  let lastAsked: Asked | undefined;
  const beganAtMs = world.carried?.beganAtMs ?? readWorkflowTimeMs();
  let freeSinceMs = world.carried?.freeSinceMs ?? beganAtMs;

  const listReasons = (): readonly PauseReason[] => [...new Set([...holders.values()].map(({ reason }) => reason))].sort();
  const messages = createMessages();
  const { send } = messages;
  const tell = (workflowId: string, told: ControlState): Promise<void> => send(() => getExternalWorkflowHandle(workflowId).signal(controlSignal, told));
  const tellChildren = (): void => { for (const child of children) void tell(child, state); };
  const become = (next: ControlState): void => {
    const wasCancelled = state.cancel;
    if (state.pauseReasons.length > 0 && next.pauseReasons.length === 0) freeSinceMs = readWorkflowTimeMs();
    state = next;
    tellChildren();
    if (state.cancel && !wasCancelled) world.onCancel();
  };

  /** The root: new commands stop at once; they may begin again only when the bridge has let go. */
  const decide = (cancel: boolean, asked: Asked | undefined): void => {
    lastAsked = asked;
    const wanted = { ...state, rev: state.rev + 1, pauseReasons: listReasons(), cancel: state.cancel || cancel };
    const isRelease = wanted.pauseReasons.length === 0 && state.pauseReasons.length > 0;
    become(isRelease ? { ...wanted, pauseReasons: state.pauseReasons } : wanted);
    interrupt();
    void CancellationScope.nonCancellable(applyAll);
  };
  const applyAll = async (): Promise<void> => {
    if (isApplying) return;
    isApplying = true;
    while (appliedRev < state.rev) {
      const { rev } = state;
      const target = { ...state, pauseReasons: listReasons() };
      await applyOnce(target);
      if (state.rev !== rev) continue;
      appliedRev = rev;
      if (target.pauseReasons.length === 0 && state.pauseReasons.length > 0) {
        appliedRev += 1;
        become({ ...target, rev: rev + 1 });
      }
    }
    isApplying = false;
  };
  /** A newer wish ends the waiting for an older one. */
  const applyOnce = async (control: ControlState): Promise<void> => {
    const scope = new CancellationScope();
    interrupt = () => { scope.cancel(); };
    try {
      await scope.run(() => world.activities.applyControl({ runId: world.runId, control, ...(lastAsked && { asked: lastAsked }) }));
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  };

  const hold = async (change: HoldChange, asked?: Asked): Promise<void> => {
    if (!isRoot) {
      await send(() => getExternalWorkflowHandle(world.runId).signal(holdSignal, change));
      return;
    }
    const key = `${change.reason} ${change.holder}`;
    if (holders.has(key) === change.isHeld) return;
    if (change.isHeld) holders.set(key, change);
    else holders.delete(key);
    decide(false, asked);
  };
  /** Whoever is asked, the whole run obeys. */
  const passToRoot = (signal: typeof pauseSignal, asked: Asked | undefined): void => {
    void send(() => getExternalWorkflowHandle(world.runId).signal(signal, asked));
  };

  const handle = (signal: typeof pauseSignal, act: (asked: Asked | undefined) => void): void => {
    setHandler(signal, (given) => {
      const asked = readAsked(given);
      if (isRoot) act(asked);
      else passToRoot(signal, asked);
    });
  };

  handle(pauseSignal, (asked) => void hold(OPERATOR, asked));
  handle(resumeSignal, (asked) => void hold({ ...OPERATOR, isHeld: false }, asked));
  handle(cancelSignal, (asked) => { if (!state.cancel) decide(true, asked); });
  setHandler(holdSignal, (change) => { void hold(change); });
  setHandler(controlSignal, (sent) => {
    // Messages overtake each other; a cancel counts whenever it comes.
    if (!isRoot) become({ ...(sent.rev > state.rev ? sent : state), cancel: sent.cancel || state.cancel });
  });
  setHandler(assetsFreed, () => { become({ ...state, freed: state.freed + 1, rev: state.rev + 1 }); if (appliedRev === state.rev - 1) appliedRev = state.rev; });

  return {
    isPaused: () => state.pauseReasons.length > 0,
    isCancelled: () => state.cancel,
    get freed() {
      return state.freed;
    },
    hold,
    cancel: () => {
      if (state.cancel) return;
      if (isRoot) decide(true, undefined);
      else become({ ...state, cancel: true });
    },
    cancelRun: (asked) => {
      if (!isRoot) passToRoot(cancelSignal, asked);
      else if (!state.cancel) decide(true, asked);
    },
    get state() {
      return state;
    },
    addChild: (workflowId, startedWith) => {
      children.add(workflowId);
      if (startedWith !== state) void tell(workflowId, state);
    },
    removeChild: (workflowId) => { children.delete(workflowId); },
    cancelChild: (workflowId) => tell(workflowId, { ...state, cancel: true }),
    isSettled: () => messages.haveGoneOut() && (!isRoot || (!isApplying && appliedRev === state.rev)),
    get freeSinceMs() {
      return freeSinceMs;
    },
    beganAtMs,
    get carried() {
      return { state, holders: [...holders.values()].map(({ reason, holder }) => ({ reason, holder })), freeSinceMs, beganAtMs };
    },
  };
}

/** Messages to other workflows; one that was not awaited would be gone with this execution. */
function createMessages() {
  let onTheirWay = 0;
  return {
    haveGoneOut: () => onTheirWay === 0,
    send: async (message: () => Promise<unknown>): Promise<void> => {
      onTheirWay += 1;
      try {
        await CancellationScope.nonCancellable(message).catch(ignoreNotFound);
      } finally {
        onTheirWay -= 1;
      }
    },
  };
}

/** Stock tools send whatever a person types. */
function readAsked(given: unknown): Asked | undefined {
  if (!isJsonObject(given)) return undefined;
  const { by, reason } = given;
  return { ...(typeof by === 'string' && { by }), ...(typeof reason === 'string' && { reason }) };
}

/** Who has ended needs no control any more. */
function ignoreNotFound(error: unknown): void {
  const name = error instanceof Error ? error.constructor.name : '';
  if (name === 'ExternalWorkflowExecutionNotFound' || /not found|NOT_FOUND/iu.test(String(error))) return;
  throw error;
}

/** Resolves when the run may go on: not paused, or cancelled. */
export async function waitUntilFree(control: RunControl, isOver: () => boolean): Promise<void> {
  await condition(() => !control.isPaused() || control.isCancelled() || isOver());
}
