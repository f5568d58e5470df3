// Process: one rehearsal. It is told what to rehearse by its parent, starts simulators and a thread for author code, sends
// the report back and ends. When the parent goes, everything goes.

import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BridgePlace } from '../domain/workcells/bridge-place.js';
import { ERRORS, isErrorCode, LabError } from '../domain/errors/error.js';
import type { JsonObject } from '../domain/json/json.js';
import type { RehearsalReport, RehearsalRequest, RehearsedRun, SourcePlace } from '../domain/rehearsal/rehearsal.js';
import { createLogger } from '../platform/logging.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings, type Settings } from '../platform/settings.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { REHEARSER_EXPORT } from '../protocols/bundling/bundle-entry.js';
import { findBundleFile } from '../protocols/bundling/bundle-protocols.js';
import { readKeptSource } from '../protocols/bundling/kept-sources.js';
import { limitBridgeAnswer } from '../workcell/limit-bridge-answer.js';
import { startRehearsalBridge } from './rehearsal-bridge.js';
import { createReport } from './rehearsal-report.js';
import type { RehearsalThreadAnswer, RehearsalThreadData } from './rehearsal-thread.js';
import { findSourcePlace } from '../protocols/bundling/source-location.js';

/** What the parent sends. */
export interface RehearsalOrder {
  readonly request: RehearsalRequest;
  /** Empty; the parent removes it. */
  readonly folder: string;
  /** Author code that takes longer is taken for code that never ends. */
  readonly limitMs: number;
}

/** What it gets. */
export type RehearsalReply =
  | { readonly report: RehearsalReport }
  | { readonly error: { readonly code: string; readonly message: string; readonly remedy: string } };

/** What author code of a rehearsal may keep in memory. */
const HEAP_MAX_MIB = 512;

const settings = readSettings();
process.once('disconnect', () => process.exit(0));
process.once('message', (order: RehearsalOrder) => {
  void rehearse(settings, order)
    .then(
      (report): RehearsalReply => ({ report }),
      (error: unknown): RehearsalReply => ({ error: toReplyError(error) }),
    )
    .then((reply) => process.send?.(reply, () => process.exit(0)));
});

async function rehearse(
  { home, bridge: liveBridge, cache, python, logLevel }: Settings,
  { request, folder, limitMs }: RehearsalOrder,
): Promise<RehearsalReport> {
  const bundleFile = await findBundleFile(home, request.bundle, createLogger('rehearsal', logLevel));
  if (bundleFile === undefined)
    throw new LabError('NO_WORKER', { message: `The source of ${request.envelope.protocol} is not kept here (px.${request.bundle}).` });
  const folders = (await readKeptSource(home, request.bundle))?.folders ?? [];
  const warnings: string[] = [];
  const state = await readLiveState(liveBridge, request.spec.name);
  if (state === null) warnings.push('The bridge of the workcell does not answer: the rehearsal began with fresh labware.');
  const bridge = await startRehearsalBridge({ cache, python }, folder);
  try {
    await bridge.client.request('rehearsal.begin', { spec: request.spec, state });
    const before = (await bridge.client.request('state.read', {})).resources;
    const { envelope, answers } = request;
    const run = await executeAuthorCode(
      { bundleFile, rehearser: REHEARSER_EXPORT, socket: bridge.socket, input: { envelope, answers, startMs: Date.now() } },
      limitMs,
    );
    return createReport({
      request,
      run,
      before,
      deltas: await bridge.readDeltas(),
      warnings,
      findPlace: (stack) => toAuthorsPlace(findSourcePlace(bundleFile, stack), folders),
    });
  } finally {
    bridge.stop();
  }
}

/** Files of authors lie in a bundle as `protocols/source-1/…`; people know their folder. */
function toAuthorsPlace(place: SourcePlace | undefined, folders: readonly string[]): SourcePlace | undefined {
  const [, number, file] = /^protocols\/source-(\d+)\/(.+)$/u.exec(place?.file ?? '') ?? [];
  const folder = folders[Number(number) - 1];
  return place && folder !== undefined && file !== undefined ? { ...place, file: path.join(folder, file) } : place;
}

/** What stands and lies where in the lab now; null where nobody can tell. */
async function readLiveState(place: BridgePlace, workcell: string): Promise<JsonObject | null> {
  const client = new BridgeClient(place);
  try {
    const hello = await limitBridgeAnswer(client.request('hello', {}), 'nothing was asked of it');
    if (hello.workcell !== workcell) return null;
    return (await limitBridgeAnswer(client.request('state.read', {}), 'nothing was changed')).resources;
  } catch (error) {
    // A lab whose bridge is down can still be rehearsed; the report says with what.
    if (error instanceof LabError) return null;
    throw error;
  } finally {
    client.close();
  }
}

async function executeAuthorCode(workerData: RehearsalThreadData, limitMs: number): Promise<RehearsedRun> {
  const file = path.join(findProjectRoot(), 'dist', 'rehearsal', 'rehearsal-thread.js');
  const thread = new Worker(file, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MIB } });
  const tooLong = `${workerData.input.envelope.protocol} did not come to an end within ${limitMs / 1_000} s of rehearsing.`;
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<RehearsalThreadAnswer>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new LabError('REHEARSAL_TOO_LONG', { message: tooLong }));
      }, limitMs);
      thread.once('message', resolve);
      thread.once('exit', () => {
        reject(new LabError('PROTOCOL_ERROR', { message: 'The protocol ended its thread.' }));
      });
      thread.once('error', (cause) => {
        reject(new LabError('PROTOCOL_ERROR', { message: `The protocol ended its thread: ${cause.message}`, cause }));
      });
    });
    if ('runText' in answer) return JSON.parse(answer.runText) as RehearsedRun;
    const { code, message } = answer.error;
    throw new LabError(isErrorCode(code) ? code : 'REHEARSAL_FAILED', { message });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

function toReplyError(error: unknown): { code: string; message: string; remedy: string } {
  if (error instanceof LabError) return { code: error.code, message: error.message, remedy: error.remedy };
  return { code: 'REHEARSAL_FAILED', message: (error as Error).message, remedy: ERRORS.REHEARSAL_FAILED.remedy };
}
