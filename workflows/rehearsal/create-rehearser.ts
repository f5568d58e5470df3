// Executes a protocol outside of any workflow, against simulators and on a virtual clock. A bundle exports one rehearser over
// its own functions; it is driven from outside by JSON text.

import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import type { RehearsalRequest, RehearsedRun } from '../../domain/rehearsal/rehearsal.js';
import { listProtocolFunctions, type AnyProtocolFunction } from '../../protocols/sdk/protocol-function.js';
import { installRuntime } from '../../protocols/sdk/runtime.js';
import { createAuthorPromises } from '../replay/author-promises.js';
import { installAuthorGlobals } from '../replay/author-globals.js';
import { toErrorRecord } from '../replay/translate-errors.js';
import { createRandom, drawRandom } from '../replay/random.js';
import { standings } from '../replay/scope.js';
import { watchSteps } from '../replay/steps.js';
import { createCallRehearser, isCalculating, rehearseRoot } from './rehearse-call.js';
import { createRehearsedLog, type RehearsedLog } from './rehearsed-log.js';
import type { RehearsalHost, Stage } from './stage.js';
import { createVirtualClock } from './virtual-clock.js';
import { createVirtualGate } from './virtual-gate.js';

/** What the rehearser is told: the request and the moment at which the run begins. */
export type RehearserInput = Pick<RehearsalRequest, 'envelope' | 'answers'> & { readonly startMs: number };

/** Takes a RehearserInput as JSON text, answers a RehearsedRun as JSON text. One at a time. */
export type Rehearser = (inputText: string, host: RehearsalHost) => Promise<string>;

/** The SDK stands between a command and the author's line. */
const STACK_FRAMES = 30;

export function createRehearser(modules: readonly Readonly<Record<string, unknown>>[]): Rehearser {
  const protocols = new Map(modules.flatMap(listProtocolFunctions).map((each) => [each.definition.name, each] as const));
  return async (inputText, host) => {
    Error.stackTraceLimit = STACK_FRAMES;
    const input = JSON.parse(inputText) as RehearserInput;
    const protocol = protocols.get(input.envelope.protocol);
    if (!protocol) throw new LabError('NO_WORKER', { message: `The published source holds no protocol ${input.envelope.protocol}.` });
    return JSON.stringify(await rehearse(protocol, input, host));
  };
}

async function rehearse(protocol: AnyProtocolFunction, input: RehearserInput, host: RehearsalHost): Promise<RehearsedRun> {
  const { definition } = protocol;
  const { parameters, assets, runId } = input.envelope;
  const log = createRehearsedLog(input.startMs);
  const stage = openStage(protocol, { input, host, log });
  installRuntime({ call: createCallRehearser(stage), give: stage.promises.give });
  // The clock stands still meanwhile: code that has tripped waits for nothing that would come.
  watchSteps({ mayTrip: () => !isCalculating(), settle: () => stage.clock.hold(() => host.settle()) });
  const firstRandom = createRandom(runId);
  installAuthorGlobals({
    promise: stage.promises.joinable,
    hearUnheld: stage.promises.hearUnheld,
    now: () => stage.gate.now(),
    random: () => {
      const standing = standings.getStore();
      return standing ? drawRandom(runId, standing.scope.call) : firstRandom();
    },
  });
  const request = { definition, kind: definition.kind, parameters, assets };
  try {
    const result = await stage.clock.runUntil(rehearseRoot(stage, request, (world) => protocol.execute(world, parameters, assets)));
    return toRecord(stage, log, { result, failure: null });
  } catch (error) {
    return toRecord(stage, log, { result: null, failure: toFailure(stage, error) });
  }
}

function openStage(
  { definition }: AnyProtocolFunction,
  { input, host, log }: { input: RehearserInput; host: RehearsalHost; log: RehearsedLog },
): Stage {
  const { envelope, startMs, answers } = input;
  const clock = createVirtualClock(startMs, () => host.settle());
  const peak = { entries: 0, bytes: 0 };
  const promises = createAuthorPromises();
  const record: Stage['record'] = { commands: [], questions: [], warnings: new Set(), failures: [] };
  const noteFailure = (error: unknown, stack: string): void => {
    const { code, message } = toErrorRecord(error);
    record.failures.push({ code, message, stack });
  };
  const shared = Object.entries(definition.assets).flatMap(([name, spec]) => {
    const asset = envelope.assets[name];
    return spec.kind === 'machine' && spec.hold === 'perUse' && asset ? [asset.id] : [];
  });
  return {
    input: envelope,
    gate: createVirtualGate({ clock, peak, noteFailure, settle: () => host.settle(), promises }),
    callLog: log.outbox,
    cleanupFailures: [],
    promises,
    settle: () => host.settle(),
    clock,
    startMs,
    host,
    answers,
    peak,
    noteFailure,
    record,
    queues: new Map(),
    shared: new Set(shared),
    held: new Set(),
  };
}

function toFailure({ input, record, cleanupFailures }: Stage, error: unknown): NonNullable<RehearsedRun['failure']> {
  const told = toErrorRecord(error, input.protocol);
  const source = record.failures.find(({ code, message }) => code === told.code && message === told.message);
  const message = [told.message, ...cleanupFailures].join(' · ');
  return {
    ...told,
    message,
    ...(source && { stack: source.stack, ...(source.commandId !== undefined && { commandId: source.commandId }) }),
  };
}

function toRecord(stage: Stage, log: RehearsedLog, ended: { result: Json; failure: RehearsedRun['failure'] }): RehearsedRun {
  const { record, clock, startMs, peak } = stage;
  const caught = record.failures.filter(({ commandId }) => commandId !== undefined && commandId !== ended.failure?.commandId);
  for (const { message } of caught) record.warnings.add(`A command failed and the protocol went on: ${message}`);
  return {
    ...ended,
    commands: record.commands,
    calls: [...log.calls.values()],
    questions: record.questions,
    notes: log.notes,
    data: log.data,
    durationMs: clock.nowMs - startMs,
    ledger: { ...peak },
    warnings: [...record.warnings],
  };
}
