// Kills processes of a whole lab at chosen moments: the bridge inside a named command, one process while any command
// runs, everything at once; and keeps one down although the supervisor starts it again.

import type { CommandPhase } from '../../domain/wire/wire.js';
import { isAlive, signalProcess } from '../../local/process-identity.js';
import { BridgeClient } from '../../workcell/bridge-client.js';
import { wait, waitFor, type Lab } from './start-lab.js';

const COMMAND_WAIT_MS = 90_000;
const DOWN_POLL_MS = 20;
const GONE_WAIT_MS = 30_000;

/** With a connection to the bridge that is there now. */
export async function askBridge<T>(lab: Lab, ask: (bridge: BridgeClient) => Promise<T>): Promise<T> {
  const bridge = new BridgeClient((await lab.record()).bridgeSocket);
  try {
    return await ask(bridge);
  } finally {
    bridge.close();
  }
}

export function readPhase(lab: Lab, commandId: string): Promise<CommandPhase> {
  return askBridge(lab, async (bridge) => (await bridge.request('command.status', { id: commandId })).phase);
}

/** Resolves when the command has the phase; the motion of the test lab is long enough for what follows to fall into it. */
export async function waitForPhase(lab: Lab, commandId: string, phase: CommandPhase): Promise<void> {
  await askBridge(lab, (bridge) =>
    waitFor(`${commandId} to be ${phase}`, async () => (await bridge.request('command.status', { id: commandId })).phase === phase, {
      timeoutMs: COMMAND_WAIT_MS,
    }),
  );
}

/** SIGKILL to the bridge while the command has its SENT and no END. */
export async function killBridgeInside(lab: Lab, commandId: string): Promise<void> {
  await waitForPhase(lab, commandId, 'sent');
  await lab.kill('bridge');
}

/** The id of a command of the run that the bridge executes at this moment. */
export async function waitForRunningCommand(lab: Lab, runId: string, isLateEnough: () => Promise<boolean>): Promise<string> {
  return askBridge(lab, (bridge) =>
    waitFor(
      `a running command of run ${runId}`,
      async () =>
        (await isLateEnough()) ? (await bridge.request('hello', {})).runningCommands.find((id) => id.startsWith(runId)) : undefined,
      { timeoutMs: COMMAND_WAIT_MS },
    ),
  );
}

/** SIGKILL to every process of the record, the supervisor first, so that it starts none of them again. */
export async function killEverything(lab: Lab): Promise<void> {
  const { supervisor, ...others } = (await lab.record()).pids;
  const pids = [supervisor, ...Object.values(others)].filter((pid) => pid !== undefined);
  for (const pid of pids) signalProcess(pid, 'SIGKILL');
  await waitFor('every process to be gone', () => Promise.resolve(!pids.some(isAlive)), { timeoutMs: GONE_WAIT_MS });
}

/** Kills the process again and again until the work is done. */
export async function withoutProcess<T>(lab: Lab, name: string, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const keepDown = async (): Promise<void> => {
    while (!isOver) {
      const pid = (await lab.record()).pids[name];
      if (pid !== undefined && isAlive(pid)) signalProcess(pid, 'SIGKILL');
      await wait(DOWN_POLL_MS);
    }
  };
  const keeping = keepDown();
  try {
    return await work();
  } finally {
    isOver = true;
    await keeping;
  }
}
