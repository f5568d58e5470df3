// The Temporal Web UI of a lab in real Chromium: a person opens the printed address, sees the hierarchy of a run and sends its
// signals; pages of another port, of another name and of a rebound name change nothing and read nothing at any port.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from '../../domain/json/page.js';
import { findProgram } from '../../local/find-program.js';
import { findProjectRoot } from '../../platform/paths.js';
import { startRun, waitForCommands, waitForEnd } from '../rig/operate-lab.js';
import { startLab, type Lab } from '../rig/start-lab.js';

const TEST_LIMIT_MS = 300_000;
/** Of the lab: API, gRPC, the door, the HTTP gate, metrics. */
const PORTS_OF_A_LAB = 5;
const chromiumProgram = findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome');
const testInBrowser = chromiumProgram === null ? test.skip : test;

interface Report {
  readonly entered: readonly string[];
  readonly learned: readonly string[];
  readonly shown: string;
  readonly signalled: readonly string[];
}

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ motionS: 1 });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

testInBrowser(
  'a person sees the hierarchy and sends signals, hostile pages do nothing (skipped where there is no Chromium)',
  async () => {
    const runId = await startRun(lab, 'selective_transfer', {
      parameters: { sourceWells: 'A1:H12', destWells: 'A1:H12' },
      assets: { source: 'source_1' },
    });
    await waitForCommands(lab, runId, 3);
    const { temporalUi: address, api } = await lab.record();
    const first = Number(new URL(api).port);
    const ports = Array.from({ length: PORTS_OF_A_LAB }, (_, k) => first + k);
    expect(new URL(address).port).toBe(String(first + 2));
    const visit = [
      path.join(findProjectRoot(), 'test', 'rig', 'visit-temporal.mjs'),
      JSON.stringify({ ports, runId, address, chromiumProgram }),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, visit, { timeout: TEST_LIMIT_MS });
    const report = JSON.parse(stdout) as Report;

    // The key has left the address bar.
    expect(report.entered.map((url) => url.split('?')[0])).toEqual([`${new URL(address).origin}/namespaces/praxis/workflows`]);
    expect(report.entered.join()).not.toContain('key=');
    expect(report.learned).toEqual([]);
    expect(report.shown).toContain(`${runId}/selective_transfer/transfer_well`);
    expect(report.signalled).toEqual(['pause 200', 'resume 200', 'cancel 200']);
    expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled' });
    const { items } = await lab.get<Page<{ type: string }>>(`/runs/${runId}/events?limit=200`);
    const kinds = items.map(({ type }) => type);
    for (const kind of ['run.paused', 'run.resumed', 'run.cancelled']) expect(kinds).toContain(kind);
  },
  TEST_LIMIT_MS,
);
