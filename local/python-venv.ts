// The Python environment of the bridge: made once per content of the requirements file, kept in the cache
// for all homes, every package checked against its recorded hash.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { LabError } from '../domain/errors/error.js';
import { findProgram } from './find-program.js';

const OLDEST_PYTHON_MINOR = 11;
const NEWEST_PYTHON_MINOR = 14;
const PROBE_TIMEOUT_MS = 20_000;
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const OUTPUT_TAIL_CHARS = 800;
const HASH_DIGITS = 12;
const PROBE = 'import sys, venv, ensurepip; print(sys.executable, sys.version_info.major, sys.version_info.minor, sep="\\n")';

export interface Python {
  readonly executable: string;
  readonly version: string;
}

export interface VenvOptions {
  readonly cache: string;
  readonly requirementsFile: string;
  /** Sets of packages for real instruments; each has a file `requirements-<name>.txt` beside the first. */
  readonly extras?: readonly string[];
  /** The Python that a person chose, or null. */
  readonly python: string | null;
}

/** Path of the environment's Python; an environment that is there already takes no time. */
export async function prepareVenv(options: VenvOptions): Promise<string> {
  const { python, folder, venvPython } = await locateVenv(options);
  if (existsSync(venvPython)) return venvPython;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(options.cache, { recursive: true });
  try {
    await run(python.executable, ['-m', 'venv', unfinished]);
    const install = [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--no-input',
      '--quiet',
      '--require-hashes',
      ...listFiles(options).flatMap((file) => ['-r', file]),
    ];
    await run(path.join(unfinished, 'bin', 'python'), install);
    // A rename is all or nothing; the interpreter finds its packages relative to itself.
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return venvPython;
}

/** Where the environment is, or will be. */
export async function locateVenv(
  options: VenvOptions,
): Promise<{ readonly python: Python; readonly folder: string; readonly venvPython: string }> {
  const python = await findPython(options.python);
  const requirements = listFiles(options).map((file) => readFileSync(file, 'utf8'));
  const hash = createHash('sha256')
    .update(requirements.join(''))
    .update(`\n${python.executable} ${python.version}`)
    .digest('hex')
    .slice(0, HASH_DIGITS);
  const folder = path.join(options.cache, `venv-${hash}`);
  return { python, folder, venvPython: path.join(folder, 'bin', 'python') };
}

function listFiles({ requirementsFile, extras = [] }: VenvOptions): readonly string[] {
  const folder = path.dirname(requirementsFile);
  return [requirementsFile, ...extras.map((extra) => path.join(folder, `requirements-${extra}.txt`))];
}

/** The chosen Python, or the first one on PATH that is new enough and can make environments. */
export async function findPython(chosen: string | null): Promise<Python> {
  const minors = Array.from({ length: NEWEST_PYTHON_MINOR - OLDEST_PYTHON_MINOR + 1 }, (_, index) => NEWEST_PYTHON_MINOR - index);
  const names = chosen === null ? ['python3', 'python', ...minors.map((minor) => `python3.${minor}`)] : [chosen];
  const rejected: string[] = [];
  for (const name of names) {
    const program = path.isAbsolute(name) ? name : findProgram(name);
    if (program === null) continue;
    const found = await probePython(program);
    if (typeof found !== 'string') return found;
    rejected.push(`${name}: ${found}`);
  }
  throw new LabError('TOOL_MISSING', {
    message: `No Python 3.${OLDEST_PYTHON_MINOR} or newer with venv was found${rejected.length === 0 ? '' : ` (${rejected.join('; ')})`}.`,
    remedy: `Install Python 3.${OLDEST_PYTHON_MINOR} (Debian: apt-get install python3 python3-venv), or set PRAXIS_PYTHON to one.`,
  });
}

async function probePython(program: string): Promise<Python | string> {
  try {
    const { stdout } = await promisify(execFile)(program, ['-c', PROBE], { timeout: PROBE_TIMEOUT_MS });
    const [executable = program, major = '0', minor = '0'] = stdout.trim().split('\n');
    const isNewEnough = major === '3' && Number(minor) >= OLDEST_PYTHON_MINOR;
    return isNewEnough ? { executable, version: `${major}.${minor}` } : `version ${major}.${minor}`;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    return stderr.trim().split('\n').at(-1) || 'does not run';
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, [...args], { timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    const tail = (stderr || stdout || String(error)).trim().slice(-OUTPUT_TAIL_CHARS);
    throw new LabError('TOOL_MISSING', {
      message: `The Python packages of the bridge could not be installed: ${tail}`,
      remedy: 'Check the connection to the Python package index (pip config list shows which) and start again.',
      cause: error,
    });
  }
}
