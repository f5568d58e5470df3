// Commands and blocks of a rehearsal: the same ids and the same gate as in a run; the simulators execute them in the order of
// the virtual clock, and each takes the time that its policy expects.

import { getMethodPolicy } from '../../domain/catalogue/method-policy.js';
import { isErrorCode, LabError } from '../../domain/errors/error.js';
import { toCommandId } from '../../domain/values/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';
import { requireRecovery } from '../../domain/inbox/machine-error.js';
import { REHEARSED_COMMANDS_MAX } from '../../domain/rehearsal/rehearsal.js';
import { decideRecovery, type RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import type { CommandOutcome } from '../../domain/wire/wire.js';
import type { AnyMachine, SendCommand } from '../../protocols/sdk/machine-handle.js';
import { createMachineHandle } from '../../protocols/sdk/machines.js';
import type { Block } from '../../protocols/sdk/run.js';
import { judgeFailure, toMachineError } from '../command/command-failure.js';
import type { KnownFailure } from '../command/is-certain.js';
import { rememberSource } from '../replay/find-provenance.js';
import { findScope, isLeftOver, isShielded, keepUntilSettled, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import { askBridge, takeTurn, type Stage } from './stage.js';
import { readStack } from './virtual-gate.js';

/** The first reservation of a journal that is as new as the rehearsal. */
const FENCE = 1;

interface Placed {
  readonly machine: BoundAsset;
  readonly method: string;
  readonly given: JsonObject;
  readonly scopePath: string;
  readonly callPath: string;
  readonly n: number;
  readonly isShielded: boolean;
  readonly recovery: RecoveryPolicy;
  /** Where author code gave it. */
  readonly stack: string;
}

export function rehearseCommand(
  stage: Stage,
  call: Scope,
  command: { machine: BoundAsset; method: string; given: JsonObject },
): Promise<Json> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { id, n } = nextOperation(scope, '');
  const placed: Placed = {
    ...command,
    scopePath: scope.path,
    callPath: scope.call.path,
    n,
    isShielded: isShielded(),
    recovery: scope.recovery,
    stack: readStack(),
  };
  const commandId = toCommandId({ runId: stage.input.runId, callPath: scope.path, n, retry: 0 });
  const promise = stage.gate.step<Json>({
    id,
    what: [command.machine.name, command.method, command.given],
    isShielded: placed.isShielded,
    keptAs: () => ({ command: commandId }),
    run: () => execute(stage, placed),
  });
  keepUntilSettled(scope.runningCommands, promise, promise);
  stage.promises.noteCommand({ what: `${command.machine.name}.${command.method}`, scope, machines: [command.machine.name] }, promise);
  promise.then(
    (result) => {
      rememberSource(result, commandId);
    },
    () => undefined,
  );
  return promise;
}

export function rehearseBlock(stage: Stage, call: Scope, note: (block: Block) => void): Promise<readonly Json[]> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const { id } = nextOperation(scope, 'b');
  const commands: Placed[] = [];
  const noteOn = (machine: BoundAsset): SendCommand =>
    Object.assign(
      (method: string, given: JsonObject): Promise<Json> => {
        const { n } = nextOperation(scope, '');
        commands.push({
          machine,
          method,
          given,
          scopePath: scope.path,
          callPath: scope.call.path,
          n,
          isShielded: isShielded(),
          recovery: scope.recovery,
          stack: readStack(),
        });
        return waitForEver<Json>();
      },
      { isNoting: true as const },
    );
  note({ on: <M extends AnyMachine>(machine: M) => createMachineHandle(machine.asset, noteOn(machine.asset)) as unknown as M });
  const run = async (): Promise<Json> => {
    const results: Json[] = [];
    for (const command of commands) results.push(await execute(stage, command));
    return results;
  };
  const promise = stage.gate.step<Json>({
    id,
    what: commands.map(({ machine, method, given }) => [machine.name, method, given]),
    isShielded: isShielded(),
    run,
  });
  keepUntilSettled(scope.runningCommands, promise, promise);
  stage.promises.noteCommand({ what: 'block', scope, machines: commands.map(({ machine }) => machine.name) }, promise);
  return promise as Promise<readonly Json[]>;
}

/** Waits for the machine and has the command executed; what becomes of one that fails, its policy says as in a run. */
function execute(stage: Stage, placed: Placed): Promise<Json> {
  return takeTurn(stage.queues, placed.machine.name, async () => {
    requireHeld(stage, placed.machine);
    let retries = 0;
    for (let retry = 0; ; retry += 1) {
      const outcome = await send(stage, placed, retry);
      if (outcome.status === 'completed') return outcome.result;
      const { code = '', message = outcome.status, channels, remedy } = outcome.error ?? {};
      const failed = { code, message, remedy, details: { sends: outcome.sends, ...(channels && { channels }) } };
      const decision = decideRecovery(placed.recovery, { ...judgeFailure(placed, failed), retries, mayAsk: !placed.isShielded });
      const answered = decision.then === 'ask' ? askAboutFailure(stage, placed, { failed, retry }) : decision;
      if (answered.then === 'done') return answered.result;
      if (answered.then !== 'retry') throw toFailure(stage, placed, { ...failed, id: toId(stage, placed, retry) });
      if (decision.then === 'retry') retries += 1;
    }
  });
}

function toId({ input }: Stage, { scopePath, n }: Placed, retry: number): string {
  return toCommandId({ runId: input.runId, callPath: scopePath, n, retry });
}

/** Lets pass what it takes. A refused command takes no time. */
async function send(stage: Stage, placed: Placed, retry: number): Promise<CommandOutcome> {
  const { machine, method, given, scopePath, callPath, n } = placed;
  const { runId } = stage.input;
  const id = toId(stage, placed, retry);
  const atMs = stage.clock.nowMs - stage.startMs;
  const expected = getMethodPolicy(machine.type, method, given).expectedMs;
  requireRoom(stage);
  const outcome = await askBridge(stage, 'command.run', {
    id,
    runId,
    callPath,
    n,
    retry,
    machine: machine.name,
    method,
    arguments: given,
    fence: FENCE,
    isShielded: placed.isShielded,
  });
  const isDone = outcome.status === 'completed';
  const expectedMs = isDone || outcome.sends > 0 ? expected : 0;
  const code = outcome.error?.code;
  stage.record.commands.push({
    id,
    callPath: scopePath,
    machine: machine.name,
    method,
    arguments: given,
    status: isDone ? 'completed' : 'failed',
    atMs,
    expectedMs,
    ...(code !== undefined && { code }),
  });
  await stage.clock.pass(expectedMs);
  return outcome;
}

type Answered = { readonly then: 'fail' | 'retry' } | { readonly then: 'done'; readonly result: Json };

/** Answered at once: by the next answer where that is one to a failure, else as if the person gave up, so that the failure is told. */
function askAboutFailure(stage: Stage, placed: Placed, { failed, retry }: { failed: KnownFailure; retry: number }): Answered {
  const { answers, record } = stage;
  const question = toMachineError(placed, failed, toId(stage, placed, retry));
  const next = answers[record.questions.length];
  const given = next !== undefined && isJsonObject(next) && 'then' in next ? next : undefined;
  const answer = requireRecovery(question, given ?? { then: 'abort' });
  if (given !== undefined)
    record.questions.push({ callPath: placed.callPath, kind: question.kind, text: question.text, answer: given, isAssumed: false });
  else record.warnings.add(`A run is held here until a person has answered: ${question.text}`);
  if (answer.corrections !== undefined) record.warnings.add('A rehearsal does not make corrections of the deck true.');
  if (answer.then === 'skip') return { then: 'done', result: answer.result ?? null };
  return { then: answer.then === 'abort' ? 'fail' : 'retry' };
}

function requireHeld({ shared, held }: Stage, { id, name }: BoundAsset): void {
  if (!shared.has(id) || held.has(id)) return;
  throw new LabError('PROTOCOL_ERROR', { message: `${name} is shared between runs; command it inside run.use only.` });
}

function requireRoom({ record }: Stage): void {
  if (record.commands.length < REHEARSED_COMMANDS_MAX) return;
  throw new LabError('REHEARSAL_TOO_LONG', { message: `The protocol gave more than ${REHEARSED_COMMANDS_MAX} commands.` });
}

function toFailure(
  stage: Stage,
  { machine, method, stack }: Placed,
  given: { id: string; code: string; message: string; remedy?: string | undefined },
): LabError {
  const code = isErrorCode(given.code) ? given.code : 'MACHINE_ERROR';
  const { remedy } = given;
  const error = new LabError(code, { message: `${machine.name}.${method}: ${given.message}`, ...(remedy !== undefined && { remedy }) });
  stage.record.failures.push({ code, message: error.message, stack, commandId: given.id });
  return error;
}
