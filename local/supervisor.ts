// Keeps services alive: what dies is started again after a delay that grows while it keeps dying, what hangs is killed
// first, and everything is stopped in the order that the lab asks for.

import { setTimeout as sleep } from 'node:timers/promises';
import { signalProcess } from './process-identity.js';
import type { RunningProcess } from './running-process.js';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** A service that lived this long is taken for healthy, and its next delay is the first one again. */
const HEALTHY_AFTER_MS = 10_000;
/** What a wait is cut to when a person asks twice for the end. */
const HURRIED_STOP_MS = 1_000;

/** How often a service is asked whether it lives, and how long it may take to say so. */
const HEALTH_EVERY_MS = 5_000;
/** So many times in a row: a busy machine, or one that slept, makes a service miss one or two. */
const HUNG_AFTER_MISSES = 6;

export interface Service {
  readonly name: string;
  readonly stopTimeoutMs: number;
  start(): Promise<RunningProcess>;
}

export interface HealthLimits {
  readonly everyMs: number;
  readonly misses: number;
}

export type SupervisorEvent =
  | { readonly type: 'died'; readonly name: string; readonly pid: number; readonly nextStartMs: number }
  | { readonly type: 'hung'; readonly name: string; readonly pid: number; readonly silentMs: number }
  | { readonly type: 'start-failed'; readonly name: string; readonly error: unknown; readonly nextStartMs: number }
  | { readonly type: 'restarted'; readonly name: string; readonly pid: number };

export interface Supervisor {
  /** Starts a service and keeps it alive. Its first start must succeed. */
  supervise(service: Service): Promise<RunningProcess>;
  /** Ends a service for good; one that was never started is none to stop. */
  stop(name: string): Promise<void>;
  /** Cuts every wait of the stops that run and come. */
  hurry(): void;
  listPids(): Readonly<Record<string, number>>;
}

interface Watched {
  readonly service: Service;
  readonly stopping: AbortController;
  /** Null while it is down and waits for its next start. */
  current: RunningProcess | null;
  loop: Promise<void>;
}

export function createSupervisor(
  onEvent: (event: SupervisorEvent) => void,
  health: HealthLimits = { everyMs: HEALTH_EVERY_MS, misses: HUNG_AFTER_MISSES },
): Supervisor {
  const watched = new Map<string, Watched>();
  const hurrying = new AbortController();

  async function stop(name: string): Promise<void> {
    const entry = watched.get(name);
    if (entry === undefined) return;
    entry.stopping.abort();
    // A start that is under way is let through, so that its process is not left behind.
    await entry.loop;
    const { current } = entry;
    if (current !== null) {
      const hurriedStop = waitForAbort(hurrying.signal).then(() => current.stop(HURRIED_STOP_MS));
      await Promise.race([current.stop(entry.service.stopTimeoutMs), hurriedStop]);
    }
    watched.delete(name);
  }

  return {
    async supervise(service) {
      const current = await service.start();
      const entry: Watched = { service, stopping: new AbortController(), current, loop: Promise.resolve() };
      watched.set(service.name, entry);
      entry.loop = keepAlive(entry, { onEvent, health });
      return current;
    },
    stop,
    hurry: () => hurrying.abort(),
    listPids: () => Object.fromEntries([...watched].flatMap(([name, { current }]) => (current === null ? [] : [[name, current.pid]]))),
  };
}

/** Ends when the service is being stopped; `current` then says what there is to stop. */
async function keepAlive(
  entry: Watched,
  { onEvent, health }: { onEvent: (event: SupervisorEvent) => void; health: HealthLimits },
): Promise<void> {
  const { signal } = entry.stopping;
  const stopping = waitForAbort(signal);
  let delayMs = FIRST_DELAY_MS;
  while (entry.current !== null) {
    const aliveSinceMs = performance.now();
    const running = entry.current;
    const ended = new AbortController();
    void watchHealth(running, {
      health,
      isOver: AbortSignal.any([signal, ended.signal]),
      onHung: (silentMs) => {
        onEvent({ type: 'hung', name: entry.service.name, pid: running.pid, silentMs });
      },
    });
    await Promise.race([running.exited, stopping]);
    ended.abort();
    if (signal.aborted) return;
    const { pid } = entry.current;
    entry.current = null;
    if (performance.now() - aliveSinceMs >= HEALTHY_AFTER_MS) delayMs = FIRST_DELAY_MS;
    onEvent({ type: 'died', name: entry.service.name, pid, nextStartMs: delayMs });
    delayMs = await restart(entry, { delayMs, stopping, onEvent });
  }
}

/** Kills a process that has said nothing for too long; its end is then seen like any other. */
async function watchHealth(
  running: RunningProcess,
  given: { health: HealthLimits; isOver: AbortSignal; onHung: (silentMs: number) => void },
): Promise<void> {
  const { health, isOver, onHung } = given;
  if (running.answers === undefined) return;
  let misses = 0;
  let heardAtMs = performance.now();
  while (!isOver.aborted) {
    const answered = running.answers();
    const isHeard = await Promise.race([answered.catch(() => false), sleep(health.everyMs, false, { ref: false })]);
    misses = isHeard ? 0 : misses + 1;
    if (isHeard) heardAtMs = performance.now();
    if (isOver.aborted) return;
    if (misses >= health.misses) {
      onHung(Math.round(performance.now() - heardAtMs));
      signalProcess(running.pid, 'SIGKILL');
      return;
    }
    await sleep(health.everyMs, undefined, { ref: false });
  }
}

/** Tries until the service runs or is being stopped; returns the delay that the next death begins with. */
async function restart(
  entry: Watched,
  given: { delayMs: number; stopping: Promise<void>; onEvent: (event: SupervisorEvent) => void },
): Promise<number> {
  const { name } = entry.service;
  let { delayMs } = given;
  while (entry.current === null) {
    await Promise.race([sleep(delayMs), given.stopping]);
    if (entry.stopping.signal.aborted) return delayMs;
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    try {
      entry.current = await entry.service.start();
      given.onEvent({ type: 'restarted', name, pid: entry.current.pid });
    } catch (error) {
      given.onEvent({ type: 'start-failed', name, error, nextStartMs: delayMs });
    }
  }
  return delayMs;
}

function waitForAbort(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
