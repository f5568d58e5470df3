// What is only seen when the records are held against each other: an end that was told too early, a doubt that was told as a
// failure, a claim that was given away.

import { expect, test } from '@jest/globals';
import { checkLab } from './check-lab.js';
import { RUN, seeAt, spoil, toId, type Spoilable } from './test-evidence.js';

const endOf = (evidence: Spoilable, number: number): Spoilable['journals'][number]['rows'][number] =>
  evidence.journals[0]!.rows.find(({ kind, key }) => kind === 'END' && key === toId(number))!;
const doubt = (evidence: Spoilable): void => {
  endOf(evidence, 1).body['outcome'] = { status: 'uncertain', result: null };
  evidence.database.commands[1]!.status = 'uncertain';
  evidence.database.inbox.push({
    id: toId(1),
    runId: RUN,
    status: 'answered',
    subject: { commandId: toId(1) },
    answer: { then: 'abort' },
    answeredBy: 'ada',
  });
};
const find = (change: (evidence: Spoilable) => void, invariant: string): string[] =>
  checkLab(spoil(change))
    .filter((each) => each.invariant === invariant)
    .map(({ what }) => what);
/** A second run with the machine of the first, created before the first had ended. */
const addRun = (evidence: Spoilable, types: readonly string[], data: object = {}): void => {
  evidence.database.runAssets.push({ runId: 'run-2', assetId: 'asset-star', name: 'star', kind: 'machine', hold: 'perRun' });
  const [end] = evidence.database.events.splice(3, 1);
  evidence.database.events.push(...types.map((type, k) => ({ pos: 4 + k, seq: k + 1, type, runId: 'run-2', data: data as never })), {
    ...end!,
    pos: 4 + types.length,
  });
};

test('I2: a success that the journal does not hold', () => {
  expect(find(doubt, 'I2')).toEqual([expect.stringMatching(/was told that it completed, and the journal holds it as uncertain/u)]);
  const forget = (all: Spoilable): void => {
    all.journals[0]!.rows.splice(all.journals[0]!.rows.indexOf(endOf(all, 1)), 1);
  };
  expect(find(forget, 'I2')).toEqual([expect.stringMatching(/holds it as not ended/u)]);
});

test('I3: a doubt that its run was told as a failure', () => {
  const tell =
    (failure: string) =>
    (all: Spoilable): void => {
      doubt(all);
      Object.assign(all.executions[0]!.activities[1]!, { end: 'failed', failure });
    };
  expect(find(tell('MACHINE_ERROR'), 'I3')).toEqual([expect.stringMatching(/its run was told that it failed/u)]);
  expect(find(tell('UNCERTAIN'), 'I3')).toEqual([]);
});

test('I6: a machine that was granted before its holder had ended', () => {
  expect(find((all) => addRun(all, ['run.created', 'run.waiting', 'run.granted']), 'I6')).toEqual([
    expect.stringMatching(/granted to run run-2 before run run-1 had ended/u),
  ]);
  expect(find((all) => addRun(all, ['run.created']), 'I6')).toHaveLength(1);
  expect(find((all) => addRun(all, ['run.created', 'run.waiting']), 'I6')).toEqual([]);
  expect(find((all) => addRun(all, ['run.created'], { underRunId: RUN }), 'I6')).toEqual([]);
});

test('I12: an act after the end', () => {
  const end = (all: Spoilable): void =>
    void all.observations.push({ ...seeAt(all.tape[1]!.monoNs), what: 'status', runId: RUN, status: 'completed' });
  expect(find(end, 'I12')).toEqual([expect.stringMatching(/began 500 ms after its run was shown as completed/u)]);
});
