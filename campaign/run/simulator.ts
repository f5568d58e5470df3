// The device simulator of a campaign: a process of its own that is started again whenever it ends, because machines do not
// go away with the software that drives them; and the control line on which faults are planned and the truth is read.

import { spawn, type ChildProcess } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fields } from '../check/evidence.js';

const READY_TIMEOUT_MS = 20_000;
const REPLY_TIMEOUT_MS = 10_000;
const RESTART_DELAY_MS = 200;
const ATTEMPTS = 50;

export interface Simulator {
  readonly socket: string;
  /** How often it has ended and was started again. */
  readonly ends: () => number;
  /** A control request; asked again while the simulator is away. */
  control(name: string, given?: Fields): Promise<Fields>;
  /** What a person does at the panel of a device. */
  home(device: string, kind: string): Promise<void>;
  kill(): void;
  stop(): Promise<void>;
}

export async function startSimulator(options: {
  folder: string;
  bridgeFolder: string;
  tapeFile: string;
  motionMs: number;
}): Promise<Simulator> {
  const { folder, bridgeFolder, tapeFile, motionMs } = options;
  const socket = path.join(folder, 'devices.sock');
  const args = [
    '-m',
    'device_simulator',
    '--socket',
    socket,
    '--tape',
    tapeFile,
    '--state',
    path.join(folder, 'physics.json'),
    '--motion-ms',
    String(motionMs),
    '--print-ready',
  ];
  let isStopping = false;
  let ends = 0;
  let child: ChildProcess;
  const launch = async (): Promise<void> => {
    child = spawn('python3', args, { cwd: bridgeFolder, stdio: ['ignore', 'pipe', 'ignore'] });
    const launched = child;
    launched.once('exit', () => {
      if (isStopping) return;
      ends += 1;
      void sleep(RESTART_DELAY_MS).then(() => (isStopping ? undefined : launch()));
    });
    await Promise.race([
      new Promise<void>((resolve) =>
        launched.stdout?.once('data', () => {
          resolve();
        }),
      ),
      sleep(READY_TIMEOUT_MS, undefined, { ref: false }).then(() =>
        Promise.reject(new Error('The device simulator was not ready in time.')),
      ),
    ]);
  };
  await launch();
  const insist = async (request: Fields): Promise<Fields> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask(socket, { id: 1, ...request });
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        await sleep(RESTART_DELAY_MS);
      }
    }
  };
  return {
    socket,
    ends: () => ends,
    control: (name, given = {}) => insist({ control: name, ...given }),
    home: async (device, kind) => {
      await insist({ device, kind, op: 'home', args: {}, commandId: null, fence: null });
    },
    kill: () => void child.kill('SIGKILL'),
    stop: async () => {
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

async function ask(socket: string, request: Fields): Promise<Fields> {
  const connection = net.connect(socket);
  try {
    const reply = await new Promise<string>((resolve, reject) => {
      connection.on('error', reject);
      connection.setTimeout(REPLY_TIMEOUT_MS, () => {
        reject(new Error('The device simulator does not answer.'));
      });
      connection.once('close', () => {
        reject(new Error('The device simulator closed the connection.'));
      });
      let text = '';
      connection.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
      });
      connection.write(`${JSON.stringify(request)}\n`);
    });
    const { ok, result, error } = JSON.parse(reply) as { ok: boolean; result: Fields; error?: Fields };
    if (!ok) throw new Error(`The device simulator refused ${JSON.stringify(request)}: ${JSON.stringify(error)}`);
    return result;
  } finally {
    connection.destroy();
  }
}
