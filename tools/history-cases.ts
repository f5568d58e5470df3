// The ways through protocols whose histories are kept: every top-level protocol of library and fixtures on a whole lab, and
// on the engine alone what needs a small history budget or an outcome of its own choice.

import { ApplicationFailure } from '@temporalio/activity';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { BoundAsset } from '../domain/runs/run.js';
import { answerByCli, findOpenItem, waitForCommands, waitForStatus } from '../test/rig/operate-lab.js';
import type { EngineRig } from '../test/rig/engine-rig.js';
import { waitFor, type Lab } from '../test/rig/start-lab.js';

export interface LabCase {
  readonly parameters?: JsonObject;
  readonly timeScale?: number;
  /** What a person does meanwhile. */
  readonly meanwhile?: (lab: Lab, runId: string) => Promise<unknown>;
}

export interface EngineCase {
  readonly protocol: string;
  readonly parameters: JsonObject;
  readonly historyBudgetEvents?: number;
  /** Of assets other than those that every run of the rig has. */
  readonly assetTypes?: Readonly<Record<string, Pick<BoundAsset, 'kind' | 'type'>>>;
  readonly onCommand?: EngineRig['onCommand'];
  readonly meanwhile?: (rig: EngineRig, runId: string) => Promise<unknown>;
}

const SERIES = { sampleIds: ['S1', 'S2'], volumesUl: [50, 40], factors: [2, 3], mixCycles: 1 };
const SIX_WELLS = { sourceWells: 'A1:A6', destWells: 'B1:B6' };

const answer =
  (value: 'yes' | 'no') =>
  async (lab: Lab, runId: string): Promise<void> => {
    await waitForStatus(lab, runId, 'needs-operator');
    await answerByCli(lab, (await findOpenItem(lab, runId)).id, [value, '--yes']);
  };

/** By `<protocol>` or `<protocol>.<case>`. A protocol that is not here is run with its defaults. */
export const LAB_CASES: Readonly<Record<string, LabCase>> = {
  serial_dilution: { parameters: { numDilutions: 4 } },
  plate_preparation: { parameters: { pattern: 'rows', rows: ['A', 'B'] } },
  kinetic_assay: { parameters: { interval: '10 s', duration: '1 min' }, timeScale: 40 },
  antigen_dilution_series: { parameters: SERIES, meanwhile: answer('yes') },
  'antigen_dilution_series.no': { parameters: SERIES, meanwhile: answer('no') },
  held_plate: { meanwhile: answer('yes') },
  long_work: {
    meanwhile: async (lab, runId) => {
      await waitForCommands(lab, runId, 5);
      await lab.api.cancelRun({ params: { id: runId } });
    },
  },
  'selective_transfer.paused': {
    parameters: SIX_WELLS,
    meanwhile: async (lab, runId) => {
      await waitForCommands(lab, runId, 6);
      await lab.api.pauseRun({ params: { id: runId } });
      await waitForStatus(lab, runId, 'paused');
      await lab.api.resumeRun({ params: { id: runId } });
    },
  },
  'selective_transfer.cancelled': {
    parameters: SIX_WELLS,
    meanwhile: async (lab, runId) => {
      await waitForCommands(lab, runId, 9);
      await lab.api.cancelRun({ params: { id: runId } });
    },
  },
  'plate_preparation.cancelled': {
    meanwhile: async (lab, runId) => {
      await waitForCommands(lab, runId, 20);
      await lab.api.cancelRun({ params: { id: runId } });
    },
  },
};

const done = (rig: EngineRig, runId: string, count: number): Promise<unknown> =>
  waitFor(`${count} commands`, () => Promise.resolve(rig.asked.commands.filter((each) => each.runId === runId).length >= count));
const signal = (rig: EngineRig, runId: string, name: string, ...args: readonly Json[]): Promise<void> =>
  rig.client.workflow.getHandle(runId).signal(name, ...args);

async function answerItem(rig: EngineRig, runId: string, given: { value: Json; n: number }): Promise<void> {
  const itemId = await waitFor('an item', () => Promise.resolve(rig.asked.items.filter((each) => each.runId === runId)[given.n]?.itemId));
  await rig.client.workflow
    .getHandle(runId)
    .executeUpdate('answer', { args: [{ itemId, answer: given.value, by: 'test', note: '', atMs: 1 }] });
}

const doubtAt =
  (ending: string): EngineRig['onCommand'] =>
  ({ id }) => {
    if (id.endsWith(ending)) throw ApplicationFailure.nonRetryable('SENT is there and no END.', 'UNCERTAIN');
    return Promise.resolve(null);
  };

/** Refused once by a stop of everything: a command of the protocol, and one of its cleanup. */
function stoppedOnce(): EngineRig['onCommand'] {
  const refused = new Set<string>();
  return ({ id, n }) => {
    if (![3, 6].includes(n) || refused.has(id)) return Promise.resolve(null);
    refused.add(id);
    throw ApplicationFailure.nonRetryable('Everything is stopped.', 'STOPPED_ALL');
  };
}

const failAt =
  (method: string): EngineRig['onCommand'] =>
  (request) => {
    if (request.method === method && request.retry === 0)
      throw ApplicationFailure.nonRetryable('No tip on channel 0.', 'TIP_MISSING', { sends: 0 });
    return Promise.resolve(null);
  };

export const ENGINE_CASES: Readonly<Record<string, EngineCase>> = {
  'asked_strokes.recovered': {
    protocol: 'asked_strokes',
    parameters: { count: 12 },
    historyBudgetEvents: 60,
    onCommand: failAt('discard_tips'),
    meanwhile: (rig, runId) => answerItem(rig, runId, { value: { then: 'retry' }, n: 0 }),
  },
  'asked_strokes.aborted': {
    protocol: 'asked_strokes',
    parameters: { count: 3 },
    onCommand: failAt('discard_tips'),
    meanwhile: (rig, runId) => answerItem(rig, runId, { value: { then: 'abort' }, n: 0 }),
  },
  manual: {
    protocol: 'manual',
    parameters: { method: 'discard_tips', arguments: {}, reason: 'kept' },
    assetTypes: { machine: { kind: 'machine', type: 'LiquidHandler' } },
  },
  'plain_loop.continued': { protocol: 'plain_loop', parameters: { count: 60 }, historyBudgetEvents: 150 },
  'plain_loop.failed': { protocol: 'plain_loop', parameters: { count: 30, failAt: 20 }, historyBudgetEvents: 150 },
  'everything.continued': { protocol: 'everything', parameters: { rounds: 5 }, historyBudgetEvents: 120 },
  everything: { protocol: 'everything', parameters: { rounds: 3 } },
  plain_calls: { protocol: 'plain_calls', parameters: { failing: true } },
  'kinetic_assay.continued': {
    protocol: 'kinetic_assay',
    parameters: { interval: '10 s', duration: '5 min' },
    historyBudgetEvents: 60,
    onCommand: ({ method }) => Promise.resolve(method === 'read_absorbance' ? [{ time: 1, temperature: 37, data: [[0.1, 0.2]] }] : null),
  },
  'plain_loop.paused': {
    protocol: 'plain_loop',
    parameters: { count: 30 },
    historyBudgetEvents: 100,
    meanwhile: async (rig, runId) => {
      await done(rig, runId, 8);
      await signal(rig, runId, 'pause');
      await waitFor('the pause to be applied', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.includes('operator')));
      await signal(rig, runId, 'resume');
    },
  },
  'parent_of_child.cancelled': {
    protocol: 'parent_of_child',
    parameters: { count: 200, delayMs: 1 },
    historyBudgetEvents: 100,
    meanwhile: async (rig, runId) => {
      await done(rig, runId, 30);
      await signal(rig, runId, 'cancel');
    },
  },
  'asked.continued': {
    protocol: 'asked',
    parameters: { count: 30 },
    historyBudgetEvents: 100,
    meanwhile: async (rig, runId) => {
      await done(rig, runId, 30);
      await answerItem(rig, runId, { value: true, n: 0 });
      await answerItem(rig, runId, { value: 7, n: 1 });
    },
  },
  'answered_by_time.continued': { protocol: 'answered_by_time', parameters: { count: 60, afterMs: 150_000 }, historyBudgetEvents: 100 },
  hand_work: {
    protocol: 'hand_work',
    parameters: {},
    assetTypes: {
      lh: { kind: 'machine', type: 'LiquidHandler' },
      plate: { kind: 'labware', type: 'plate' },
      tips: { kind: 'labware', type: 'tip_rack' },
    },
    meanwhile: async (rig, runId) => {
      await answerItem(rig, runId, { value: true, n: 0 });
      await answerItem(rig, runId, { value: false, n: 1 });
    },
  },
  'windowed.broken': {
    protocol: 'windowed',
    parameters: { count: 60, maxMs: 150_000, warnMs: 100_000 },
    historyBudgetEvents: 100,
    meanwhile: (rig, runId) => answerItem(rig, runId, { value: 'go-on', n: 0 }),
  },
  'window_in_call.aborted': {
    protocol: 'window_in_call',
    parameters: { kind: 'child', count: 100, maxMs: 80_000, isLeftOpen: false },
    meanwhile: async (rig, runId) => {
      const item = await waitFor('an item', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
      const given = { itemId: item.itemId, answer: 'abort', by: 'test', note: '', atMs: 1 };
      await rig.client.workflow.getHandle(item.workflowId).executeUpdate('answer', { args: [given] });
    },
  },
  'plain_loop.uncertain': {
    protocol: 'plain_loop',
    parameters: { count: 6 },
    onCommand: doubtAt('/plain_loop/3/0'),
    meanwhile: (rig, runId) => answerItem(rig, runId, { value: { happened: 'not-done', then: 'retry' }, n: 0 }),
  },
  'plain_loop.stopped': {
    protocol: 'plain_loop',
    parameters: { count: 6, failAt: 4 },
    onCommand: stoppedOnce(),
    meanwhile: async (rig, runId) => {
      for (const ending of ['/plain_loop/3/0', '/plain_loop/6/0']) {
        await waitFor('a refused command', () => Promise.resolve(rig.asked.commands.some(({ id }) => id === `${runId}${ending}`)));
        await signal(rig, runId, 'px.hold', { reason: 'stop-all', holder: 'stop-all/star', isHeld: true });
        await signal(rig, runId, 'px.hold', { reason: 'stop-all', holder: 'stop-all/star', isHeld: false });
      }
    },
  },
  'parent_of_child.uncertain': {
    protocol: 'parent_of_child',
    parameters: { count: 6, delayMs: 1 },
    onCommand: doubtAt('/child_strokes.1/3/0'),
    meanwhile: async (rig, runId) => {
      const item = await waitFor('an item', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
      const given = { itemId: item.itemId, answer: { happened: 'done', then: 'skip' }, by: 'test', note: '', atMs: 1 };
      await rig.client.workflow.getHandle(item.workflowId).executeUpdate('answer', { args: [given] });
    },
  },
};
