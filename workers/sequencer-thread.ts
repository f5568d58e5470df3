// The thread of an API process that gives events their positions, or stands by to: requests may keep the process busy for
// longer than the whole lab can wait for its history. Run as a program it does the same, for the database that is named.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { runSequencer } from '../db/history/run-sequencer.js';

/** What the host sends to end it, and what it is told. */
export interface SequencerThreadData {
  readonly databaseUrl: string;
}
export type SequencerMessage = { readonly isHeld: true } | { readonly error: string };

const { databaseUrl } = isMainThread ? { databaseUrl: process.argv[2] ?? '' } : (workerData as SequencerThreadData);
const tell = (message: SequencerMessage): void => {
  if (parentPort === null) process.send?.(message);
  else parentPort.postMessage(message);
};
const sequencer = runSequencer({
  url: databaseUrl,
  onHeld: () => {
    tell({ isHeld: true });
  },
  onError: ({ message }) => {
    tell({ error: message });
  },
});
parentPort?.once('message', () => {
  void sequencer.close().then(() => {
    parentPort?.close();
  });
});
