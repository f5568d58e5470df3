// Many commands as one tracked operation and one activity: each has an id of its own and is journaled before it moves;
// held, stopped or in doubt between any two, the block goes on from there.

import { CancellationScope } from '@temporalio/workflow';
import type { BlockResult } from '../../activities/activity-types.js';
import { countJsonBytes } from '../../domain/values/byte-size.js';
import { writeCallLog } from '../../domain/runs/call.js';
import { LabError } from '../../domain/errors/error.js';
import { isErrorCode } from '../../domain/errors/error.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';
import type { CommandOutcome, CommandRequest } from '../../domain/wire/wire.js';
import type { AnyMachine, SendCommand } from '../../protocols/sdk/machine-handle.js';
import { createMachineHandle } from '../../protocols/sdk/machines.js';
import type { Block } from '../../protocols/sdk/run.js';
import { commandActivities, toBlockOptions } from '../execution/activity-stubs.js';
import type { Engine } from '../execution/engine.js';
import { throwAsLabError } from '../replay/translate-errors.js';
import type { KeptAs } from '../replay/ledger.js';
import { forgetAsking, noteAsking } from './first-asking.js';
import { Rearm, type UnderWay } from '../replay/operation.js';
import { askAboutFailure, recover } from './recover-command.js';
import { findScope, isLeftOver, isShielded, keepUntilSettled, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import {
  asCancelled,
  askWhatHappened,
  carryProgress,
  isLabError,
  mustBeStopped,
  noteDoubt,
  readFacts,
  readProgress,
  rearmWith,
  toRequest,
  waitOutHold,
  type CommandProgress,
  type Leave,
  type PlacedCommand,
} from './submit-command.js';
import { waitForLook } from './ask-to-look.js';
import { waitOutStop } from '../execution/wait-out-stop.js';

/** What one activity takes; the bridge's line limit is 8 MiB. */
const PORTION_COMMANDS = 500;
const PORTION_BYTES = 4 * 1024 * 1024;
/** Results of one block, which author code gets together. */
const RESULTS_LIMIT_BYTES = 16 * 1024 * 1024;

export function sendBlock(
  engine: Engine,
  call: Scope,
  { name, note }: { name: string; note: (block: Block) => void },
): Promise<readonly Json[]> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { id } = nextOperation(scope, 'b');
  const commands: PlacedCommand[] = [];
  note({
    on: <M extends AnyMachine>(machine: M) =>
      createMachineHandle(
        machine.asset,
        noteCommands((method, given) => {
          const { n } = nextOperation(scope, '');
          commands.push({
            machine: machine.asset,
            method,
            given,
            scopePath: scope.path,
            callPath: scope.call.path,
            n,
            isShielded: isShielded(),
            recovery: scope.recovery,
          });
          // Whoever awaits a noted command would wait for its result before it was sent.
          return waitForEver<Json>();
        }),
      ) as unknown as M,
  });
  let progress: BlockProgress | undefined;
  const promise = engine.gate.step<Json>({
    id,
    what: commands.map(({ machine, method, given }) => [machine.name, method, given]),
    isShielded: isShielded(),
    ...(commands[0] && { place: commands[0].machine.id }),
    keptAs: () => progress && toKept(engine.input.runId, commands, progress),
    run: (carried, underWay) => {
      progress = readBlockProgress(carried);
      return execute(engine, { name, commands, progress, underWay, wasLeft: carried !== undefined });
    },
  });
  keepUntilSettled(scope.runningCommands, promise, promise);
  engine.promises.noteCommand({ what: `block ${name}`, scope, machines: commands.map(({ machine }) => machine.name) }, promise);
  return promise as Promise<readonly Json[]>;
}

/** Says that commands are only noted, so that methods made of several commands note them all at once. */
function noteCommands(note: (method: string, given: JsonObject) => Promise<Json>): SendCommand {
  return Object.assign(note, { isNoting: true as const });
}

/** How far a block has come; what it says of a command is of the one that is next. */
interface BlockProgress extends CommandProgress {
  readonly results: Json[];
  /** Of each result, the retry that gave it; null where a person did. */
  readonly sources: (number | null)[];
  resultsBytes: number;
}

/** Where the results can be read again, where each is that of a command. */
function toKept(runId: string, [first]: readonly PlacedCommand[], { sources }: BlockProgress): KeptAs | undefined {
  const retries = sources.filter((source) => source !== null);
  return first === undefined || retries.length < sources.length
    ? undefined
    : { block: { runId, path: first.scopePath, firstN: first.n, retries } };
}

async function execute(
  engine: Engine,
  block: { name: string; commands: readonly PlacedCommand[]; progress: BlockProgress; underWay: UnderWay; wasLeft: boolean },
): Promise<Json> {
  const { commands, progress } = block;
  const carry = (): Json => ({ results: progress.results, sources: progress.sources, ...carryProgress(progress) });
  const leave: Leave = (work) => block.underWay.mayBeLeft({ isFree: false, carry }, work);
  let { wasLeft } = block;
  let isOpen = progress.known !== undefined || progress.held !== undefined || progress.failed !== undefined;
  while (progress.results.length < commands.length) {
    const { retry, known, facts, held, failed } = progress;
    const next = commands[progress.results.length] as PlacedCommand;
    if (held !== undefined) {
      const look = { retry, n: progress.looks + 1, known: held, isOpen };
      await rearmWith(carry, () => waitForLook(engine, next, look));
      progress.looks += 1;
      progress.held = undefined;
    } else if (failed !== undefined) {
      const recovery = await rearmWith(carry, () => askAboutFailure(engine, next, { retry, failed, isOpen }));
      progress.failed = undefined;
      if (recovery.then === 'skip') takeResult(progress, recovery.result ?? null, null);
      else progress.retry += 1;
    } else if (known === undefined) {
      await sendPortion(engine, { ...block, carry, leave, wasLeft });
    } else {
      const resolution = await rearmWith(carry, () => askWhatHappened(engine, next, { retry, known, facts, isOpen }));
      noteDoubt(progress, undefined);
      if (resolution.then === 'abort') throw new LabError('UNCERTAIN', { message: `${known} Stated: ${resolution.happened}; aborted.` });
      if (resolution.then === 'skip') takeResult(progress, resolution.result ?? null, null);
      else progress.retry += 1;
    }
    isOpen = false;
    wasLeft = false;
  }
  return progress.results;
}

function takeResult(progress: BlockProgress, result: Json, source: number | null): void {
  progress.results.push(result);
  progress.sources.push(source);
  progress.resultsBytes += countJsonBytes(result);
  if (progress.resultsBytes > RESULTS_LIMIT_BYTES) {
    throw new LabError('VALUE_TOO_LARGE', {
      message: `The results of the first ${progress.results.length} commands of the block have ${progress.resultsBytes} bytes; the limit is ${RESULTS_LIMIT_BYTES}.`,
      remedy: 'Put fewer commands with large results into one block.',
    });
  }
  progress.retry = 0;
  progress.looks = 0;
  progress.retries = 0;
}

function takeRecovered(progress: BlockProgress, ended: { readonly result: Json } | undefined): void {
  if (ended) takeResult(progress, ended.result, null);
}

interface Portion {
  readonly name: string;
  readonly commands: readonly PlacedCommand[];
  readonly progress: BlockProgress;
  readonly carry: () => Json;
  readonly leave: Leave;
  readonly wasLeft: boolean;
}

async function sendPortion(engine: Engine, { name, commands, progress, carry, leave, wasLeft }: Portion): Promise<void> {
  const done = progress.results.length;
  const wanted = limitPortion(
    commands.slice(done, done + PORTION_COMMANDS).map((command, index) => toRequest(engine, command, index === 0 ? progress.retry : 0)),
  );
  const asking = noteAsking(progress, { from: done, end: done + wanted.length });
  const requests = wanted.map((request) => ({ ...request, ...asking }));
  const portion = commands.slice(done, done + requests.length);
  const kinds = portion.map(({ machine, method, given }) => ({ frontend: machine.type, method, arguments: given }));
  const options = toBlockOptions(kinds, { workcell: engine.input.workcell, summary: `${name}: ${portion.length} commands` });
  const calls = wasLeft ? undefined : engine.callLog.take();
  const [first, ...rest] = requests;
  if (!first) return;
  const shallStop = mustBeStopped(engine, portion[0] as PlacedCommand, wasLeft);
  const send = (): Promise<BlockResult> =>
    commandActivities.executeBlock.executeWithOptions(options, [
      { commands: [calls ? { ...first, calls: writeCallLog(calls) } : first, ...rest], ...(shallStop && { shallStop }) },
    ]);
  try {
    const { outcomes, isHeld } = await leave(() =>
      engine.control.moving.note(first, () => (shallStop ? CancellationScope.nonCancellable(send) : send())),
    );
    if (calls) engine.callLog.noteArrival(calls);
    takeOutcomes(progress, commands, outcomes);
    // More may have begun than the answer had room for; not so where it was held, or ended early.
    if (isHeld || outcomes.at(-1)?.status !== 'completed') forgetAsking(progress);
    if (isHeld && first.isShielded === true) await waitOutStop(engine, carry());
    else if (isHeld)
      await waitOutHold(engine, progress, { known: `${portion[0]?.machine.name} was held, and the run knows of no hold.`, carry });
  } catch (error) {
    if (error instanceof Rearm) throw error;
    if (error instanceof LabError) throw portion[0]?.isShielded === true ? error : asCancelled(engine, error);
    if (calls) engine.callLog.putBack(calls);
    await understand(error, engine, { name, progress, carry, next: portion[0] as PlacedCommand });
  }
}

/** As many as one message takes, and at least one. */
function limitPortion(requests: readonly CommandRequest[]): readonly CommandRequest[] {
  let bytes = 0;
  const end = requests.findIndex((request, index) => (bytes += countJsonBytes(request)) > PORTION_BYTES && index > 0);
  return end < 0 ? requests : requests.slice(0, end);
}

/** Nothing is known of any command: held before the first, or in doubt as a whole. */
async function understand(
  error: unknown,
  engine: Engine,
  given: { name: string; progress: BlockProgress; carry: () => Json; next: PlacedCommand },
): Promise<void> {
  const { name, progress, carry, next } = given;
  forgetAsking(progress);
  try {
    throwAsLabError(error, name);
  } catch (failure) {
    if (isLabError(failure, 'STOPPED_ALL')) await waitOutStop(engine, carry());
    else if (isLabError(failure, 'RUN_HELD')) await waitOutHold(engine, progress, { known: failure.message, carry });
    else if (isLabError(failure, 'UNCERTAIN')) noteDoubt(progress, failure.message, readFacts(failure.details));
    else if (isLabError(failure, 'MACHINE_HELD') && !next.isShielded) progress.held = failure.message;
    else if (failure instanceof LabError) takeRecovered(progress, recover(failure, next, progress));
    else throw failure;
  }
}

function takeOutcomes(progress: BlockProgress, commands: readonly PlacedCommand[], outcomes: readonly CommandOutcome[]): void {
  for (const { status, result, error, sends } of outcomes) {
    if (status === 'completed') {
      takeResult(progress, result, progress.retry);
      continue;
    }
    if (status === 'uncertain') {
      noteDoubt(progress, error?.message ?? 'The outcome is unknown.', error?.details);
      return;
    }
    const next = progress.results.length;
    takeRecovered(progress, recover(toFailure(next, { status, error, sends }), commands[next] as PlacedCommand, progress));
    return;
  }
}

function toFailure(index: number, { status, error, sends }: Pick<CommandOutcome, 'status' | 'error' | 'sends'>): LabError {
  const code = error?.code ?? '';
  return new LabError(isErrorCode(code) ? code : status === 'stopped' ? 'COMMAND_STOPPED' : 'MACHINE_ERROR', {
    message: `Command ${index + 1} of the block: ${error?.message ?? status}`,
    ...(error?.remedy !== undefined && { remedy: error.remedy }),
    details: { ...(error?.channels !== undefined && { channels: error.channels }), sends },
  });
}

function readBlockProgress(carried: Json | undefined): BlockProgress {
  const results =
    isJsonObject(carried) && carried['results'] !== undefined && isJsonArray(carried['results']) ? [...carried['results']] : [];
  const sources =
    isJsonObject(carried) && carried['sources'] !== undefined && isJsonArray(carried['sources'])
      ? carried['sources'].map((source) => (typeof source === 'number' ? source : null))
      : results.map(() => null);
  return { ...readProgress(carried), results, sources, resultsBytes: countJsonBytes(results) };
}
