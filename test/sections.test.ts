// A reader that runs share per use, on a whole lab: sections never overlap, whoever waits says for what, and neither a cancel
// nor dead workers leave the reader held by nobody.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from '../domain/runs/command.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import type { Run } from '../domain/runs/run.js';
import {
  answerByCli,
  findOpenItem,
  listCommands,
  listEvents,
  listHeld,
  startRun,
  waitForEnd,
  waitForRun,
  waitForStatus,
} from './rig/operate-lab.js';
import { runCli } from './rig/run-cli.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

const READER = { assets: { reader: 'reader' } };
const MOTION_S = 0.1;

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ protocols: ['test/fixtures/sections'], changeWorkcell: withTapedReader });
}, 240_000);
afterAll(() => lab?.end());

/** The reader writes its own tape, beside that of the liquid handler. */
function withTapedReader(spec: WorkcellSpec, tapeFile: string): WorkcellSpec {
  const taped = { tape_file: toReaderTape(path.dirname(tapeFile)), motion_s: MOTION_S };
  return {
    ...spec,
    machines: spec.machines.map((machine) =>
      machine.name === 'reader' ? { ...machine, backendArguments: { ...machine.backendArguments, ...taped } } : machine,
    ),
  };
}

const toReaderTape = (folder: string): string => path.join(folder, 'reader-tape.jsonl');

async function readTape(): Promise<readonly string[]> {
  const text = await readFile(toReaderTape(lab.home), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { op: string }).op);
}

/** Of the whole tape: a section that began within another would open an open reader. */
async function expectNoOverlap(sections: number): Promise<void> {
  expect(await readTape()).toEqual(Array.from({ length: sections }, () => ['open', 'close']).flat());
}

/** First holds the reader and asks; second waits for it. */
async function startHolderAndWaiter(): Promise<{ first: string; second: string }> {
  const first = await startRun(lab, 'shared_question', READER);
  await waitForStatus(lab, first, 'needs-operator');
  const second = await startRun(lab, 'shared_turns', { ...READER, parameters: { turns: 1 } });
  await waitForRun(lab, second, 'to wait for the reader', (run: Run) => run.waitingFor?.[0]?.asset === 'reader');
  return { first, second };
}

/** Again while no worker takes it, as the refusal says. */
const answer = async (runId: string): Promise<void> => {
  const { id } = await findOpenItem(lab, runId);
  await waitFor(`an answer of run ${runId} to be taken`, async () => {
    const { exitCode, stderr } = await answerByCli(lab, id, ['yes']);
    if (exitCode !== 0 && !stderr.includes('NO_WORKER')) throw new Error(stderr);
    return exitCode === 0;
  });
};

/** Opens and closes of the reader in the tests so far. */
let sections = 0;

test('sections of two runs take turns and never overlap', async () => {
  const turns = 6;
  const ids = await Promise.all([1, 2].map(() => startRun(lab, 'shared_turns', { ...READER, parameters: { turns } })));
  for (const id of ids) expect(await waitForEnd(lab, id)).toMatchObject({ status: 'completed', result: { turns } });
  sections += 2 * turns;
  await expectNoOverlap(sections);
  const commands = (await Promise.all(ids.map((id) => listCommands(lab, id)))).flat();
  const inOrder = commands.sort((a: Command, b: Command) => Date.parse(a.beganAt ?? '') - Date.parse(b.beganAt ?? ''));
  const owners = inOrder.filter(({ method }) => method === 'open').map(({ id }) => id.split('/')[0]);
  expect(owners).toHaveLength(2 * turns);
  // Not one run after the other: whoever waits is served before the other's next turn.
  const changes = owners.filter((owner, index) => index > 0 && owner !== owners[index - 1]).length;
  expect(changes).toBeGreaterThan(1);
  expect(await listHeld(lab)).toEqual([]);
});

test('the waiting run says what it waits for, and goes on when it is free', async () => {
  const { first, second } = await startHolderAndWaiter();
  const waiting = await lab.get<Run>(`/runs/${second}`);
  expect(waiting.waitingFor).toEqual([{ asset: 'reader', heldByRunId: first, heldByProtocol: 'shared_question', reason: 'held' }]);
  expect((await runCli(lab.env, ['show', second])).stdout).toContain(`waits for   reader, held by shared_question (run ${first})`);
  expect(await listHeld(lab)).toEqual(['reader']);
  await answer(first);
  for (const id of [first, second]) expect(await waitForEnd(lab, id)).toMatchObject({ status: 'completed' });
  expect((await listEvents(lab, second)).map(({ type }) => type)).toEqual(expect.arrayContaining(['run.waiting', 'run.granted']));
  sections += 2;
  await expectNoOverlap(sections);
});

test('cancelled while it waits, a run moves nothing, and the reader goes to the next', async () => {
  const { first, second } = await startHolderAndWaiter();
  const third = await startRun(lab, 'shared_turns', { ...READER, parameters: { turns: 1 } });
  await waitForRun(lab, third, 'to wait too', (run: Run) => (run.waitingFor ?? []).length > 0);
  expect(await runCli(lab.env, ['cancel', second])).toMatchObject({ exitCode: 0 });
  expect(await waitForEnd(lab, second)).toMatchObject({ status: 'cancelled', error: { code: 'RUN_CANCELLED' } });
  expect(await listCommands(lab, second)).toEqual([]);
  expect(await listHeld(lab)).toEqual(['reader']);
  await answer(first);
  for (const id of [first, third]) expect(await waitForEnd(lab, id)).toMatchObject({ status: 'completed' });
  sections += 2;
  await expectNoOverlap(sections);
});

test('cancelled inside, a run cleans up with the reader still held; then it goes to the next', async () => {
  const { first, second } = await startHolderAndWaiter();
  expect(await runCli(lab.env, ['cancel', first])).toMatchObject({ exitCode: 0 });
  expect(await waitForEnd(lab, first)).toMatchObject({ status: 'cancelled' });
  expect((await listCommands(lab, first)).map(({ method, status }) => [method, status])).toEqual([
    ['open', 'completed'],
    ['close', 'completed'],
  ]);
  expect(await waitForEnd(lab, second)).toMatchObject({ status: 'completed' });
  sections += 2;
  await expectNoOverlap(sections);
  expect(await listHeld(lab)).toEqual([]);
});

test('workers killed while one run holds and another waits: both end, each turn done once', async () => {
  const { first, second } = await startHolderAndWaiter();
  for (const name of ['workflow-worker', 'workcell-worker']) await lab.kill(name);
  await answer(first);
  for (const id of [first, second]) expect(await waitForEnd(lab, id)).toMatchObject({ status: 'completed' });
  sections += 2;
  await expectNoOverlap(sections);
  expect(await listHeld(lab)).toEqual([]);
});
