// Runs a program of the project as a person would in a terminal: reads what it prints, presses Ctrl-C, and finds
// what it left running.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePorts } from '../../local/free-ports.js';
import { signalProcess } from '../../local/process-identity.js';
import { findProjectRoot } from '../../platform/paths.js';
import { waitFor } from './start-lab.js';

/** The API's port and those that follow it. */
const PORTS_NEEDED = 5;
const PRINT_TIMEOUT_MS = 120_000;

export interface LabPlace {
  /** Holds the home; everything of the lab lies below it. */
  readonly folder: string;
  readonly home: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Program {
  readonly pid: number;
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
  /** Resolves once stdout has the text, throws when the program ends before. */
  waitForPrint(text: string): Promise<void>;
  /** Resolves with the exit code. */
  interrupt(): Promise<number | null>;
}

/** A folder, a home in it that does not exist yet, and free ports. */
export async function makeLabPlace(settings: Readonly<Record<string, string>> = {}): Promise<LabPlace> {
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-place-'));
  // Postgres, which root starts as another user, must get to its data.
  chmodSync(folder, 0o711);
  const home = path.join(folder, 'home');
  const port = await findFreePorts(PORTS_NEEDED);
  const env: Record<string, string> = {
    ...(process.env as Record<string, string>),
    PRAXIS_HOME: home,
    PRAXIS_PORT: String(port),
    ...settings,
  };
  delete env['NODE_OPTIONS'];
  return { folder, home, url: `http://127.0.0.1:${port}`, env };
}

export function runProgram(place: LabPlace, script: string, args: readonly string[] = []): Program {
  const root = findProjectRoot();
  const child = spawn(process.execPath, [path.join(root, script), ...args], {
    env: place.env,
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      resolve(code);
    }),
  );
  const tell = (): string => `It printed:\n${printed.stdout.slice(-4_000)}\n${printed.stderr.slice(-4_000)}`;
  return {
    pid: child.pid ?? 0,
    ended,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    async waitForPrint(text) {
      const look = async (): Promise<boolean> => {
        if (printed.stdout.includes(text)) return true;
        if (child.exitCode !== null) throw new Error(`${script} ended with ${child.exitCode} before it printed '${text}'. ${tell()}`);
        return false;
      };
      await waitFor(`'${text}' from ${script}`, look, { timeoutMs: PRINT_TIMEOUT_MS, explain: tell });
    },
    interrupt() {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/** Process ids whose command line names the folder, such as servers with their data in it. */
export function listProcessesOf(folder: string): number[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(folder)).map((line) => Number.parseInt(line, 10));
}

export function readPids(place: LabPlace): Readonly<Record<string, number>> {
  return (JSON.parse(readFileSync(path.join(place.home, 'lab.json'), 'utf8')) as { pids: Record<string, number> }).pids;
}

/** Ends what a failed test has left of these programs, and deletes the folder. */
export async function clearLabPlace(place: LabPlace, programs: readonly Program[]): Promise<void> {
  for (const program of programs) signalProcess(program.pid, 'SIGTERM');
  await Promise.all(programs.map(({ ended }) => ended));
  for (const pid of listProcessesOf(place.folder)) signalProcess(pid, 'SIGKILL');
  rmSync(place.folder, { recursive: true, force: true });
}
