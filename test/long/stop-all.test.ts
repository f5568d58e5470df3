// Stop all on a whole lab: nothing begins after its acknowledgement, whatever else is dead; the runs show why they wait, and
// go on once a person has released it, with nothing done twice.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LabEvent } from '../../domain/history/event.js';
import type { Run } from '../../domain/runs/run.js';
import type { StopRecord } from '../../domain/workcells/stop-all.js';
import { isAlive, signalProcess } from '../../local/process-identity.js';
import { countTapeLines } from '../rig/count-commands.js';
import { waitForPhase } from '../rig/kill-processes.js';
import { listCommands, startRun, waitForCommands, waitForEnd, waitForRun } from '../rig/operate-lab.js';
import { runCli, type CliResult } from '../rig/run-cli.js';
import { startLab, wait, waitFor, type Lab } from '../rig/start-lab.js';

const MOTION_S = 0.2;
const SHAKE_S = 3;
const TEST_LIMIT_MS = 240_000;
/** How long a run that must not go on is watched. */
const STILL_MS = 1_500;

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    motionS: MOTION_S,
    protocols: ['test/fixtures/stop', 'test/fixtures/doubt'],
    changeWorkcell: (spec) => ({
      ...spec,
      machines: spec.machines.map((each) =>
        each.frontend === 'HeaterShaker' ? { ...each, backendArguments: { motion_s: SHAKE_S } } : each,
      ),
    }),
  });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('with the whole lab alive', () => {
  test(
    'a run stands still, says why, is not moved by a resume, and goes on after the release',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 2 } });
      await waitForCommands(lab, runId, 4);
      const stopped = await stopAll('--reason', 'smoke');
      expect(stopped.stdout).toContain('star is stopped by');
      expect(stopped.stdout).toContain('not an emergency stop');
      await waitForStop(runId);
      const acts = await countTapeLines(lab.tapeFile);
      await lab.post(`/runs/${runId}/resume`, {});
      await wait(STILL_MS);
      expect(await countTapeLines(lab.tapeFile)).toBe(acts);
      expect(await lab.get<Run>(`/runs/${runId}`)).toMatchObject({ status: 'paused', pauseReasons: ['stop-all'] });
      await release('--reason', 'it was steam');
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 24, failed: 0, uncertain: 0 } },
      });
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(24);
      const told = [...(await listLabEvents('workcell.stopped')), ...(await listLabEvents('workcell.released'))];
      expect(told.map(({ type, data }) => [type, data['reason']])).toEqual([
        ['workcell.stopped', 'smoke'],
        ['workcell.released', 'it was steam'],
      ]);
      expect(told.every(({ data }) => typeof data['by'] === 'string' && data['by'] !== '')).toBe(true);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a stop that is released at once holds up nobody for good, also where the worker that told of it is gone',
    async () => {
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 3 } });
      for (const count of [2, 8, 14, 20]) {
        await waitForCommands(lab, runId, count);
        const { body } = await lab.post('/workcells/star/stop-all', { reason: 'a slip of the hand' });
        expect((await lab.post('/workcells/star/stop-all/release', { rev: Number(body['rev']), reason: 'it was nothing' })).status).toBe(
          200,
        );
        if (count === 14) await lab.kill('workcell-worker');
      }
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 34, failed: 0, uncertain: 0 } },
      });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a block stops between two commands and is sent on from there',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'stroke_block', { parameters: { times: 8 } });
      await waitForPhase(lab, `${runId}/stroke_block/4/0`, 'sent');
      await stopAll();
      await waitForStop(runId);
      const acts = await countTapeLines(lab.tapeFile);
      await wait(STILL_MS);
      expect(await countTapeLines(lab.tapeFile)).toBe(acts);
      await release();
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 18 } } });
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(18);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a run that is started meanwhile moves nothing before the release',
    async () => {
      await stopAll();
      const acts = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'rest_between', { parameters: { times: 1, rest: '100 ms' } });
      await waitForStop(runId);
      expect(await countTapeLines(lab.tapeFile)).toBe(acts);
      await release();
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 4 } } });
      expect((await countTapeLines(lab.tapeFile)) - acts).toBe(4);
    },
    TEST_LIMIT_MS,
  );

  test(
    'cleanups of a run that is cancelled meanwhile, twice, wait for the release and then run once',
    async () => {
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 4 } });
      await waitForCommands(lab, runId, 3);
      await stopAll();
      await waitForStop(runId);
      const acts = await countTapeLines(lab.tapeFile);
      await lab.post(`/runs/${runId}/cancel`, { reason: 'wrong plate' });
      await wait(STILL_MS);
      await lab.post(`/runs/${runId}/cancel`, { reason: 'again' });
      await wait(STILL_MS);
      expect(await countTapeLines(lab.tapeFile)).toBe(acts);
      expect((await lab.get<Run>(`/runs/${runId}`)).status).toBe('cancelling');
      await release();
      expect((await waitForEnd(lab, runId)).status).toBe('cancelled');
      const commands = await listCommands(lab, runId);
      expect(commands.filter(({ method }) => method === 'discard_tips')).toMatchObject([{ status: 'completed' }]);
      expect(commands.filter(({ status }) => status !== 'completed')).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'over the API: a release names the stop it means, and a stop that nobody knows is no stop',
    async () => {
      expect((await lab.post('/workcells/nowhere/stop-all', {})).body).toMatchObject({ code: 'WORKCELL_NOT_FOUND' });
      const { status, body } = await lab.post('/workcells/star/stop-all', { reason: 'drill' });
      expect([status, body['isStopped'], body['reason']]).toEqual([200, true, 'drill']);
      const rev = Number(body['rev']);
      expect(await lab.get('/workcells/star/stop-all')).toEqual(body);
      expect((await lab.post('/workcells/star/stop-all/release', { rev: rev + 1 })).body).toMatchObject({
        status: 409,
        code: 'NOT_STOPPED',
      });
      expect((await runCli(lab.env, ['stop-all', '--status'])).stdout).toContain('star is stopped');
      expect((await lab.post('/workcells/star/stop-all/release', { rev })).body).toMatchObject({ isStopped: false, rev: rev + 1 });
      expect((await runCli(lab.env, ['stop-all', '--status'])).stdout).toContain('star is free');
    },
    TEST_LIMIT_MS,
  );

  test(
    'the worker answers who has the token of the home, and nobody else',
    async () => {
      const record = await readRecord();
      expect((await stat(toRecordFile())).mode & 0o777).toBe(0o600);
      const ask = (token: string): Promise<Response> => fetch(`${record.url}/stop-all`, { headers: { authorization: `Bearer ${token}` } });
      expect((await ask('guess')).status).toBe(401);
      expect((await ask(record.token)).status).toBe(200);
      const { pids } = await lab.record();
      await lab.kill('workcell-worker');
      await waitFor(
        'another worker',
        async () => ![undefined, pids['workcell-worker']].includes((await lab.record()).pids['workcell-worker']),
      );
      const after = await waitFor('it to listen', async () =>
        (await ask(record.token).catch(() => undefined))?.ok === true ? readRecord() : undefined,
      );
      expect(after).toEqual(record);
    },
    TEST_LIMIT_MS,
  );

  test(
    'what one machine does is aborted by its name, with who and why; the cleanups run',
    async () => {
      expect((await runCli(lab.env, ['machines', 'abort', 'heater_shaker'])).stderr).toContain('NOTHING_RUNS');
      const runId = await startRun(lab, 'shake_again');
      await waitForPhase(lab, `${runId}/shake_again/1/0`, 'sent');
      expect(await runCli(lab.env, ['machines', 'abort', 'heater_shaker', '--note', 'too fast'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'failed', error: { code: 'COMMAND_STOPPED' } });
      expect((await listCommands(lab, runId)).map(({ method, status }) => [method, status])).toEqual([
        ['shake', 'stopped'],
        ['stop_shaking', 'completed'],
      ]);
      expect(await listLabEvents('machine.aborted')).toMatchObject([{ data: { machine: 'heater_shaker', note: 'too fast' } }]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a driver that can stop is stopped',
    async () => {
      const runId = await startRun(lab, 'shake_again', { parameters: { times: 1 } });
      await waitForPhase(lab, `${runId}/shake_again/1/0`, 'sent');
      expect((await stopAll()).stdout).toContain('heater_shaker.shake was running; its driver was told to stop');
      await waitForPhase(lab, `${runId}/shake_again/1/0`, 'ended');
      await waitForStop(runId);
      await release();
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'failed', error: { code: 'COMMAND_STOPPED' } });
    },
    TEST_LIMIT_MS,
  );
});

describe('with everything dead but the bridge', () => {
  test(
    'it is acknowledged and holds; the next start knows it, and after the release nothing is done twice',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 2 } });
      await waitForCommands(lab, runId, 4);
      await killAllButBridge();
      await stopAll('--reason', 'everything is dead');
      await wait(STILL_MS);
      const acts = await countTapeLines(lab.tapeFile);
      await lab.restart();
      await waitForStop(runId);
      await wait(STILL_MS);
      expect(await countTapeLines(lab.tapeFile)).toBe(acts);
      await release();
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 24, failed: 0, uncertain: 0 } },
      });
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(24);
    },
    TEST_LIMIT_MS,
  );

  test(
    'with the bridge dead as well nobody says that it is stopped',
    async () => {
      const { pids } = await lab.record();
      await killAllButBridge();
      signalProcess(pids['bridge'] as number, 'SIGKILL');
      const { exitCode, stderr } = await runCli(lab.env, ['stop-all']);
      expect([exitCode, stderr.includes('NO_ACKNOWLEDGEMENT'), stderr.includes('emergency stop')]).toEqual([3, true, true]);
    },
    TEST_LIMIT_MS,
  );
});

async function stopAll(...args: string[]): Promise<CliResult> {
  const result = await runCli(lab.env, ['stop-all', ...args]);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  return result;
}

async function release(...args: string[]): Promise<void> {
  expect(await runCli(lab.env, ['stop-all', '--release', ...args])).toMatchObject({ exitCode: 0, stderr: '' });
}

function waitForStop(runId: string): Promise<Run> {
  return waitForRun(
    lab,
    runId,
    'to be paused by the stop',
    ({ status, pauseReasons }) => status === 'paused' && pauseReasons.includes('stop-all'),
  );
}

/** Events of no run, from the live feed, up to and with the first of a type. */
async function listLabEvents(type: string): Promise<readonly LabEvent[]> {
  const end = AbortSignal.timeout(TEST_LIMIT_MS);
  const response = await fetch(lab.api.toUrl('streamEvents', { query: { after: 0 } }), {
    headers: { accept: 'text/event-stream' },
    signal: end,
  });
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    const found = lines.filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice('data: '.length)) as LabEvent);
    const first = found.find((event) => event.type === type);
    if (first) return [first];
  }
  return [];
}

async function killAllButBridge(): Promise<void> {
  const { bridge, supervisor, ...others } = (await lab.record()).pids;
  expect(bridge).toBeDefined();
  const pids = [supervisor, ...Object.values(others)].filter((pid) => pid !== undefined);
  for (const pid of pids) signalProcess(pid, 'SIGKILL');
  await waitFor('all but the bridge to be gone', () => Promise.resolve(!pids.some(isAlive)));
}

function toRecordFile(): string {
  return path.join(lab.home, 'stop-all', 'star.json');
}

async function readRecord(): Promise<StopRecord> {
  return JSON.parse(await readFile(toRecordFile(), 'utf8')) as StopRecord;
}
