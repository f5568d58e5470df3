// Activities of the floor: one that only marks its time, one that makes a PyLabRobot call in a Python
// process over a pipe, without journal.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LabError } from '../domain/error.js';

export interface FloorActivities {
  readonly markBegin: () => Promise<number>;
  readonly callPylabrobot: (method: string, given: unknown) => Promise<null>;
}

export function createFloorActivities(python: { program: string; args: readonly string[]; env: NodeJS.ProcessEnv }): FloorActivities & { close: () => void } {
  const child = spawn(python.program, [...python.args], { stdio: ['pipe', 'pipe', 'inherit'], env: python.env });
  const waiting: ((answer: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  return {
    markBegin: () => Promise.resolve(Date.now()),
    callPylabrobot: async (method, given) => {
      const answer = await new Promise<string>((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify([method, given])}\n`);
      });
      if (answer !== 'ok') throw new LabError('MACHINE_ERROR', { message: `${method}: ${answer}` });
      return null;
    },
    close: () => { child.stdin.end(); },
  };
}
