// `npm run bench`: starts a lab of its own and bare Temporal workers beside it on the same server, and
// prints what ours costs as a multiple of the floor. Absolute figures depend on the machine; ratios are the result.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Command } from '../domain/command.js';
import type { Page } from '../domain/page.js';
import type { Run } from '../domain/run.js';
import { prepareVenv } from '../local/python-venv.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings } from '../platform/settings.js';
import { startLab, wait, waitFor, type Lab } from '../test/rig/start-lab.js';
import { measureRatio, median, type Contest, type Ratio } from './ratios.js';

const BLOCKS = 7;
const STARTS_PER_BLOCK = 15;
/** A start is timed on a lab at rest, as a person meets it: the one before has been put away. */
const SETTLE_MS = 100;

const say = (line: string): void => { process.stderr.write(`${line}\n`); };
const root = findProjectRoot();
say('Starting a lab …');
const lab = await startLab({ protocols: ['bench/protocols'], isCounting: false });
let floor: ChildProcess | undefined;
try {
  const record = await lab.record();
  floor = await startFloorWorker(record.temporalAddress, path.join(lab.home, 'workcell.json'));
  const connection = await Connection.connect({ address: record.temporalAddress });
  const temporal = new Client({ connection, namespace: 'praxis' });
  const ratios: Ratio[] = [];
  for (const contest of [startContest(lab, temporal), await commandContest(lab, temporal)]) ratios.push(await measureRatio(contest, say));
  await connection.close();
  await report(ratios);
} finally {
  floor?.stdin?.end();
  await lab.end();
}

/** Start → first command begins, against start → first activity begins. */
function startContest(of: Lab, temporal: Client): Contest {
  const repeat = async (once: () => Promise<number>): Promise<number> => {
    const figures: number[] = [];
    for (let k = 0; k < STARTS_PER_BLOCK; k++) figures.push(await once());
    return median(figures);
  };
  let lastId = 0;
  return {
    name: 'start → first command begins',
    goal: 1.3,
    blocks: BLOCKS,
    floor: () =>
      repeat(async () => {
        await wait(SETTLE_MS);
        const beganAtMs = Date.now();
        const workflowId = `floor-${process.pid}-${++lastId}`;
        return (await temporal.workflow.execute('bareStart', { taskQueue: 'floor.workflows', workflowId, args: [] })) - beganAtMs;
      }),
    ours: () =>
      repeat(async () => {
        await wait(SETTLE_MS);
        const postedAtMs = Date.now();
        const run = await runToEnd(of, temporal, 'one_tip');
        const { items } = await of.get<Page<Command>>(`/runs/${run.id}/commands`);
        return Date.parse(items[0]?.beganAt ?? '') - postedAtMs;
      }),
  };
}

/** One command in step mode, against a bare activity that makes the same PyLabRobot call; both by Temporal's own clock. */
async function commandContest(of: Lab, temporal: Client): Promise<Contest> {
  const model = await runToEnd(of, temporal, 'serial_dilution');
  const { items } = await of.get<Page<Command>>(`/runs/${model.id}/commands?limit=200`);
  const calls = items.map((command) => [command.method, command.arguments] as const);
  const toMsEach = async (workflowId: string): Promise<number> => {
    const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
    const names = ['executeCommand', 'callPylabrobot'];
    // The floor's first activity makes a fresh deck and is not a command.
    const scheduled = (events ?? []).filter((event) => names.includes(event.activityTaskScheduledEventAttributes?.activityType?.name ?? '')).slice(-calls.length);
    const ids = new Set(scheduled.map((event) => String(event.eventId)));
    const ended = (events ?? []).filter((event) => ids.has(String(event.activityTaskCompletedEventAttributes?.scheduledEventId)));
    const toMs = (event: (typeof scheduled)[number] | undefined): number => Number(event?.eventTime?.seconds) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
    return (toMs(ended.at(-1)) - toMs(scheduled[0])) / calls.length;
  };
  let lastId = 0;
  return {
    name: 'one command in step mode',
    goal: 1.15,
    blocks: BLOCKS,
    floor: async () => {
      const workflowId = `floor-commands-${process.pid}-${++lastId}`;
      await temporal.workflow.execute('bareCommands', { taskQueue: 'floor.workflows', workflowId, args: [[['reset', null], ...calls]] });
      return toMsEach(workflowId);
    },
    ours: async () => toMsEach((await runToEnd(of, temporal, 'serial_dilution')).id),
  };
}

/** Waits by Temporal's long poll, as the floor does: asking the API again and again would cost ours time. */
async function runToEnd(of: Lab, temporal: Client, protocol: string): Promise<Run> {
  const { status, body } = await of.post('/runs', { protocol });
  if (status !== 201) throw new Error(`Start of ${protocol} was refused: ${JSON.stringify(body)}`);
  const id = body['id'] as string;
  await waitFor(`run ${id} to be in Temporal`, () => temporal.workflow.getHandle(id).describe().then(() => true, () => undefined), { timeoutMs: 10_000 });
  await temporal.workflow.getHandle(id).result();
  const run = await of.get<Run>(`/runs/${id}`);
  if (run.status !== 'completed') throw new Error(`Run ${id} of ${protocol} ended ${run.status}: ${JSON.stringify(run.error)}`);
  return run;
}

async function startFloorWorker(address: string, workcellFile: string): Promise<ChildProcess> {
  const python = await prepareVenv({ cache: readSettings().cache, requirementsFile: path.join(root, 'bridge', 'requirements.txt'), python: null });
  const child = spawn(process.execPath, [path.join(root, 'dist', 'bench', 'floor-worker.js'), address, python, workcellFile], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => { resolve(); });
    child.once('exit', (code) => { reject(new Error(`The floor's workers ended with ${code} before they were ready.`)); });
  });
  return child;
}

async function report(ratios: readonly Ratio[]): Promise<void> {
  const lines = ratios.map((each) => {
    const verdict = each.ratio <= each.goal ? 'reached' : 'MISSED';
    return `${each.name.padEnd(32)} ${each.ratio.toFixed(2)} ×  (${each.ratioMin.toFixed(2)}–${each.ratioMax.toFixed(2)}, goal ≤ ${each.goal} × ${verdict})  floor ${each.floorMs.toFixed(1)} ms, ours ${each.oursMs.toFixed(1)} ms`;
  });
  process.stdout.write(`${lines.join('\n')}\n`);
  const folder = path.join(root, 'test-results');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'bench.json'), `${JSON.stringify({ at: new Date().toISOString(), ratios }, null, 2)}\n`);
}
