// Brings the processes of a running lab to the newest source: builds and prepares first, and only when both went
// well ends what runs; the lab's supervisor starts it again.

import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { shutDownBridge } from '../dist/local/bridge-process.js';
import { sayHello } from '../dist/local/bridge-wire.js';
import { readLabRecord } from '../dist/local/lab-record.js';
import { signalProcess } from '../dist/local/process-identity.js';
import { WARNING_MARK } from '../dist/platform/announce-ready.js';
import { prepareVenv } from '../dist/local/python-venv.js';

const NODE_PROCESSES = ['workflow-worker', 'workcell-worker', 'api'];
const STARTED_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const LOAD_TIMEOUT_MS = 30_000;
/** The bridge is asked to end when it is idle; a command that begins just then gets this long, the most it takes. */
const BRIDGE_SHUTDOWN_MS = 600_000;

export function createReplacement(root, settings) {
  /** Processes that were ended here, by name, until the supervisor has started them again. */
  const replaced = new Map();
  let startFailure;

  const isExpected = (event) => {
    if (event.type === 'died') return replaced.get(event.name) === event.pid;
    if (event.type === 'restarted') return replaced.delete(event.name);
    startFailure = event.name;
    return false;
  };
  const waitForStart = async (names) => {
    const giveUpAtMs = Date.now() + STARTED_TIMEOUT_MS;
    startFailure = undefined;
    while (names.some((name) => replaced.has(name))) {
      if (startFailure !== undefined)
        throw new Error(`${startFailure} does not start with it; it is tried again, and takes your next change`);
      if (Date.now() > giveUpAtMs)
        throw new Error(`the processes were not back within ${STARTED_TIMEOUT_MS / 1000} s; praxis doctor says more`);
      await sleep(POLL_MS);
    }
  };

  return {
    isExpected,
    async replaceNodeProcesses() {
      await runQuietly([path.join(root, 'tools', 'build.mjs')], process.env, 'it does not compile; everything runs on as it was');
      const { databaseUrl, pids } = requireRecord(settings.home);
      const env = { ...process.env, PRAXIS_HOME: settings.home, DATABASE_URL: databaseUrl };
      const printed = await runQuietly(
        [path.join(root, 'dist', 'workers', 'prepare-lab.js')],
        env,
        'it cannot be published; everything runs on as it was',
      );
      for (const line of printed.split('\n')) if (line.startsWith(WARNING_MARK)) process.stdout.write(`${line}\n`);
      for (const name of NODE_PROCESSES) {
        // One that is down just now takes the new code when the supervisor starts it.
        if (pids[name] === undefined) continue;
        replaced.set(name, pids[name]);
        signalProcess(pids[name], 'SIGTERM');
      }
      await waitForStart(NODE_PROCESSES);
      return 'workers and API run it';
    },
    async replaceBridge(tell) {
      const python = await prepareVenv({
        cache: settings.cache,
        requirementsFile: path.join(root, 'bridge', 'requirements.txt'),
        extras: settings.bridgeExtras,
        python: settings.python,
      });
      const codeHash = await loadBridge(python, path.join(root, 'bridge'));
      const { bridgeSocket, pids } = requireRecord(settings.home);
      let hello = await sayHello(bridgeSocket);
      if (hello === null || hello.codeHash === codeHash) return 'the bridge runs it';
      if (hello.runningCommands.length > 0) tell('…', 'the bridge is replaced at its next idle moment');
      while (hello !== null && hello.runningCommands.length > 0) {
        await sleep(POLL_MS);
        hello = await sayHello(bridgeSocket);
      }
      replaced.set('bridge', pids['bridge']);
      if (hello !== null) await shutDownBridge(bridgeSocket, { pid: hello.pid, deadlineMs: BRIDGE_SHUTDOWN_MS });
      await waitForStart(['bridge']);
      return 'a new bridge runs it';
    },
  };
}

function requireRecord(home) {
  const record = readLabRecord(home);
  if (record === null || record.status !== 'up') throw new Error('the lab is stopping');
  return record;
}

/** Runs a Node script; what it printed is shown only when it failed. */
async function runQuietly(args, env, failure) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = () => child.kill();
  process.once('exit', endWithUs);
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  process.off('exit', endWithUs);
  if (code === 0) return Buffer.concat(output).toString('utf8');
  process.stderr.write(Buffer.concat(output));
  throw new Error(failure);
}

/** The hash of the bridge's code, which loads; a bridge that cannot even be loaded must not replace one that works. */
async function loadBridge(python, folder) {
  const options = { env: { ...process.env, PYTHONPATH: folder }, timeout: LOAD_TIMEOUT_MS };
  try {
    await promisify(execFile)(python, ['-c', 'import praxis_bridge.serving.bridge, praxis_bridge.serving.server'], options);
    return (await promisify(execFile)(python, ['-m', 'praxis_bridge', '--print-hash'], options)).stdout.trim();
  } catch (error) {
    process.stderr.write(error.stderr ?? '');
    throw new Error('Python cannot load it; the old bridge runs on', { cause: error });
  }
}
