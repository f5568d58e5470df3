// The bridge of one rehearsal: a process with simulators alone, in a folder of its own, that ends with this process.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../domain/errors/error.js';
import { isJsonObject, type JsonObject } from '../domain/json/json.js';
import type { JournalRow } from '../domain/wire/wire.js';
import { readLogTail } from '../local/child-process.js';
import { prepareVenv } from '../local/python-venv.js';
import { findProjectRoot } from '../platform/paths.js';
import type { Settings } from '../platform/settings.js';
import { BridgeClient } from '../workcell/bridge-client.js';

const READY_TIMEOUT_MS = 60_000;
const PROBE_EVERY_MS = 20;
const PAGE_ROWS = 1_000;

export interface RehearsalBridge {
  readonly socket: string;
  readonly client: BridgeClient;
  /** What each command changed, by its id, in the order in which they ended. */
  readDeltas(): Promise<Map<string, JsonObject>>;
  stop(): void;
}

/** `folder` is removed by whoever made it. */
export async function startRehearsalBridge(
  { cache, python }: Pick<Settings, 'cache' | 'python'>,
  folder: string,
): Promise<RehearsalBridge> {
  const bridgeFolder = path.join(findProjectRoot(), 'bridge');
  const program = await prepareVenv({ cache, requirementsFile: path.join(bridgeFolder, 'requirements.txt'), python });
  const socket = path.join(folder, 'bridge.sock');
  const logFile = path.join(folder, 'bridge.log');
  const log = openSync(logFile, 'a');
  const args = [
    '-m',
    'praxis_bridge',
    '--rehearsal',
    '--code-hash',
    'rehearsal',
    '--socket',
    socket,
    '--journal',
    path.join(folder, 'journal.sqlite'),
    '--home',
    folder,
  ];
  // Its stdin is the lifeline: nothing is ever written to it.
  const child = spawn(program, args, { cwd: '/', env: { ...process.env, PYTHONPATH: bridgeFolder }, stdio: ['pipe', log, log] });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code ?? '?'}`}`));
  });
  const client = new BridgeClient(socket);
  const stop = (): void => {
    client.close();
    child.stdin?.destroy();
  };
  try {
    await waitUntilReady(client, ended);
  } catch (error) {
    stop();
    throw new LabError('REHEARSAL_FAILED', {
      message: `The simulators did not start: ${(error as Error).message}. ${readLogTail(logFile)}`,
      cause: error,
    });
  }
  return { socket, client, stop, readDeltas: () => readDeltas(client) };
}

async function waitUntilReady(client: BridgeClient, ended: Promise<string>): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const hello = await client.request('hello', {}).catch(() => null);
    if (hello !== null) return;
    const why =
      Date.now() > deadlineMs
        ? `it said no hello within ${READY_TIMEOUT_MS / 1_000} s`
        : await Promise.race([ended, sleep(PROBE_EVERY_MS, null)]);
    if (why !== null) throw new LabError('BRIDGE_UNREACHABLE', { message: why });
  }
}

async function readDeltas(client: BridgeClient): Promise<Map<string, JsonObject>> {
  const deltas = new Map<string, JsonObject>();
  for (let after = 0; ; ) {
    const { rows } = await client.request('journal.read', { after, limit: PAGE_ROWS, waitMs: 0 });
    const last = rows.at(-1);
    if (!last) return deltas;
    for (const row of rows) addDelta(deltas, row);
    after = last.row;
  }
}

function addDelta(deltas: Map<string, JsonObject>, { kind, commandId, body }: JournalRow): void {
  const { delta } = body;
  if (kind === 'END' && commandId !== null && isJsonObject(delta)) deltas.set(commandId, delta);
}
