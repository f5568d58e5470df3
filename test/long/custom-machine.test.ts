// The example of a driver that is not PyLabRobot's, on a whole lab: its commands are journaled, counted, doubted and stopped
// as those of any other machine.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import { findFreePorts } from '../../local/free-ports.js';
import { findProjectRoot } from '../../platform/paths.js';
import { killBridgeInside, waitForPhase } from '../rig/kill-processes.js';
import { answerByCli, findOpenItem, listCommands, readMachineStatus, startRun, waitForEnd, waitForStatus } from '../rig/operate-lab.js';
import { startLab, wait, type Lab } from '../rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
/** 400 µL at 200 µL/s. */
const STROKE_MS = 2_000;
const MARGIN_MS = 1_000;
const EXAMPLE = path.join(findProjectRoot(), 'examples', 'syringe-pump');

let folder: string;
let pump: ChildProcess;
let lab: Lab;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-pump-'));
  const port = await findFreePorts(1);
  pump = spawn('python3', [path.join(EXAMPLE, 'simulated_pump.py'), String(port), toTapeFile()], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (pump.stdout) await once(pump.stdout, 'data');
  lab = await startLab({
    protocols: [path.join('examples', 'syringe-pump', 'protocols')],
    settings: { PRAXIS_BRIDGE_DRIVERS: path.join(EXAMPLE, 'drivers') },
    changeWorkcell: () => withPort(JSON.parse(readFileSync(path.join(EXAMPLE, 'workcell.json'), 'utf8')) as WorkcellSpec, port),
  });
}, TEST_LIMIT_MS);

afterAll(async () => {
  await lab?.end();
  if (pump?.exitCode === null) {
    pump.kill('SIGKILL');
    await once(pump, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}, TEST_LIMIT_MS);

describe('a machine whose driver is not of PyLabRobot', () => {
  test(
    'runs a protocol with a typed handle',
    async () => {
      const runId = await startRun(lab, 'flush_line', { parameters: { strokes: 2 } });
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        result: { positionUl: 0 },
        counts: { commands: { completed: 9 } },
      });
      expect(readTape()).toEqual([
        'VALVE 1',
        'ASPIRATE 100 200',
        'VALVE 2',
        'DISPENSE 100 200',
        'VALVE 1',
        'ASPIRATE 100 200',
        'VALVE 2',
        'DISPENSE 100 200',
      ]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a stroke that was sent when the bridge died waits for a person, who is told what the pump says; it moved once',
    async () => {
      const before = readTape().length;
      const runId = await startRun(lab, 'flush_line', { parameters: { strokes: 1, volumeUl: 400 } });
      await killBridgeInside(lab, `${runId}/flush_line/2/0`);
      await waitForStatus(lab, runId, 'needs-operator');
      const item = await findOpenItem(lab, runId);
      expect(item).toMatchObject({ subject: { kind: 'uncertain-command', machine: 'syringe_pump', method: 'aspirate' } });
      expect(JSON.stringify(item.subject)).toContain('positionUl');
      expect(await readMachineStatus(lab, 'syringe_pump')).toBe('quarantined');
      // The pump goes on without the bridge; the syringe is full only when its stroke is over.
      await wait(STROKE_MS + MARGIN_MS);
      expect(await answerByCli(lab, item.id, ['--happened', 'done', '--then', 'skip', '--note', 'the syringe is full'])).toMatchObject({
        exitCode: 0,
        stderr: '',
      });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', result: { positionUl: 0 } });
      expect(readTape().slice(before)).toEqual(['VALVE 1', 'ASPIRATE 400 200', 'VALVE 2', 'DISPENSE 400 200']);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a cancel halts the stroke by the stop method of the table',
    async () => {
      const runId = await startRun(lab, 'flush_line', { parameters: { strokes: 1, volumeUl: 900, speedUlPerS: 1 } });
      await waitForPhase(lab, `${runId}/flush_line/2/0`, 'sent');
      expect((await lab.post(`/runs/${runId}/cancel`, {})).status).toBe(202);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled' });
      expect((await listCommands(lab, runId)).map(({ method, status }) => [method, status])).toEqual([
        ['select_valve', 'completed'],
        ['aspirate', 'stopped'],
      ]);
    },
    TEST_LIMIT_MS,
  );
});

function withPort(spec: WorkcellSpec, port: number): WorkcellSpec {
  return { ...spec, machines: spec.machines.map((machine) => ({ ...machine, backendArguments: { port } })) };
}

function toTapeFile(): string {
  return path.join(folder, 'pump.tape');
}

function readTape(): readonly string[] {
  return existsSync(toTapeFile()) ? readFileSync(toTapeFile(), 'utf8').trim().split('\n') : [];
}
