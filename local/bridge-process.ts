// The bridge of the workcell: started in its own session so that it outlives everything else, adopted when
// one of the same home and code answers, replaced when it is of another version and idle.

import { execFile, spawn } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { toStopPlace } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { askBridge, sayHello } from './bridge-wire.js';
import { readLogTail } from './child-process.js';
import { openLogFile } from './log-file.js';
import { listProcesses, signalProcess, waitForExit, watchExit } from './process-identity.js';
import { endProcess, type RunningProcess } from './running-process.js';

/** What it writes is for its owner alone. The pid stays the same when the program takes over. */
const OWNER_ONLY = 'umask 077; exec "$@"';
const READY_TIMEOUT_MS = 60_000;
const HASH_TIMEOUT_MS = 30_000;
const PROBE_EVERY_MS = 30;
/** With this a bridge ends whose journal another one has open. */
const JOURNAL_TAKEN_CODE = 3;
/** With this a bridge ends that can't read its journal; its last line is the sentence that says so, and what to do. */
const JOURNAL_DAMAGED_CODE = 4;
const REMEDY_MARK = ' Remedy: ';
/** A bridge without a running command ends at once; this is for its last writes. */
const IDLE_SHUTDOWN_MS = 10_000;
/** Waiting for the answer to `shutdown` takes this much longer than the bridge may wait itself. */
const ANSWER_MARGIN_MS = 2_000;
/** Longer than the supervisor waits for a sign of life; it ends the connection. */
const SIGN_TIMEOUT_MS = 10_000;

export interface BridgeOptions {
  /** Program and arguments before those of the bridge, for example python -m praxis_bridge. */
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly socket: string;
  readonly journal: string;
  readonly home: string;
  readonly logFile: string;
}

export async function startOrAdoptBridge(options: BridgeOptions): Promise<RunningProcess> {
  makePrivateFolder(path.dirname(options.socket));
  mkdirSync(path.dirname(options.journal), { recursive: true });
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const found = (await adoptBridge(options)) ?? (await startBridge(options, deadline));
    if (found !== 'journal is taken') return found;
    // By one that a supervisor killed in mid-start has left behind: it is not listening yet, or just ending.
    await sleep(PROBE_EVERY_MS);
  }
}

/** The bridge that answers, where it may be kept; undefined where none does or the one there was ended in order. */
async function adoptBridge(options: BridgeOptions): Promise<RunningProcess | undefined> {
  const hello = await sayHello(options.socket).catch((error: unknown) => endSilentBridge(options, error));
  if (hello === null) return undefined;
  if (hello.home !== options.home) {
    throw new LabError('START_FAILED', {
      message: `The bridge on ${options.socket} belongs to another home, ${hello.home}.`,
      remedy: 'Stop that lab, or set PRAXIS_BRIDGE_SOCKET to another path.',
    });
  }
  const isSameCode = hello.codeHash === (await readCodeHash(options));
  // A bridge in the middle of a command is never replaced: its motion has an outcome that only it will know.
  if (isSameCode || hello.runningCommands.length > 0) return describeBridge(hello.pid, { options, isAdopted: true });
  await shutDownBridge(options.socket, { pid: hello.pid, deadlineMs: IDLE_SHUTDOWN_MS });
  return undefined;
}

/**
 * A bridge of an earlier start that is there and says nothing, as after a SIGSTOP, is ended; what it was doing is as uncertain as after
 * any other end. Throws what was given where it still gives a sign of life, or where its process is not to be found.
 */
async function endSilentBridge(options: BridgeOptions, error: unknown): Promise<null> {
  const pid = findBridge(options);
  if (pid === undefined || (await givesSign(options.socket))) throw error;
  await endProcess(pid, 'SIGKILL', 0);
  return null;
}

/** The process that has the lab's journal open, by what it was started with. */
function findBridge({ journal }: BridgeOptions): number | undefined {
  const isBridge = (command: readonly string[]): boolean =>
    command.join(' ').includes(` -m praxis_bridge `) && `${command.join(' ')} `.includes(` --journal ${journal} `);
  return listProcesses().find(({ pid, command }) => pid !== process.pid && isBridge(command))?.pid;
}

async function givesSign(socket: string): Promise<boolean> {
  return askBridge(toStopPlace(socket), 'stop.status', { params: {}, timeoutMs: SIGN_TIMEOUT_MS }).then(
    () => true,
    (error: unknown) => !(error instanceof LabError && error.code === 'BRIDGE_UNREACHABLE'),
  );
}

/**
 * Lets the running command end, refuses new ones, and waits until the process is gone. A bridge that is still
 * there then is left alone: force in the middle of a motion would make it uncertain, and the next start adopts it.
 */
export async function shutDownBridge(socket: string, given: { pid: number; deadlineMs: number }): Promise<void> {
  try {
    await askBridge(socket, 'shutdown', { params: { deadlineMs: given.deadlineMs }, timeoutMs: given.deadlineMs + ANSWER_MARGIN_MS });
  } catch {
    // It does not answer, or ended before it could: the signal below asks the same of a living one.
    signalProcess(given.pid, 'SIGTERM');
  }
  await waitForExit(given.pid, given.deadlineMs + ANSWER_MARGIN_MS);
}

async function startBridge(options: BridgeOptions, deadline: number): Promise<RunningProcess | 'journal is taken'> {
  const [program, ...args] = options.command;
  const log = openLogFile(options.logFile);
  const child = spawn(
    '/bin/sh',
    ['-c', OWNER_ONLY, 'bridge', program, ...args, '--socket', options.socket, '--journal', options.journal, '--home', options.home],
    {
      env: options.env,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code ?? '?'}`}`));
  });
  child.unref();
  for (;;) {
    // Slow to answer is not dead: only the deadline and its end decide.
    const hello = await sayHello(options.socket).catch(() => null);
    if (hello !== null && hello.pid === child.pid)
      return describeBridge(hello.pid, { options, isAdopted: false, exited: ended.then(() => undefined) });
    const why =
      performance.now() >= deadline
        ? `it said no hello within ${READY_TIMEOUT_MS / 1000} s`
        : await Promise.race([ended, sleep(PROBE_EVERY_MS, null)]);
    if (why === null) continue;
    if (child.exitCode === JOURNAL_TAKEN_CODE && performance.now() < deadline) return 'journal is taken';
    if (child.pid !== undefined) signalProcess(child.pid, 'SIGTERM');
    if (child.exitCode === JOURNAL_DAMAGED_CODE) throw describeDamage(options);
    throw new LabError('START_FAILED', {
      message: `The bridge did not start: ${why}. ${readLogTail(options.logFile)}`,
      remedy: `Read ${options.logFile}.`,
    });
  }
}

/** In the words of the bridge, which alone knows what it could not read. */
function describeDamage({ logFile }: BridgeOptions): LabError {
  const said = readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? '';
  const [why = '', remedy = `Read ${logFile}.`] = said.split(REMEDY_MARK);
  return new LabError('START_FAILED', { message: `The bridge did not start: ${why}`, remedy });
}

function describeBridge(pid: number, given: { options: BridgeOptions; isAdopted: boolean; exited?: Promise<void> }): RunningProcess {
  return {
    pid,
    isAdopted: given.isAdopted,
    exited: given.exited ?? watchExit(pid),
    answers: () => answersOnStopSocket(given.options.socket),
    stop: (timeoutMs) => shutDownBridge(given.options.socket, { pid, deadlineMs: timeoutMs }),
  };
}

/**
 * Answered by threads of its own: a bridge whose driver blocks it still does, and is left alone. One that does not even say
 * this has stopped as a whole, and what it was doing is as uncertain as after any other end.
 */
async function answersOnStopSocket(socket: string): Promise<boolean> {
  // A refusal is a sign too; only silence is none, and the supervisor does not wait as long as this.
  await askBridge(toStopPlace(socket), 'stop.status', { params: {}, timeoutMs: SIGN_TIMEOUT_MS }).catch(() => undefined);
  return true;
}

export async function readCodeHash({ command: [program, ...args], env }: Pick<BridgeOptions, 'command' | 'env'>): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args, '--print-hash'], { env, cwd: '/', timeout: HASH_TIMEOUT_MS });
  return stdout.trim();
}

/** Whoever may reach the socket may move the machines, so nobody else may put one in its folder. */
function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const isOurs = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (isOurs && (found.mode & 0o022) === 0) return;
  throw new LabError('START_FAILED', {
    message: `${folder} is open to other users.`,
    remedy: 'Set PRAXIS_BRIDGE_SOCKET to a path in a folder of your own.',
  });
}
