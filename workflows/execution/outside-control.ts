// Makes what a run has decided of its control true outside of it: the hold in the bridge, the stop of what moves, what people see. One
// telling at a time; a newer wish ends the waiting for an older one, and what is refused is tried again.

import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { ControlActivities } from '../../activities/activity-types.js';
import type { Asked, ControlState } from '../../domain/runs/control.js';
import { requireOutcome } from '../replay/translate-errors.js';
import type { Holders } from './holders.js';
import type { MovingCommands } from './moving-commands.js';

/** Refused though it was tried again and again: the run stays held, and tries on, first after this time, then after longer ones. */
const REFUSED_INTERVAL_MS = 1_000;
const REFUSED_INTERVAL_MAX_MS = 600_000;

export interface OutsideControl {
  /** The state has changed. `asked`: by whom, where a person wanted it. */
  tell(asked: Asked | undefined): void;
  /** The state has changed in what only the run itself needs to know. */
  skip(): void;
  /** The outside knows the state. */
  isSettled(): boolean;
  /** The run has ended outside: nothing of it is told any more. */
  close(): void;
}

export interface OutsideWorld {
  readonly runId: string;
  readonly activities: Pick<ControlActivities, 'applyControl'>;
  /** What a cancel stops: named here, the bridge stops it once it lets nothing more begin. */
  readonly moving: Pick<MovingCommands, 'list'>;
  readonly holders: Pick<Holders, 'listReasons'>;
  readonly readState: () => ControlState;
  /** The outside has let the run go: it may go on. */
  readonly become: (next: ControlState) => void;
}

export function createOutsideControl({ runId, activities, moving, holders, readState, become }: OutsideWorld): OutsideControl {
  /** Revision that bridge and row have been told. */
  let appliedRev = readState().rev;
  let isApplying = false;
  let isClosed = false;
  let interrupt = (): void => undefined;
  /** Of the last change that a person wanted, until the outside was told of it: another holder may interrupt the telling. */
  let lastAsked: Asked | undefined;

  const applyUntilTrue = async (): Promise<void> => {
    if (isApplying) return;
    isApplying = true;
    let refusals = 0;
    try {
      while (!isClosed && appliedRev < readState().rev) refusals = (await applyNext(refusals)) ? refusals + 1 : 0;
    } finally {
      // In the turn of the last look: whoever changes the state after it finds nobody applying and begins anew.
      isApplying = false;
      lastAsked = undefined;
    }
  };
  /** True where it was refused. */
  const applyNext = async (refusals: number): Promise<boolean> => {
    const { rev } = readState();
    const target = { ...readState(), pauseReasons: holders.listReasons() };
    const isRefused = await applyOnce(target, refusals);
    if (readState().rev !== rev || isRefused) return isRefused;
    appliedRev = rev;
    if (target.pauseReasons.length === 0 && readState().pauseReasons.length > 0) {
      appliedRev += 1;
      become({ ...target, rev: rev + 1 });
    }
    return false;
  };
  /** True where it was refused, and is to be tried again. Who is interrupted by a newer wish was not. */
  const applyOnce = async (control: ControlState, refusals: number): Promise<boolean> => {
    const scope = new CancellationScope();
    interrupt = () => {
      scope.cancel();
    };
    try {
      await scope.run(async () => {
        if (refusals > 0) await sleep(Math.min(REFUSED_INTERVAL_MS * 2 ** (refusals - 1), REFUSED_INTERVAL_MAX_MS));
        if (isClosed) return;
        await activities.applyControl({
          runId,
          control,
          ...(lastAsked && { asked: lastAsked }),
          ...(control.cancel && { stop: moving.list() }),
        });
      });
      return false;
    } catch (error) {
      if (isCancellation(error)) return false;
      requireOutcome(error, 'The control of the run');
      return true;
    }
  };

  return {
    tell: (asked) => {
      lastAsked = asked ?? lastAsked;
      interrupt();
      void CancellationScope.nonCancellable(applyUntilTrue);
    },
    skip: () => {
      const { rev } = readState();
      if (appliedRev === rev - 1) appliedRev = rev;
    },
    close: () => {
      isClosed = true;
    },
    isSettled: () => !isApplying && appliedRev === readState().rev,
  };
}
