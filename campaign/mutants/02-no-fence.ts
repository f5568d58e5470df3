// The bridge takes commands of whoever asks: also of a worker that woke up after its run had lost the machine.

import net from 'node:net';
import path from 'node:path';
import type { Fields } from '../check/evidence.js';
import { readJournal } from '../check/read-journal.js';
import { fieldsOf, textOf } from '../check/trails.js';
import type { Rig } from '../run/rig.js';
import type { MutantOfLab } from './mutant.js';

const ANSWER_TIMEOUT_MS = 10_000;
/** Of a command that the run has never asked for. */
const LATE_NUMBER = 999;

export const noFence: MutantOfLab = {
  number: 2,
  name: 'no fence',
  caughtBy: ['I5'],
  replacements: [
    {
      file: 'bridge/praxis_bridge/admission/admission.py',
      old: 'highest = self._memory.fences.get(machine, 0)',
      new: 'highest = 0',
    },
  ],
  provoke: async ({ rig, start, waitForEnd }) => {
    const first = await start('instrument_program', [{ do: 'shake', speedRpm: 200 }]);
    await waitForEnd(first);
    await waitForEnd(await start('instrument_program', [{ do: 'shake', speedRpm: 300 }]));
    await wakeZombie(rig, first);
  },
};

/** What the run did last is asked for once more, under another number and the fence of then. */
async function wakeZombie(rig: Rig, runId: string): Promise<void> {
  const [file = ''] = rig.places.journalFiles;
  const { rows } = await readJournal(file);
  const sent = rows.findLast(({ kind, key }) => kind === 'SENT' && key?.startsWith(`${runId}/`) === true);
  const command = fieldsOf(sent?.body['command']);
  const id = `${runId}/${textOf(command['callPath'])}/${LATE_NUMBER}/0`;
  await ask(path.join(rig.home, 'bridge', 'star.sock'), { id: 1, method: 'command.run', params: { ...command, id, n: LATE_NUMBER } });
}

async function ask(socket: string, request: Fields): Promise<void> {
  const connection = net.connect(socket);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.setTimeout(ANSWER_TIMEOUT_MS, () => {
        reject(new Error('The bridge does not answer.'));
      });
      connection.once('data', () => {
        resolve();
      });
      connection.write(`${JSON.stringify({ jsonrpc: '2.0', ...request })}\n`);
    });
  } finally {
    connection.destroy();
  }
}
