// Waiting as tracked operations: a delay stops while the run is paused, a turn of a clocked loop is left out then.

import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { readDuration, type Duration } from '../../domain/json/duration.js';
import { LabError } from '../../domain/errors/error.js';
import { isJsonObject, type Json } from '../../domain/json/json.js';
import { toJson } from '../../protocols/sdk/codec.js';
import type { Engine } from '../execution/engine.js';
import type { UnderWay } from '../replay/operation.js';
import { findScope, isLeftOver, isShielded, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import { readWorkflowTimeMs } from '../replay/workflow-clock.js';

/** Throws BAD_ARGUMENTS for what is no length of time. */
export function toMs(duration: Duration, where: string): number {
  const ms = readDuration(toJson(duration, where));
  if (ms !== undefined) return ms;
  throw new LabError('BAD_ARGUMENTS', {
    message: `${where} wants days, hours, minutes, seconds or milliseconds of 0 or more, not ${JSON.stringify(duration)}.`,
  });
}

export function delay(engine: Engine, call: Scope, duration: Duration): Promise<void> {
  const ms = toMs(duration, 'run.delay') / (engine.input.timeScale ?? 1);
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { id } = nextOperation(scope, 'd');
  const [askedAtMs, hold] = [engine.gate.now(), toHold(engine)];
  const wait = (carried: Json | undefined, underWay: UnderWay): Promise<Json> =>
    waitFor({ leftMs: readNumber(carried, 'leftMs') ?? ms, sinceMs: readNumber(carried, 'sinceMs') ?? askedAtMs }, hold, underWay);
  return waitAbandonably(engine, scope, { id, what: ['delay', ms], wait }).then(() => undefined);
}

/** What holds a wait. */
interface Hold {
  readonly isHeld: () => boolean;
  /** No wait has begun before. */
  readonly freeSinceMs: () => number;
}

/** What holds a wait that is asked for now: a pause of the run; in a cleanup nothing. */
function toHold({ control }: Engine): Hold {
  return isShielded()
    ? { isHeld: () => false, freeSinceMs: () => control.beganAtMs }
    : { isHeld: () => control.isPaused(), freeSinceMs: () => control.freeSinceMs };
}

/** What is left of a delay, and since when it has been running, pauses left out. */
interface LeftDelay {
  readonly leftMs: number;
  readonly sinceMs: number;
}

/** Waits while it is not held; what is left is waited after that. When the workflow continues as new meanwhile, nothing of the time is lost. */
async function waitFor(given: LeftDelay, { isHeld, freeSinceMs }: Hold, underWay: UnderWay): Promise<Json> {
  let left = given;
  const spend = (): LeftDelay => ({ leftMs: left.leftMs - (readWorkflowTimeMs() - left.sinceMs), sinceMs: readWorkflowTimeMs() });
  return underWay.mayBeLeft({ isFree: true, carry: () => (isHeld() ? { ...left } : { ...spend() }) }, async () => {
    for (;;) {
      await condition(() => !isHeld());
      // A run that was held has not waited, whatever the time at which author code asked for the delay.
      left = { ...left, sinceMs: Math.max(left.sinceMs, freeSinceMs()) };
      left = spend();
      if (left.leftMs <= 0 || !(await condition(isHeld, Math.ceil(left.leftMs)))) return null;
      left = spend();
    }
  });
}

export interface Turn {
  readonly index: number;
  readonly dueAtMs: number;
}

/** When a clocked loop began, how often it turns, and which turn is next. */
export interface TurnClock {
  readonly startMs: number;
  readonly intervalMs: number;
  readonly index: number;
}

/**
 * Waits for the next turn of a clock that began at `startMs`, from turn `index` on. A turn that falls into a pause is left
 * out; one that comes late because the one before took long takes place, unless a whole interval has passed.
 */
export function waitForTurn(engine: Engine, scope: Scope, clock: TurnClock): Promise<Turn> {
  const { id } = nextOperation(scope, 't');
  const { isHeld } = toHold(engine);
  const wait = async (_carried: Json | undefined, underWay: UnderWay): Promise<Json> => {
    let { index } = clock;
    for (;;) {
      const dueAtMs = clock.startMs + index * clock.intervalMs;
      const wasPaused = await underWay.mayBeLeft({ isFree: true, carry: () => null }, () => waitUntil(dueAtMs, isHeld));
      const lateMs = readWorkflowTimeMs() - dueAtMs;
      const missed = wasPaused ? Math.floor(lateMs / clock.intervalMs) + 1 : Math.floor(lateMs / clock.intervalMs);
      if (missed <= 0) return { index, dueAtMs };
      index += missed;
    }
  };
  return waitAbandonably(engine, scope, { id, what: ['turn', clock.intervalMs, clock.index], wait }) as unknown as Promise<Turn>;
}

/** True where the run was paused when the time came; then it waits for the end of the pause too. */
async function waitUntil(atMs: number, isHeld: () => boolean): Promise<boolean> {
  const leftMs = atMs - readWorkflowTimeMs();
  if (leftMs > 0) await sleep(Math.ceil(leftMs));
  const wasPaused = isHeld();
  if (wasPaused) await condition(() => !isHeld());
  return wasPaused;
}

/** A wait that ends with its scope. */
export async function waitAbandonably(
  engine: Engine,
  scope: Scope,
  { id, what, wait }: { id: string; what: Json; wait: (carried: Json | undefined, underWay: UnderWay) => Promise<Json> },
): Promise<Json> {
  const inner = new CancellationScope({ cancellable: true });
  const end = (): void => {
    inner.cancel();
  };
  scope.waits.add(end);
  try {
    return await engine.gate.step<Json>({
      id,
      what,
      isShielded: isShielded(),
      run: (carried, underWay) => runInside(inner, () => wait(carried, underWay)),
    });
  } finally {
    scope.waits.delete(end);
  }
}

/** The operation's own cancellation reaches the inner scope, whose parent is where it was made. */
async function runInside(inner: CancellationScope, work: () => Promise<Json>): Promise<Json> {
  const outer = CancellationScope.current();
  outer.cancelRequested.catch(() => {
    inner.cancel();
  });
  return inner.run(work);
}

function readNumber(carried: Json | undefined, key: string): number | undefined {
  const value = isJsonObject(carried) ? carried[key] : undefined;
  return typeof value === 'number' ? value : undefined;
}
