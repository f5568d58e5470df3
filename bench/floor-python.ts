// A Python process that makes plain PyLabRobot calls, asked by lines over a pipe: no journal, no boundary.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findProjectRoot } from '../platform/paths.js';

export type MethodCall = readonly [method: string, given: unknown];

export interface FloorPython {
  /** Milliseconds that the call took inside the process. */
  call(method: string, given: unknown): Promise<number>;
  /** All calls in one loop, each followed by a synced line on the tape where one is named; milliseconds of the loop. */
  loop(calls: readonly MethodCall[], tapeFile: string | null): Promise<number>;
  close(): void;
}

interface Answer {
  readonly ms: number;
  readonly error?: string;
}

export function startFloorPython(python: string, workcellFile: string): FloorPython {
  const root = findProjectRoot();
  const env = { ...process.env, PYTHONPATH: path.join(root, 'bridge') };
  const child = spawn(python, [path.join(root, 'bench', 'floor_pylabrobot.py'), workcellFile], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as Answer));
  child.once('exit', (code) => {
    for (const { reject } of waiting) reject(new Error(`The floor's Python ended with ${code}.`));
  });
  const ask = async (method: string, given: unknown): Promise<number> => {
    const { ms, error } = await new Promise<Answer>((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify([method, given])}\n`);
    });
    if (error !== undefined) throw new Error(`${method}: ${error}`);
    return ms;
  };
  return {
    call: ask,
    loop: (calls, tapeFile) => ask('loop', { calls, tape_file: tapeFile }),
    close: () => {
      child.stdin.end();
    },
  };
}
