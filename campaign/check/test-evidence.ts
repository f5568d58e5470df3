// Hand-made evidence of a lab in which all is well: one run took a tip, carried 50 µL, asked a child for the rest. Tests
// spoil one thing at a time.

import type { Evidence, Fields, Value } from './evidence.js';

type Primitive = string | number | boolean | null | undefined;
/** Values of JSON stay as they are: tests put others in their place. */
type Mutable<T> = Value extends T
  ? T
  : Fields extends T
    ? Record<string, Value>
    : T extends Primitive
      ? T
      : { -readonly [K in keyof T]: Mutable<T[K]> };
export type Spoilable = Mutable<Evidence>;

export const RUN = 'run-1';
export const READ_AT_MS = 1_000_000;
const START_NS = 5_000_000_000;
const STEP_NS = 1_000_000_000;

interface Given {
  readonly path: string;
  readonly k: number;
  readonly method: string;
  readonly arguments: Fields;
  readonly before: Fields;
  readonly after: Fields;
}

const WELL = (item: string): Fields => ({ $item: ['plate_1', item] });
const COMMANDS: readonly Given[] = [
  {
    path: 'carry',
    k: 1,
    method: 'pick_up_tips',
    arguments: { tip_spots: [{ $item: ['tips_1', 'A1'] }] },
    before: { tips: { 'tips_1:A1': true }, channels: { 0: null } },
    after: { tips: { 'tips_1:A1': false }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 0 } } },
  },
  {
    path: 'carry',
    k: 2,
    method: 'aspirate',
    arguments: { resources: [WELL('A1')], vols: [50] },
    before: { wells: { 'plate_1:A1': 200 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 0 } } },
    after: { wells: { 'plate_1:A1': 150 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 50 } } },
  },
  {
    path: 'carry/put.1',
    k: 1,
    method: 'dispense',
    arguments: { resources: [WELL('A2')], vols: [50] },
    before: { wells: { 'plate_1:A2': 0 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 50 } } },
    after: { wells: { 'plate_1:A2': 50 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 0 } } },
  },
];
const DELTAS: readonly Fields[] = [
  {},
  { a1: { labware: 'plate_1', item: 'A1', volumeUl: 150 } },
  { a2: { labware: 'plate_1', item: 'A2', volumeUl: 50 } },
];

export const toId = (number: number): string => `${RUN}/${COMMANDS[number]?.path}/${COMMANDS[number]?.k}/0`;
const toRequest = (number: number): Fields => {
  const { path, k, method, arguments: given } = COMMANDS[number] as Given;
  return { id: toId(number), runId: RUN, callPath: path, n: k, retry: 0, machine: 'star', method, arguments: given, fence: 4 };
};

/** The evidence, after what the test does to it. */
export function spoil(change: (evidence: Spoilable) => void): Evidence {
  const evidence = structuredClone(makeEvidence()) as Spoilable;
  change(evidence);
  return evidence;
}

/** A second act of a command of the evidence, right after all others. */
export function actAgain(evidence: Spoilable, number: number, change: Partial<Spoilable['tape'][number]> = {}): void {
  const line = structuredClone(evidence.tape[number]) as Spoilable['tape'][number];
  const last = evidence.tape.at(-1) as Spoilable['tape'][number];
  evidence.tape.push({ ...line, n: last.n + 1, beganMonoNs: last.monoNs + 1, monoNs: last.monoNs + STEP_NS, ...change });
}

export function seeAt(monoNs: number): { atMs: number; monoNs: number } {
  return { atMs: Math.round(monoNs / 1e6), monoNs };
}

function makeEvidence(): Evidence {
  const outcome = { status: 'completed', result: null, error: null, sends: 1 };
  const activity = (number: number): Evidence['executions'][number]['activities'][number] => ({
    type: 'executeCommand',
    input: [toRequest(number)],
    end: 'completed',
    result: null,
    failure: null,
  });
  const execution = {
    executionId: 'e',
    startedAtMs: 1,
    status: 'completed',
    closedAtMs: 9_000,
    largestPayload: { bytes: 900, event: 'workflowExecutionStarted' },
    blobs: [],
    cleanupFailures: [],
  } as const;
  return {
    tape: COMMANDS.map(({ method, before, after }, k) => ({
      ...{
        n: k + 1,
        beganMonoNs: START_NS + k * STEP_NS,
        monoNs: START_NS + k * STEP_NS + STEP_NS / 2,
        atMs: 5_000 + k * 1_000,
        device: 'sim',
        kind: 'liquid_handler',
      },
      ...{ op: method, args: {}, commandId: toId(k), fence: 4, outcome: 'done', before, after },
    })),
    journals: [
      {
        bridgeId: 'b',
        rows: [
          { row: 1, kind: 'BOOT', atMs: 1, key: null, body: {} },
          {
            row: 2,
            kind: 'CONFIG',
            atMs: 1,
            key: null,
            body: { spec: { name: 'star', machines: [{ name: 'star', backendArguments: { device: 'sim' } }] }, state: {} },
          },
          ...COMMANDS.flatMap((_each, k) => [
            { row: 3 + 2 * k, kind: 'SENT', atMs: 1, key: toId(k), body: { command: toRequest(k), step: 1 } },
            { row: 4 + 2 * k, kind: 'END', atMs: 1, key: toId(k), body: { outcome, delta: DELTAS[k] ?? {} } },
          ]),
        ],
      },
    ],
    executions: [
      {
        ...execution,
        workflowId: RUN,
        workflowType: 'carry',
        parentWorkflowId: null,
        result: { carriedUl: 50 },
        activities: [activity(0), activity(1)],
        children: [{ workflowId: `${RUN}/carry/put.1`, hasStarted: true }],
      },
      {
        ...execution,
        workflowId: `${RUN}/carry/put.1`,
        workflowType: 'put',
        parentWorkflowId: RUN,
        result: {},
        activities: [activity(2)],
        children: [],
      },
    ],
    database: {
      runs: [{ id: RUN, status: 'completed', result: { carriedUl: 50 }, fence: 4, startedAtMs: 1, endedAtMs: 9_000 }],
      runAssets: [{ runId: RUN, assetId: 'asset-star', name: 'star', kind: 'machine', hold: 'perRun' }],
      reservations: [],
      idempotencyKeys: [{ createdBy: 'ada', key: 'k1', runId: RUN }],
      commands: COMMANDS.map(({ path, method }, k) => ({
        id: toId(k),
        ordinal: k + 1,
        runId: RUN,
        callPath: path,
        retry: 0,
        machine: 'star',
        method,
        status: 'completed',
        result: null,
      })),
      calls: [
        {
          runId: RUN,
          path: 'carry',
          kind: 'run',
          status: 'completed',
          result: { carriedUl: 50 },
          startedN: 1,
          endedN: 2,
          workflowId: null,
        },
        {
          runId: RUN,
          path: 'carry/put.1',
          kind: 'child',
          status: 'completed',
          result: null,
          startedN: 1,
          endedN: 2,
          workflowId: `${RUN}/carry/put.1`,
        },
      ],
      callEntries: [RUN, `${RUN}/carry/put.1`].flatMap((workflowId) =>
        [1, 2].map((n) => ({ workflowId, n, endedN: n === 2 ? 3 : null, runId: RUN })),
      ),
      inbox: [],
      events: ['run.created', 'run.started', 'command.began', 'run.completed'].map((type, k) => ({
        pos: k + 1,
        seq: k + 1,
        type,
        runId: RUN,
        data: {},
      })),
      journalRows: [],
    },
    observations: [
      { ...seeAt(1), what: 'request', action: 'start', status: 201, runId: RUN, key: 'k1' },
      { ...seeAt(2), what: 'status', runId: RUN, status: 'running' },
      { ...seeAt(20 * STEP_NS), what: 'status', runId: RUN, status: 'completed' },
      ...['run.created', 'run.started', 'command.began', 'run.completed'].map((type, k) => ({
        ...seeAt(4 + k),
        what: 'feed' as const,
        client: 'c',
        pos: k + 1,
        type,
      })),
      { ...seeAt(9), what: 'tail', runId: RUN, status: 'completed' },
    ],
    readAtMs: READ_AT_MS,
  };
}
