// The activity behind a command, and what its outcome means: a result, an error that the author may catch, a hold
// to wait out, or an outcome that nobody knows and a person must state.

import { CancellationScope, CancelledFailure, condition } from '@temporalio/workflow';
import { writeCallLog } from '../../domain/runs/call.js';
import { describeCommand } from '../../domain/catalogue/describe-command.js';
import { getMethodPolicy } from '../../domain/catalogue/method-policy.js';
import { LabError } from '../../domain/errors/error.js';
import { toCommandId } from '../../domain/values/ids.js';
import type { Resolution } from '../../domain/inbox/inbox.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { DEADLINE_LIMIT_MS, type CommandRequest } from '../../domain/wire/wire.js';
import { commandActivities, toCommandOptions } from '../execution/activity-stubs.js';
import type { RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { Engine } from '../execution/engine.js';
import { throwAsLabError } from '../replay/translate-errors.js';
import { noteAsking, readAsking, type FirstAsking } from './first-asking.js';
import { readKnownFailure, type KnownFailure } from './is-certain.js';
import { Rearm } from '../replay/operation.js';

/** A hold that the bridge knows of and the workflow does not is over soon, or will be heard of soon. */
const HOLD_LOOK_INTERVAL_MS = 500;
/** After so many looks at a hold of which the run never hears, nobody is there who would end it. */
const UNHEARD_HOLDS_MAX = 4;

/** Runs work that may be left to the next execution, which attaches to the command by its id. */
export type Leave = <T>(work: () => Promise<T>) => Promise<T>;

/** A command as author code gave it, with its place in the run. */
export interface PlacedCommand {
  readonly machine: BoundAsset;
  readonly method: string;
  readonly given: JsonObject;
  readonly scopePath: string;
  readonly callPath: string;
  readonly n: number;
  readonly isShielded: boolean;
  /** What becomes of it should it fail. */
  readonly recovery: RecoveryPolicy;
}

export function toRequest(engine: Engine, command: PlacedCommand, retry: number): CommandRequest {
  const { machine, method, given, scopePath, callPath, n, isShielded } = command;
  const { runId } = engine.input;
  return {
    id: toCommandId({ runId, callPath: scopePath, n, retry }),
    runId,
    callPath,
    n,
    retry,
    machine: machine.name,
    method,
    arguments: given,
    fence: engine.fenceFor(machine.id),
    deadlineMs: Math.min(Math.max(1, Math.ceil(getMethodPolicy(machine.type, method, given).longestMs)), DEADLINE_LIMIT_MS),
    ...(isShielded && { isShielded }),
    ...(engine.input.underRunId !== undefined && { underRunId: engine.input.underRunId }),
  };
}

/** `wasLeft`: it may have begun in an earlier execution, which was closed before it heard of the end. */
export async function submitCommand(
  engine: Engine,
  command: PlacedCommand,
  { progress, wasLeft, leave }: { progress: CommandProgress; wasLeft: boolean; leave: Leave },
): Promise<Json> {
  const { machine, method } = command;
  const request = { ...toRequest(engine, command, progress.retry), ...noteAsking(progress, { from: 0, end: 1 }) };
  // Whoever attaches tells nothing: entries travel with what begins.
  const calls = wasLeft ? undefined : engine.callLog.take();
  const options = toCommandOptions({
    frontend: machine.type,
    method,
    arguments: request.arguments,
    workcell: engine.input.workcell,
    summary: describeCommand(request.machine, method, request.arguments),
  });
  const shallStop = mustBeStopped(engine, command, wasLeft);
  const execute = (): Promise<Json> =>
    commandActivities.executeCommand.executeWithOptions(options, [
      { ...request, ...(calls && { calls: writeCallLog(calls) }), ...(shallStop && { shallStop }) },
    ]);
  try {
    const result = await leave(() =>
      engine.control.moving.note(request, () => (shallStop ? CancellationScope.nonCancellable(execute) : execute())),
    );
    if (calls) engine.callLog.noteArrival(calls);
    return result;
  } catch (error) {
    // Entries that travelled with a refused command are nowhere else; their numbers make a repeat harmless.
    if (calls) engine.callLog.putBack(calls);
    return throwAsLabError(error, request.id);
  }
}

/** What was left under way has to be stopped by the execution that hears of the cancellation: an activity that is cancelled as it begins reaches nobody. */
export function mustBeStopped({ control }: Engine, { isShielded }: Pick<PlacedCommand, 'isShielded'>, wasLeft: boolean): boolean {
  return wasLeft && !isShielded && control.isCancelled();
}

/** Waits until a held run may go on; one that knows of no hold again and again asks a person to look. Throws Rearm when the workflow continues as new meanwhile. */
export async function waitOutHold(
  engine: Engine,
  progress: CommandProgress,
  { known, carry }: { known: string; carry: () => Json },
): Promise<void> {
  const { control, gate } = engine;
  const isOver = (): boolean => control.isCancelled() || gate.isContinuing;
  const isHeard = await condition(() => control.isPaused() || isOver(), HOLD_LOOK_INTERVAL_MS);
  progress.unheardHolds = isHeard ? 0 : progress.unheardHolds + 1;
  if (progress.unheardHolds >= UNHEARD_HOLDS_MAX) {
    // Whoever was asked what a command did is asked no more: its call was given up.
    progress.unheardHolds = 0;
    progress.held = known;
    return;
  }
  await condition(() => !control.isPaused() || isOver());
  if (gate.isContinuing && !control.isCancelled()) throw new Rearm(carry());
}

/** Puts an uncertain command before a person and holds the run until what happened was stated. */
export async function askWhatHappened(
  engine: Engine,
  command: PlacedCommand,
  options: { retry: number; known: string; facts: JsonObject | undefined; isOpen: boolean },
): Promise<Resolution> {
  const { runId } = engine.input;
  const { machine, method, given: given0, callPath } = command;
  const commandId = toRequest(engine, command, options.retry).id;
  const holder = { reason: 'uncertain', holder: commandId } as const;
  const subject = {
    kind: 'uncertain-command',
    text: `Nobody knows whether ${describeCommand(machine.name, method, given0)} happened. Look at the machine, then state what happened.`,
    commandId,
    machine: machine.name,
    method,
    arguments: given0,
    known: options.known,
    ...(options.facts && { facts: options.facts }),
  } as const;
  await engine.control.hold({ ...holder, isHeld: true });
  try {
    const given = await engine.inbox.ask({
      itemId: commandId,
      callPath,
      subject,
      isOpen: options.isOpen,
      accept: (answer) =>
        engine.activities.resolveCommand({
          runId,
          commandId,
          machine: machine.name,
          resolution: answer.answer as unknown as Resolution,
          given: answer,
        }),
    });
    await engine.control.hold({ ...holder, isHeld: false });
    return given.answer as unknown as Resolution;
  } catch (error) {
    if (!(error instanceof Rearm)) await engine.control.hold({ ...holder, isHeld: false });
    throw error;
  }
}

/** A command that was stopped because its run is cancelled is part of the cancellation, and no error that an author would handle. */
export function asCancelled(engine: Engine, error: unknown): unknown {
  return isLabError(error, 'COMMAND_STOPPED') && engine.control.isCancelled() ? new CancelledFailure(error.message) : error;
}

export function isLabError(error: unknown, code: LabError['code']): error is LabError {
  return error instanceof LabError && error.code === code;
}

/** How far a command has come that is not over; what an earlier execution leaves to the next. */
export interface CommandProgress {
  retry: number;
  /** What is known of the uncertain command that a person is being asked about. */
  known: string | undefined;
  /** All that is known of it, as the bridge puts it. */
  facts: JsonObject | undefined;
  /** How often somebody has looked at the machine before it. */
  looks: number;
  /** Why somebody has to look at the machine, while that is being asked. */
  held: string | undefined;
  /** How often its recovery policy has sent it again. */
  retries: number;
  /** The error that a person is being asked about. */
  failed: KnownFailure | undefined;
  /** How often in a row the bridge has refused it for a hold that the run knows nothing of; counted anew by the next execution. */
  unheardHolds: number;
  asked: FirstAsking | undefined;
}

export function readProgress(carried: Json | undefined): CommandProgress {
  const { retry, known, facts, looks, held, retries, failed, asked } = isJsonObject(carried) ? carried : {};
  return {
    retry: typeof retry === 'number' ? retry : 0,
    known: typeof known === 'string' ? known : undefined,
    facts: facts !== undefined && isJsonObject(facts) ? facts : undefined,
    looks: typeof looks === 'number' ? looks : 0,
    held: typeof held === 'string' ? held : undefined,
    retries: typeof retries === 'number' ? retries : 0,
    failed: readKnownFailure(failed),
    unheardHolds: 0,
    asked: readAsking(asked),
  };
}

export function carryProgress({ retry, known, facts, looks, held, retries, failed, asked }: CommandProgress): JsonObject {
  const waits = {
    ...(known !== undefined && { known }),
    ...(facts && { facts }),
    ...(held !== undefined && { held }),
    ...(failed && { failed: { ...failed } }),
    ...(asked && { asked: { ...asked } }),
  };
  return { retry, ...waits, ...(looks > 0 && { looks }), ...(retries > 0 && { retries }) };
}

/** Without `known` nothing is in doubt any more. */
export function noteDoubt(progress: CommandProgress, known: string | undefined, facts?: JsonObject): void {
  progress.known = known;
  progress.facts = facts;
}

/** What an UNCERTAIN error says beside its message. */
export function readFacts(details: JsonObject | undefined): JsonObject | undefined {
  const facts = details?.['facts'];
  return facts !== undefined && isJsonObject(facts) ? facts : undefined;
}

export async function rearmWith<T>(carry: () => Json, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Rearm) throw new Rearm(carry());
    throw error;
  }
}
