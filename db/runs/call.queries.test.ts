// The tree of calls on a real Postgres: calls in iterations, branches and sections hang under the call they belong to.

import type { Call, CallEntry } from '../../domain/runs/call.js';
import type { Database } from '../connection/connect-database.js';
import { toRequest, useTestLab } from '../test-lab.js';
import { getCallTree, recordCalls } from './call.queries.js';
import { createRun } from './create-run.js';

const AT_MS = 1_800_000_000_000;

let db: Database;
let runId: string;

useTestLab(async (lab) => {
  ({ db } = lab);
  runId = (await createRun(db, toRequest(lab.definition))).run.id;
});

const startAt = (n: number, atMs: number, path: string): CallEntry => ({
  n,
  phase: 'started',
  atMs: AT_MS + atMs,
  path,
  name: path,
  version: '1.0.0',
  kind: 'inline',
  arguments: {},
});

type Tree = readonly [string, readonly Tree[]];
const toTree = ({ path, children }: Call): Tree => [path, children.map(toTree)];

async function readTree(entries: readonly CallEntry[]): Promise<Tree | undefined> {
  await recordCalls(db, runId, { workflowId: runId, entries });
  const root = await getCallTree(db, runId);
  return root && toTree(root);
}

test('calls of iterations, branches and parts within parts are children of their call, in the order of their start', async () => {
  const paths = [
    'a',
    'a[1.2]/fit.1',
    'a(1.2)/strokes.1',
    'a[1.10]/fit.1',
    'a(1.2)/strokes.1[2.1](1.1)/deep.1',
    'a(1.2)/strokes.1{1}/used.1',
    'a/plain.1',
  ];
  expect(await readTree(paths.map((path, index) => startAt(index + 1, index, path)))).toEqual([
    'a',
    [
      ['a[1.2]/fit.1', []],
      [
        'a(1.2)/strokes.1',
        [
          ['a(1.2)/strokes.1[2.1](1.1)/deep.1', []],
          ['a(1.2)/strokes.1{1}/used.1', []],
        ],
      ],
      ['a[1.10]/fit.1', []],
      ['a/plain.1', []],
    ],
  ]);
});

test('in the same instant the number of the entry decides; a call whose caller is not known yet hangs under the next one above', async () => {
  const tree = await readTree([
    startAt(4, 0, 'a[1.1]/late.1/inner.1'),
    startAt(3, 5, 'a[1.10]/fit.1'),
    startAt(2, 5, 'a[1.9]/fit.1'),
    startAt(1, 0, 'a'),
  ]);
  expect(tree).toEqual([
    'a',
    [
      ['a[1.1]/late.1/inner.1', []],
      ['a[1.9]/fit.1', []],
      ['a[1.10]/fit.1', []],
    ],
  ]);
});

test('without the root, one of its calls is shown', async () => {
  expect(await readTree([startAt(2, 1, 'a[1.1]/fit.1')])).toEqual(['a[1.1]/fit.1', []]);
});

test('of tens of thousands of calls the upper levels come first, and each level goes on where the answer was cut', async () => {
  const CALLS = 20_000;
  const many = Array.from({ length: CALLS }, (_, k) => [
    startAt(2 * k + 2, k, `a/step.${k + 1}`),
    startAt(2 * k + 3, k, `a/step.${k + 1}/part.1`),
  ]).flat();
  await recordCalls(db, runId, { workflowId: runId, entries: [startAt(1, 0, 'a'), ...many] });
  const whole = await getCallTree(db, runId);
  expect([whole?.childCount, whole?.children.length, whole?.children.at(-1)?.children[0]?.path]).toEqual([
    CALLS,
    CALLS,
    `a/step.${CALLS}/part.1`,
  ]);
  const top = await getCallTree(db, runId, { after: 0, limit: 100 });
  expect([top?.childCount, top?.children.length, top?.children[0]?.children, top?.children[0]?.childCount]).toEqual([CALLS, 99, [], 1]);
  const last = await getCallTree(db, runId, { after: CALLS - 2, limit: 4 });
  expect(last && toTree(last)).toEqual([
    'a',
    [
      [`a/step.${CALLS - 1}`, [[`a/step.${CALLS - 1}/part.1`, []]]],
      [`a/step.${CALLS}`, []],
    ],
  ]);
  const below = await getCallTree(db, runId, { path: 'a/step.7', after: 0, limit: 5 });
  expect(below && toTree(below)).toEqual(['a/step.7', [['a/step.7/part.1', []]]]);
  expect(await getCallTree(db, runId, { path: 'a/none.1', after: 0, limit: 5 })).toBeUndefined();
});
