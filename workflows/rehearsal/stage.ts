// What all parts of a rehearsal work with: the run as the engine knows it, a clock of its own, the simulators behind a host,
// and the record that becomes the report.

import type { Json } from '../../domain/json/json.js';
import type { RehearsedCommand, RehearsedQuestion } from '../../domain/rehearsal/rehearsal.js';
import type { BridgeMethods } from '../../domain/wire/wire.js';
import type { CallEngine } from '../execution/engine.js';
import type { VirtualGateWorld } from './virtual-gate.js';

/** The world outside the bundle. Values pass as JSON text, because both sides live in contexts of their own. */
export interface RehearsalHost {
  /** Sends one message to the bridge of the simulators, whose clock it sets first. */
  send(messageText: string): Promise<string>;
  /** Resolves when everything that can go on now has gone on. */
  settle(): Promise<void>;
}

/** A message to the bridge. */
export interface StagedMessage {
  readonly nowMs: number;
  readonly method: keyof BridgeMethods;
  readonly params: object;
}

export interface Stage extends CallEngine, VirtualGateWorld {
  readonly startMs: number;
  readonly host: RehearsalHost;
  readonly answers: readonly Json[];
  readonly record: StageRecord;
  /** Who comes last in the queue of a machine. */
  readonly queues: Map<string, Promise<unknown>>;
  /** Assets that only sections may use. */
  readonly shared: ReadonlySet<string>;
  /** Those that a section holds now. */
  readonly held: Set<string>;
}

export interface StageRecord {
  readonly commands: RehearsedCommand[];
  readonly questions: RehearsedQuestion[];
  readonly warnings: Set<string>;
  /** Failures in the order in which they came, with the place in author code that they came to. */
  readonly failures: { readonly code: string; readonly message: string; readonly stack: string; readonly commandId?: string }[];
}

/** Work with something that one alone can use: whoever asked first is first. */
export function takeTurn<T>(queues: Stage['queues'], name: string, work: () => Promise<T>): Promise<T> {
  const done = (queues.get(name) ?? Promise.resolve()).then(work);
  queues.set(
    name,
    done.catch(() => undefined),
  );
  return done;
}

/** The bridge's answer; the clock stands still meanwhile. */
export async function askBridge<M extends keyof BridgeMethods>(
  stage: Stage,
  method: M,
  params: BridgeMethods[M]['params'],
): Promise<BridgeMethods[M]['result']> {
  const { clock, host } = stage;
  return JSON.parse(
    await clock.hold(() => host.send(JSON.stringify({ nowMs: clock.nowMs, method, params } satisfies StagedMessage))),
  ) as BridgeMethods[M]['result'];
}
