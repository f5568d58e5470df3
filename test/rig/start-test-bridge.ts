// Starts a real bridge in a temporary folder and applies a workcell; its simulated motions take a while if asked to.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Json } from '../../domain/json/json.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import type { CommandOutcome } from '../../domain/wire/wire.js';
import { startOrAdoptBridge } from '../../local/bridge-process.js';
import { prepareVenv } from '../../local/python-venv.js';
import { endProcess } from '../../local/running-process.js';
import { findProjectRoot } from '../../platform/paths.js';
import { readSettings } from '../../platform/settings.js';
import { BridgeClient } from '../../workcell/bridge-client.js';
import { toCounting } from './start-lab.js';

const STOP_TIMEOUT_MS = 10_000;

export interface TestBridge {
  readonly client: BridgeClient;
  readonly socket: string;
  readonly pid: number;
  /** Picks up the tip at a position of a rack and throws it away: two commands that use it up. */
  useTip(use: TipUse): Promise<readonly CommandOutcome[]>;
  /** Whether the position of the rack holds a tip. */
  hasTip(rack: string, position: string): Promise<boolean>;
  /** Kills the process and starts another one on the same journal. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export interface TipUse {
  readonly runId: string;
  readonly rack: string;
  readonly position: string;
  readonly fence: number;
}

export async function startTestBridge(spec: WorkcellSpec, motionS = 0): Promise<TestBridge> {
  const root = findProjectRoot();
  const { cache, python } = readSettings();
  const program = await prepareVenv({ cache, requirementsFile: path.join(root, 'bridge', 'requirements.txt'), python });
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-bridge-'));
  const socket = path.join(folder, 'bridge.sock');
  const start = () =>
    startOrAdoptBridge({
      command: [program, '-m', 'praxis_bridge'],
      env: { ...process.env, PYTHONPATH: path.join(root, 'bridge') },
      socket,
      journal: path.join(folder, 'journal.sqlite'),
      home: folder,
      logFile: path.join(folder, 'bridge.log'),
    });
  let bridge = await start();
  const client = new BridgeClient(socket);
  const stop = async (): Promise<void> => {
    client.close();
    await bridge.stop(STOP_TIMEOUT_MS);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await client.request('workcell.apply', { spec: toCounting(spec, { motionS }) });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    client,
    socket,
    get pid() {
      return bridge.pid;
    },
    crash: async () => {
      await endProcess(bridge.pid, 'SIGKILL', STOP_TIMEOUT_MS);
      bridge = await start();
    },
    useTip: ({ runId, rack, position, fence }) => {
      const command = { runId, callPath: 'test', retry: 0, machine: 'star', fence };
      const pickUp = { tip_spots: [{ $item: [rack, position] }] };
      return Promise.all([
        client.request('command.run', { ...command, id: `${runId}/test/${position}.on`, n: 1, method: 'pick_up_tips', arguments: pickUp }),
        client.request('command.run', { ...command, id: `${runId}/test/${position}.off`, n: 2, method: 'discard_tips', arguments: {} }),
      ]);
    },
    hasTip: async (rack, position) => {
      const { resources } = await client.request('state.read', {});
      const spot = resources[`${rack}_tipspot_${position}`] as { readonly tip: Json } | undefined;
      if (spot === undefined) throw new Error(`The bridge knows no position ${position} of ${rack}.`);
      return spot.tip !== null;
    },
    stop,
  };
}
