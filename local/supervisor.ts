// Keeps services alive: what dies is started again after a delay that grows while it keeps dying,
// and everything is stopped in the order that the lab asks for.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from './running-process.js';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** A service that lived this long is taken for healthy, and its next delay is the first one again. */
const HEALTHY_AFTER_MS = 10_000;
/** What a wait is cut to when a person asks twice for the end. */
const HURRIED_STOP_MS = 1_000;

export interface Service {
  readonly name: string;
  readonly stopTimeoutMs: number;
  start(): Promise<RunningProcess>;
}

export type SupervisorEvent =
  | { readonly type: 'died'; readonly name: string; readonly pid: number; readonly nextStartMs: number }
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

export function createSupervisor(onEvent: (event: SupervisorEvent) => void): Supervisor {
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
      entry.loop = keepAlive(entry, onEvent);
      return current;
    },
    stop,
    hurry: () => hurrying.abort(),
    listPids: () => Object.fromEntries([...watched].flatMap(([name, { current }]) => (current === null ? [] : [[name, current.pid]]))),
  };
}

/** Ends when the service is being stopped; `current` then says what there is to stop. */
async function keepAlive(entry: Watched, onEvent: (event: SupervisorEvent) => void): Promise<void> {
  const { signal } = entry.stopping;
  const stopping = waitForAbort(signal);
  let delayMs = FIRST_DELAY_MS;
  while (entry.current !== null) {
    const aliveSinceMs = performance.now();
    await Promise.race([entry.current.exited, stopping]);
    if (signal.aborted) return;
    const { pid } = entry.current;
    entry.current = null;
    if (performance.now() - aliveSinceMs >= HEALTHY_AFTER_MS) delayMs = FIRST_DELAY_MS;
    onEvent({ type: 'died', name: entry.service.name, pid, nextStartMs: delayMs });
    delayMs = await restart(entry, { delayMs, stopping, onEvent });
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
