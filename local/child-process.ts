// A Praxis process of the lab: started in its own session, ready when it prints its ready line,
// ended by closing its stdin, which also happens by itself when the supervisor dies.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, createWriteStream, fstatSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../domain/errors/error.js';
import type { JsonObject } from '../domain/json/json.js';
import { isJsonObject } from '../domain/json/json.js';
import { SIGN_OF_LIFE, SUPERVISED_SETTING } from '../platform/process-lifeline.js';
import { openLogFile } from './log-file.js';
import { signalProcess } from './process-identity.js';
import { spawnRecorded } from './recorded-process.js';
import { endProcess, type RunningProcess } from './running-process.js';

const LOG_TAIL_CHARS = 600;
/** Stdout before the ready line is only searched this far. */
const READY_SEARCH_LIMIT_CHARS = 64 * 1024;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly readyTimeoutMs: number;
  /** Where the process writes itself down before its program begins. */
  readonly record: string;
}

export interface Child extends RunningProcess {
  /** What the ready line says. */
  readonly facts: JsonObject;
}

/** Resolves when the child is ready; a child that ends or is silent before that is a START_FAILED. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openLogFile(options.logFile);
  const child = spawnRecorded({
    record: options.record,
    command: options.command,
    args: options.args,
    options: { env: { ...options.env, [SUPERVISED_SETTING]: '1' }, detached: true, stdio: ['pipe', 'pipe', log] },
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `code ${code ?? '?'}`}`));
  });
  // A child that ends while its stdin is being closed is what the closing is for.
  child.stdin?.on('error', () => undefined);
  const late = `was not ready after ${options.readyTimeoutMs / 1000} s`;
  const facts = await Promise.race([readReadyLine(child, options.logFile), ended, sleep(options.readyTimeoutMs, late, { ref: false })]);
  const { pid } = child;
  if (typeof facts === 'string' || pid === undefined) {
    if (pid !== undefined) signalProcess(pid, 'SIGKILL');
    const why = typeof facts === 'string' ? facts : 'has no process';
    throw new LabError('START_FAILED', {
      message: `${options.name} ${why}. ${readLogTail(options.logFile)}`,
      remedy: `Read ${options.logFile}.`,
    });
  }
  return {
    pid,
    isAdopted: false,
    facts,
    exited: ended.then(() => undefined),
    ...(facts['listens'] === true && { answers: () => askForSign(child) }),
    async stop(timeoutMs) {
      child.stdin?.end();
      if ((await Promise.race([ended, sleep(timeoutMs, null, { ref: false })])) === null) await endProcess(pid, 'SIGTERM', 0);
    },
  };
}

/** Resolves when the process says the line again, and never where it does not listen. */
function askForSign(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const hear = (chunk: string): void => {
      if (!chunk.includes(SIGN_OF_LIFE)) return;
      child.stdout?.off('data', hear);
      resolve(true);
    };
    child.stdout?.on('data', hear);
    child.stdin?.write(SIGN_OF_LIFE);
  });
}

/** Runs a process that ends by itself, and returns what it printed; anything but exit code 0 within the time is a START_FAILED. */
export async function runToEnd(options: Omit<ChildOptions, 'readyTimeoutMs' | 'record'> & { timeoutMs: number }): Promise<string> {
  const log = openLogFile(options.logFile);
  const loggedBytes = fstatSync(log).size;
  const child = spawn(options.command, [...options.args], {
    env: { ...options.env, [SUPERVISED_SETTING]: '1' },
    detached: true,
    stdio: ['pipe', log, log],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    // Nobody but its time ends it from here.
    child.once('exit', (code, signal) =>
      resolve(child.killed ? `was not over after ${options.timeoutMs / 1000} s` : `ended with ${signal ?? `code ${code ?? '?'}`}`),
    );
  });
  if (end === 'ended with code 0') return readFileSync(options.logFile).subarray(loggedBytes).toString('utf8');
  throw new LabError('START_FAILED', {
    message: `${options.name} ${end}. ${readLogTail(options.logFile)}`,
    remedy: `Read ${options.logFile}.`,
  });
}

/** The first line on stdout that is an object with `ready`; all of stdout goes to the log as well. */
function readReadyLine(child: ChildProcess, logFile: string): Promise<JsonObject> {
  const log = createWriteStream(logFile, { flags: 'a' });
  // A full disk loses lines; it ends nobody.
  log.on('error', () => undefined);
  return new Promise((resolve) => {
    let text = '';
    let isFound = false;
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      log.write(chunk.replaceAll(SIGN_OF_LIFE, ''));
      if (isFound || text.length > READY_SEARCH_LIMIT_CHARS) return;
      text += chunk;
      const ready = text
        .split('\n')
        .slice(0, -1)
        .map(parseReadyLine)
        .find((line) => line !== null);
      if (!ready) return;
      isFound = true;
      resolve(ready);
    });
    child.stdout?.once('close', () => log.end());
  });
}

function parseReadyLine(line: string): JsonObject | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) && typeof value['ready'] === 'string' ? value : null;
  } catch {
    // A line that only looks like JSON is ordinary output.
    return null;
  }
}

export function readLogTail(file: string): string {
  const tail = readFileSync(file, 'utf8').slice(-LOG_TAIL_CHARS).trim();
  return tail === '' ? 'It wrote no log.' : `Its log ends with: ${tail}`;
}
