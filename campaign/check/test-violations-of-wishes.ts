// Violations of what people wanted and were told: pauses, cancels, answers, feeds, promises; each with the words that find it.

import { RUN, seeAt } from './test-evidence.js';
import { pauseAt, stopAndRelease, type Case } from './test-spoiling.js';

export const VIOLATIONS_OF_WISHES: readonly Case[] = [
  ['I11', 'an act while paused', (all) => pauseAt(all, all.tape[1]!.monoNs), /ms after its run was paused/u, [3]],
  [
    'I12',
    'an act after a cancel',
    (all) => void all.observations.push({ ...seeAt(all.tape[1]!.monoNs), what: 'acknowledged', action: 'cancel', runId: RUN }),
    /and is no cleanup/u,
    [3],
  ],
  [
    'I12',
    'a cancelled run that does not end',
    (all) => {
      all.observations.push({ ...seeAt(1e12), what: 'acknowledged', action: 'cancel', runId: RUN });
      all.database.runs[0]!.status = 'cancelling';
    },
    /was cancelled and is cancelling/u,
  ],
  [
    'I13',
    'a gap in the history of the lab',
    (all) => {
      all.database.events[3]!.pos = 7;
    },
    /number 7 where 4 belongs/u,
  ],
  [
    'I13',
    'an answer without a trace',
    (all) => void all.observations.push({ ...seeAt(10), what: 'request', action: 'answer', status: 200, runId: RUN, itemId: 'q' }),
    /left 0 events inbox.answered/u,
  ],
  [
    'I13',
    'an answer by nobody',
    (all) => void all.database.events.push({ pos: 5, seq: 5, type: 'inbox.answered', runId: RUN, data: { itemId: 'q' } }),
    /Nobody is named/u,
  ],
  [
    'I14',
    'an event that a client missed',
    (all) =>
      void all.observations.splice(
        all.observations.findIndex((each) => each.what === 'feed' && each.pos === 3),
        1,
      ),
    /got event 4 after 2/u,
  ],
  [
    'I14',
    'an event that a client got twice',
    (all) => void all.observations.push({ ...seeAt(20), what: 'feed', client: 'c', pos: 4, type: 'run.completed' }),
    /got event 4 after 4/u,
  ],
  [
    'I14',
    'an event that history does not have',
    (all) => void all.observations.push({ ...seeAt(20), what: 'feed', client: 'c', pos: 5, type: 'run.failed' }),
    /history has none/u,
  ],
  [
    'I15',
    'a promised run that does not exist',
    (all) => {
      all.database.runs[0]!.id = 'other';
    },
    /was promised and is not there/u,
  ],
  [
    'I15',
    'a promised run that never ends',
    (all) => {
      all.database.runs[0]!.status = 'running';
    },
    /was promised and is running/u,
  ],
  [
    'I16',
    'a run after the faults that fails',
    (all) => void all.observations.push({ ...seeAt(20), what: 'tail', runId: 'run-9', status: 'failed' }),
    /started after the last fault, is failed/u,
  ],
  [
    'I17',
    'an act after stop all',
    (all) => void all.observations.push({ ...seeAt(all.tape[1]!.monoNs), what: 'acknowledged', action: 'stop-all', devices: ['sim'] }),
    /500 ms after stop all/u,
    [3],
  ],
  [
    'I17',
    'an act after the release of an earlier stop',
    (all) => {
      stopAndRelease(all, { stop: 2, release: 1 });
    },
    /500 ms after stop all/u,
    [3],
  ],
];
