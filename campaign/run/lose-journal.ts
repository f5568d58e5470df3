// Takes the bridge's journal away while the lab is down, keeping it aside for the checker; and a person who accepts the new one.

import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './observer.js';
import { post } from './operator.js';
import { waitUntil, type Rig } from './rig.js';

/** Longer than a lab that does not notice needs to move again. */
const LOOKED_AFTER_MS = 6_000;
/** The lab has to start first, on a machine that is busy with others, while other faults take its parts away. */
const FOUND_LIMIT_MS = 200_000;
const ACCEPTED_LIMIT_MS = 60_000;
const HTTP_OK = 200;
/** What still stands in the write-ahead log comes into the file that is kept. */
const CHECKPOINT = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA wal_checkpoint(TRUNCATE)")';

export async function loseJournal(rig: Rig): Promise<void> {
  const file = path.join(rig.home, 'bridge', 'star.sqlite');
  await rig.killLab({}, () => {
    spawnSync('python3', ['-c', CHECKPOINT, file]);
    const kept = path.join(rig.home, 'bridge', `lost-${process.hrtime.bigint()}.sqlite`);
    if (existsSync(file)) renameSync(file, kept);
    for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    rig.note({ what: 'acknowledged', action: 'journal-lost' });
  });
}

/** False where the lab never said that its journal is lost. */
export async function acceptJournal(rig: Rig, foundLimitMs = FOUND_LIMIT_MS): Promise<boolean> {
  const isLost = async (): Promise<boolean> =>
    ((await ask(() => rig.api.showJournal({ params: { workcell: 'star' } })))?.lost ?? null) !== null;
  const isFound = await waitUntil('the journal to be found lost', isLost, { timeoutMs: foundLimitMs }).then(
    () => true,
    () => false,
  );
  await sleep(LOOKED_AFTER_MS);
  rig.note({ what: 'lifting', action: 'journal-lost' });
  if (isFound)
    await waitUntil(
      'the journal to be accepted',
      async () => (await post(rig, 'acceptJournal', { params: { workcell: 'star' }, body: { note: 'looked' } })).status === HTTP_OK,
      { timeoutMs: ACCEPTED_LIMIT_MS },
    );
  return isFound;
}
