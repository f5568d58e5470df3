// What a protocol function is told about its run, and what it can ask of it.

import type { Duration } from '../../domain/json/duration.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { RunMode } from '../../domain/workcells/workcell-spec.js';
import type { Ask } from './ask.js';
import type { AnyMachine } from './machines.js';

export type { Ask, Duration };

export interface CleanupRegistration {
  /** Takes the cleanup away: what it guarded is done. */
  dispose(): void;
}

export interface CleanupOptions {
  /** `failed` (default): when the call fails or is cancelled; `always`: also when it completes. */
  readonly when?: 'failed' | 'always';
}

/** Work that must be over in time, from `run.timeWindow` to `end`. */
export interface TimeWindow {
  /** Closes it. Waits for an operator's decision where it was too late. */
  end(): Promise<{ readonly tookMs: number; readonly isBroken: boolean }>;
}

export interface TimeWindowOptions {
  readonly max: Duration;
  /** People are told so long before it breaks. */
  readonly warnBefore?: Duration;
}

/**
 * Values of the run, kept with it. A call sees its caller's values as they were when it was made, and its own changes;
 * the changes reach the caller when the call ends, however it ends. Throws STATE_TOO_LARGE above 64 KiB.
 * STATE_CONFLICT at the end of a call whose caller has set the same key meanwhile, unless both used add, append or max.
 */
export interface RunState {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
  delete(key: string): void;
  /** Adds to a number; 0 where there is none. */
  add(key: string, amount: number): void;
  /** Appends to a list; empty where there is none. */
  append(key: string, value: Json): void;
  max(key: string, value: number): void;
  /** All values, as a copy. */
  all(): JsonObject;
}

/** Which turns of `run.every` did not take place, because the run was held or the one before took too long. */
export interface Tick {
  /** From 0. */
  readonly index: number;
  /** Milliseconds since 1970 at which the turn was due. */
  readonly dueAtMs: number;
  /** Turns left out before this one. */
  readonly missed: number;
}

export interface EveryOptions {
  readonly interval: Duration;
  /** Turns, the missed ones included. The first is due at once. */
  readonly count: number;
}

/** A loop that starts with 0 carries any number, not only 0. */
export type Widened<T> = T extends number ? number : T extends string ? string : T extends boolean ? boolean : T;

/** Commands that travel together. Methods of the handles given by `on` only note what to do; their promises must not be awaited. */
export interface Block {
  on<M extends AnyMachine>(machine: M): M;
}

/** Members of a set of equal machines, handed out one at a time. */
export interface Pool<M> {
  /** Runs the work with a member of its own; waits while all are in use. */
  use<T>(work: (member: M) => Promise<T>): Promise<T>;
}

/** Frozen; one per call. Its only clock is `now()`, its only chance `random()`. */
export interface Run {
  readonly id: string;
  readonly user: string;
  readonly protocol: string;
  readonly version: string;
  readonly callPath: string;
  readonly mode: RunMode;
  readonly workcell: string;
  readonly ask: Ask;
  readonly state: RunState;
  readonly data: {
    /** Keeps a measurement under a name, with the call and, for the result of a command, the command it came from. */
    save(name: string, value: Json): void;
  };
  /** Milliseconds since 1970 of the last thing this run learned; the same under replay. */
  now(): number;
  /** From 0 to below 1, from a seed of run id and call path; the same under replay. */
  random(): number;
  /** Waits. Stops while the run is paused: what is left is waited after that. */
  delay(duration: Duration): Promise<void>;
  /** Runs branches side by side. At the first error the others end their running command and clean up, then it is thrown. */
  parallel<const T extends readonly (() => Promise<unknown>)[]>(
    branches: T,
  ): Promise<{ [K in keyof T]: T[K] extends () => Promise<infer R> ? R : never }>;
  /**
   * Begins work beside what follows: `const incubation = run.begin(() => run.delay({ hours: 1 })); … await incubation`. The call
   * must have awaited it before it returns.
   */
  begin<T>(work: () => Promise<T>): Promise<T>;
  /** A loop of any length: a finished iteration is remembered by `acc` alone, so it must be plain data and carry all that is needed. */
  each<Item, Acc extends Json>(
    items: readonly Item[],
    initial: Acc,
    body: (acc: Widened<Acc>, item: Item, index: number) => Promise<Widened<Acc>>,
  ): Promise<Widened<Acc>>;
  /** A loop by the clock, without drift: turn k is due at the start + k · interval. Turns that could not take place are left out and told. */
  every<Acc extends Json>(
    options: EveryOptions,
    initial: Acc,
    body: (acc: Widened<Acc>, tick: Tick) => Promise<Widened<Acc>>,
  ): Promise<Widened<Acc>>;
  /** Holds machines that are shared between runs for a section only, all at once. Sections do not nest. */
  use<T>(machines: readonly AnyMachine[], section: () => Promise<T>): Promise<T>;
  pool<M extends AnyMachine>(members: readonly M[]): Pool<M>;
  /** Sends many commands in one go; each is still journaled before it moves, and the run can stop between any two. Results in order. */
  block(name: string, note: (block: Block) => void): Promise<readonly Json[]>;
  /**
   * From now on the clock runs, through pauses too: `end` must come within `max`. People are warned before; when it breaks,
   * an operator decides whether the run goes on. A window that is still open ends with the call that opened it.
   */
  timeWindow(name: string, options: TimeWindowOptions): TimeWindow;
  /** Tells the people who follow the run. */
  notify(title: string, text: string): void;
  /**
   * Registers work for the end of this call, last in first out. A failing cleanup does not stop the
   * others; it appears in the run's error.
   */
  onCleanup(name: string, cleanup: () => Promise<void>, options?: CleanupOptions): CleanupRegistration;
}
