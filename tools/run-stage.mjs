// Runs one program of a test stage with its output streamed, in a process group of its own and with a time limit,
// so that neither a hanging test nor Ctrl-C leaves a process behind. The limit is the caller's: each stage declares its minutes.

import { spawn } from 'node:child_process';

const KILL_AFTER_MS = 10_000;

/** Groups of programs that run now, by process id. */
const runningGroups = new Set();
/** Whether a person asked to stop. */
let isStopped = false;

export function stopAll() {
  isStopped = true;
  for (const pid of runningGroups) stopGroup(pid);
}

/** Exit code of the program; null when it was ended by us or could not be started. */
export function runProgram(program, args, { cwd, env, limitMin }) {
  if (isStopped) return Promise.resolve(null);
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
    if (child.pid !== undefined) runningGroups.add(child.pid);
    const limit = setTimeout(() => {
      console.error(`Stopped after ${Math.round(limitMin)} minutes: ${[program, ...args].join(' ')}`);
      stopGroup(child.pid);
    }, limitMin * 60_000);
    child.once('error', (error) => {
      clearTimeout(limit);
      console.error(`${program} could not be started: ${error.message}`);
      resolve(null);
    });
    child.once('exit', (code) => {
      clearTimeout(limit);
      // What the program left running in its group ends with it.
      signalGroup(child.pid, 'SIGTERM');
      runningGroups.delete(child.pid);
      resolve(code);
    });
  });
}

function stopGroup(pid) {
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => {
    if (runningGroups.has(pid)) signalGroup(pid, 'SIGKILL');
  }, KILL_AFTER_MS).unref();
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The group is gone already, which is what was wanted.
    if (error.code !== 'ESRCH') throw error;
  }
}
