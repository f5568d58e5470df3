// Thread: executes author code in a rehearsal, over the rehearser of its bundle and a connection to the simulators of its own.
// Code that never ends is ended with the thread.

import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { LabError } from '../domain/errors/error.js';
import type { BridgeMethods } from '../domain/wire/wire.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import type { Rehearser, RehearserInput } from '../workflows/rehearsal/create-rehearser.js';
import type { RehearsalHost, StagedMessage } from '../workflows/rehearsal/stage.js';
import { loadBundle } from '../protocols/bundling/load-bundle.js';

/** Given to the thread when it starts. */
export interface RehearsalThreadData {
  readonly bundleFile: string;
  /** Name under which the bundle exports its rehearser. */
  readonly rehearser: string;
  readonly socket: string;
  readonly input: RehearserInput;
}

/** A RehearsedRun as JSON text, or why there is none. */
export type RehearsalThreadAnswer = { readonly runText: string } | { readonly error: { readonly code: string; readonly message: string } };

const data = workerData as RehearsalThreadData;
const client = new BridgeClient(data.socket);
parentPort?.postMessage(await rehearse().catch(toAnswer));
client.close();

async function rehearse(): Promise<RehearsalThreadAnswer> {
  const found = loadBundle(data.bundleFile).find(data.rehearser);
  if (found === undefined)
    throw new LabError('REHEARSAL_FAILED', {
      message: 'This version of protocols was built before there were rehearsals.',
      remedy: 'Restart the lab, which publishes the protocols again.',
    });
  const host: RehearsalHost = {
    send: async (messageText) => {
      const { nowMs, method, params } = JSON.parse(messageText) as StagedMessage;
      // Requests of one connection begin in the order in which they came, so one journey does for both.
      const clock = client.request('rehearsal.clock', { nowMs: Math.round(nowMs) });
      const [answer] = await Promise.all([client.request(method, params as BridgeMethods[typeof method]['params']), clock]);
      return JSON.stringify(answer);
    },
    settle: () => turn(),
  };
  return { runText: await (found as Rehearser)(JSON.stringify(data.input), host) };
}

function toAnswer(error: unknown): RehearsalThreadAnswer {
  // Of another context, or of ours: both say their code.
  const { code = 'REHEARSAL_FAILED', message } = error as { code?: string; message: string };
  return { error: { code, message } };
}
