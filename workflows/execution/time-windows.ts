// Time windows: work that must be over in time, whatever the run does meanwhile. Each open window has a watch beside author
// code, which warns, and when the window breaks holds the run until an operator has decided. Windows are carried when the
// workflow continues as new; author code that is led through its past again opens and ends none of them anew.

import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { describeDuration } from '../../domain/json/duration.js';
import { LabError } from '../../domain/errors/error.js';
import { toItemId } from '../../domain/values/ids.js';
import type { BrokenWindow } from '../../domain/inbox/inbox.js';
import type { CallLogOutbox } from './call-log.js';
import type { RunControl } from './control.js';
import type { Gate } from '../replay/gate.js';
import type { Inbox } from './inbox.js';
import { CapturedDate, readWorkflowTimeMs } from '../replay/workflow-clock.js';

/** Of one workflow at a time: each costs a timer. */
export const OPEN_WINDOWS_MAX = 20;

export interface WindowSpec {
  /** `<scope>#w<n>`. */
  readonly id: string;
  readonly name: string;
  readonly callPath: string;
  readonly startedAtMs: number;
  readonly maxMs: number;
  readonly warnBeforeMs: number | null;
  /** As the author wrote it; times are divided by the time scale. */
  readonly described: string;
}

export interface CarriedWindow extends WindowSpec {
  readonly phase: 'open' | 'warned' | 'broken';
  readonly isItemOpen: boolean;
}

export interface TimeWindows {
  /** BAD_ARGUMENTS where too many are open. */
  open(spec: WindowSpec): void;
  /** Closes one that ended in time. */
  close(id: string): void;
  /** Resolves once a broken window was decided on, and closes it. */
  waitForDecision(id: string): Promise<void>;
  /** A call has ended: with its result, what is left open and late is decided first. */
  endCall(callPath: string, ending: 'completed' | 'failed'): Promise<void> | undefined;
  /** Nothing is under way that the next execution would not know of. */
  isSettled(): boolean;
  readonly carried: readonly CarriedWindow[];
}

export interface WindowsWorld {
  readonly runId: string;
  readonly control: Pick<RunControl, 'hold' | 'cancelRun' | 'isCancelled'>;
  readonly gate: Pick<Gate, 'isReentering'>;
  readonly inbox: Pick<Inbox, 'ask'>;
  readonly callLog: Pick<CallLogOutbox, 'add' | 'flush'>;
  readonly carried: readonly CarriedWindow[];
}

interface Watched {
  readonly spec: WindowSpec;
  readonly scope: CancellationScope;
  phase: CarriedWindow['phase'] | 'decided';
  isItemOpen: boolean;
  isClosed: boolean;
}

export function createTimeWindows(world: WindowsWorld): TimeWindows {
  const { control, gate } = world;
  const windows = new Map<string, Watched>();
  /** Watches that are doing something just now; those that only wait go on in the next execution. */
  let busy = 0;
  const rest: Rest = async (wait) => {
    busy -= 1;
    try {
      return await wait();
    } finally {
      busy += 1;
    }
  };

  const begin = (spec: WindowSpec, phase: CarriedWindow['phase'], isItemOpen: boolean): void => {
    const watched: Watched = { spec, scope: new CancellationScope(), phase, isItemOpen, isClosed: false };
    windows.set(spec.id, watched);
    busy += 1;
    void watched.scope
      .run(() => watchWindow({ ...world, rest }, watched))
      .finally(() => {
        busy -= 1;
      });
  };
  const drop = (watched: Watched): void => {
    watched.isClosed = true;
    windows.delete(watched.spec.id);
    watched.scope.cancel();
  };
  const waitForDecision = async (watched: Watched): Promise<void> => {
    await condition(() => watched.phase === 'decided' || control.isCancelled());
    drop(watched);
  };
  const listOf = (callPath: string): readonly Watched[] => [...windows.values()].filter(({ spec }) => spec.callPath === callPath);
  const endInTime = async (left: readonly Watched[]): Promise<void> => {
    for (const each of left) {
      if (!isLate(each)) drop(each);
      // Continuing as new finds the call where it is now, and waits again.
      else await waitForDecision(each);
    }
  };

  for (const { phase, isItemOpen, ...spec } of world.carried) begin(spec, phase, isItemOpen);
  return {
    open: (spec) => {
      // It was opened before; if it is still open, it was carried over.
      if (gate.isReentering) return;
      if (windows.size >= OPEN_WINDOWS_MAX)
        throw new LabError('BAD_ARGUMENTS', {
          message: `${OPEN_WINDOWS_MAX} time windows are open; end one before '${spec.name}' begins.`,
        });
      begin(spec, 'open', false);
    },
    close: (id) => {
      const watched = windows.get(id);
      if (watched) drop(watched);
    },
    waitForDecision: async (id) => {
      const watched = windows.get(id);
      if (watched) await waitForDecision(watched);
    },
    endCall: (callPath, ending) => {
      const left = listOf(callPath);
      if (left.length === 0) return undefined;
      if (ending === 'completed') return endInTime(left);
      left.forEach(drop);
      return undefined;
    },
    isSettled: () => busy === 0,
    get carried() {
      return [...windows.values()].flatMap(({ spec, phase, isItemOpen }) => (phase === 'decided' ? [] : [{ ...spec, phase, isItemOpen }]));
    },
  };
}

/** Runs what only waits, and may be gone with the execution. */
type Rest = <T>(wait: () => Promise<T>) => Promise<T>;
type WatchWorld = WindowsWorld & { readonly rest: Rest };

/** Ends when the window is closed or decided on. */
async function watchWindow(world: WatchWorld, watched: Watched): Promise<void> {
  const { gate, rest } = world;
  const { spec } = watched;
  const endsAtMs = spec.startedAtMs + spec.maxMs;
  try {
    await rest(() => condition(() => !gate.isReentering));
    if (watched.phase === 'open' && spec.warnBeforeMs !== null) {
      if (!(await sleepUntil(world, watched, endsAtMs - spec.warnBeforeMs))) return;
      watched.phase = 'warned';
      await tell(world, watched, `'${spec.name}' breaks in ${describeDuration(spec.warnBeforeMs)}; it may take ${spec.described}.`);
    }
    if (watched.phase !== 'broken') {
      if (!(await sleepUntil(world, watched, endsAtMs))) return;
      watched.phase = 'broken';
      await tell(world, watched, `'${spec.name}' took longer than ${spec.described}.`);
    }
    await decide(world, watched);
  } catch (error) {
    if (!(watched.isClosed && isCancellation(error))) throw error;
  }
}

/** True when the time has come, false when the window was closed before. Pauses do not stop it. */
async function sleepUntil({ rest }: WatchWorld, watched: Watched, atMs: number): Promise<boolean> {
  const leftMs = atMs - readWorkflowTimeMs();
  if (leftMs <= 0) return !watched.isClosed;
  return !(await rest(() => condition(() => watched.isClosed, Math.max(1, Math.ceil(leftMs)))));
}

async function decide({ runId, control, inbox, rest }: WatchWorld, watched: Watched): Promise<void> {
  const { id, name, callPath, startedAtMs, maxMs, described } = watched.spec;
  const itemId = toItemId(runId, id);
  const subject: BrokenWindow = {
    kind: 'time-window',
    text: `The time window '${name}' of ${described} broke. Go on all the same, or abort the run? No command begins before the answer.`,
    window: name,
    maxMs,
    startedAt: new CapturedDate(startedAtMs).toISOString(),
  };
  const holder = { reason: 'policy', holder: itemId } as const;
  await control.hold({ ...holder, isHeld: true });
  try {
    const leave = <T>(wait: () => Promise<T>): Promise<T> => {
      watched.isItemOpen = true;
      return rest(wait);
    };
    const { answer, by, note } = await inbox.ask({ itemId, callPath, subject, isOpen: watched.isItemOpen, leave });
    // Of a run that is to be cancelled nothing may begin any more, so it is not let go.
    if (answer === 'abort') control.cancelRun({ by, reason: note === '' ? `the time window '${name}' broke` : note });
    else await control.hold({ ...holder, isHeld: false });
    watched.phase = 'decided';
  } catch (error) {
    await CancellationScope.nonCancellable(() => control.hold({ ...holder, isHeld: false }));
    throw error;
  }
}

/** At once, and not with the next command. */
async function tell({ callLog }: WindowsWorld, { phase, spec }: Watched, text: string): Promise<void> {
  const window = { name: spec.name, isBroken: phase === 'broken', text, deadlineMs: spec.startedAtMs + spec.maxMs };
  callLog.add({ phase: 'window', path: spec.callPath, atMs: readWorkflowTimeMs(), window });
  await CancellationScope.nonCancellable(() => callLog.flush());
}

function isLate({ spec, phase }: Watched): boolean {
  return phase === 'broken' || readWorkflowTimeMs() >= spec.startedAtMs + spec.maxMs;
}
