// Damages Temporal's file while the lab is down. What it held is read before, for the checker; and a person does what the lab
// tells them then: moves the file aside, and starts again.

import { appendFileSync, closeSync, existsSync, ftruncateSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../../domain/errors/error.js';
import type { Execution } from '../check/evidence.js';
import { readHistories } from '../check/read-histories.js';
import type { Rig } from './rig.js';

/** True where the server said what it found. */
export async function loseHistories(rig: Rig): Promise<boolean> {
  const folder = path.join(rig.home, 'temporal');
  let isTold = false;
  await rig.killLab({}, async () => {
    const lost = await readHistories(rig.places);
    const atMs = Date.now();
    for (const execution of lost) appendFileSync(rig.places.lostHistoriesFile, `${JSON.stringify(toLost(execution, atMs))}\n`);
    await rig.restart('temporal', 'SIGKILL', {
      whileDown: () => {
        overwrite(path.join(folder, 'temporal.db'));
      },
      onRefused: (why) => {
        if (!(why instanceof LabError && why.message.includes('is damaged'))) throw why;
        isTold = true;
        renameSync(folder, `${folder}.${process.hrtime.bigint()}`);
      },
    });
  });
  return isTold;
}

/** With so many zeros; nothing stands in the write-ahead log either. */
function overwrite(file: string): void {
  const { size } = statSync(file);
  const opened = openSync(file, 'r+');
  ftruncateSync(opened, 0);
  ftruncateSync(opened, size);
  closeSync(opened);
  for (const end of ['-wal', '-shm']) if (existsSync(`${file}${end}`)) rmSync(`${file}${end}`);
}

/** What was open has ended as if somebody had ended it from outside. */
function toLost(execution: Execution, atMs: number): Execution {
  return execution.status === 'running' ? { ...execution, status: 'terminated', closedAtMs: atMs } : execution;
}
