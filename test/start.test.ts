// The first hour with Praxis, on the real thing: npm start, the demonstration, doctor, a second terminal, Ctrl-C,
// and the next start. The tests follow each other on one home.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { isAlive } from '../local/process-identity.js';
import { findRedis } from '../local/redis.js';
import { clearLabPlace, listProcessesOf, makeLabPlace, readPids, runProgram, type LabPlace, type Program } from './rig/run-program.js';

const START_TIMEOUT_MS = 240_000;
/** A lab runs a Redis where the machine has one. */
const EVERY_PROCESS = [
  'api',
  'bridge',
  'postgres',
  ...(findRedis() === null ? [] : ['redis']),
  'supervisor',
  'temporal',
  'workcell-worker',
  'workflow-worker',
];
const DEMONSTRATION = 'First start of this lab';
const UP = 'The lab is up. Ctrl-C stops it.';

interface DoctorReport {
  readonly ok: boolean;
  readonly findings: readonly { readonly name: string; readonly ok: boolean; readonly detail: string; readonly remedy?: string }[];
}

let place: LabPlace;
let lab: Program;
const programs: Program[] = [];

beforeAll(async () => {
  place = await makeLabPlace();
});
afterAll(() => clearLabPlace(place, programs));

function start(args: readonly string[] = []): Program {
  const program = runProgram(place, 'tools/start.mjs', args);
  programs.push(program);
  return program;
}

async function askDoctor(): Promise<{ exitCode: number | null; report: DoctorReport }> {
  const program = runProgram(place, 'dist/local/doctor.js', ['--json']);
  const exitCode = await program.ended;
  return { exitCode, report: JSON.parse(program.stdout()) as DoctorReport };
}

async function listRuns(): Promise<readonly Run[]> {
  return ((await (await fetch(`${place.url}/api/v1/runs`)).json()) as Page<Run>).items;
}

/** As a browser does: it keeps the session that the key of an address gives, and is led on. */
async function visit(address: string): Promise<number> {
  const first = await fetch(address, { redirect: 'manual' });
  const location = first.headers.get('location');
  if (location === null) return first.status;
  const cookie = first.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  return (await fetch(new URL(location, address), { headers: { cookie } })).status;
}

describe('the first npm start', () => {
  test(
    'runs the demonstration once and prints addresses that answer',
    async () => {
      lab = start();
      await lab.waitForPrint(UP);
      expect(lab.stdout()).toContain(DEMONSTRATION);
      expect(await listRuns()).toMatchObject([
        { protocol: 'serial_dilution', status: 'completed', counts: { commands: { failed: 0, uncertain: 0 } } },
      ]);
      const addresses = [...lab.stdout().matchAll(/^[A-Z].*? {2,}(http:\/\/\S+)$/gmu)].map(([, address]) => address ?? '');
      expect(addresses).toHaveLength(4);
      const [consoleAddress = '', apiAddress = '', ...others] = addresses;
      const page = await fetch(consoleAddress, { headers: { accept: 'text/html' } });
      expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("script-src 'self'")]);
      expect((await fetch(`${apiAddress}/health`)).status).toBe(200);
      for (const address of others) expect(await visit(address)).toBe(200);
    },
    START_TIMEOUT_MS,
  );

  test('a second one is refused in one sentence, and the first does not notice', async () => {
    const before = readPids(place);
    expect(Object.keys(before).sort()).toEqual(EVERY_PROCESS);
    const second = start(['--no-demo']);
    expect(await second.ended).toBe(3);
    expect(second.stderr().trim().split('\n')).toEqual([
      expect.stringMatching(/^error LAB_ALREADY_UP The lab of .* is already up \(process \d+\)\. Remedy: /u),
    ]);
    expect(readPids(place)).toEqual(before);
    expect(Object.values(before).filter(isAlive)).toHaveLength(EVERY_PROCESS.length);
  });

  test('doctor finds every part well', async () => {
    const { exitCode, report } = await askDoctor();
    expect(report.findings.filter(({ ok }) => !ok)).toEqual([]);
    expect({ exitCode, ok: report.ok }).toEqual({ exitCode: 0, ok: true });
    const names = report.findings.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([...EVERY_PROCESS.map((name) => `Process ${name}`), 'Bridge', 'API', 'Python', 'Home', 'Disk']),
    );
  });

  test('Ctrl-C stops all in order and leaves nothing running', async () => {
    const pids = readPids(place);
    expect(await lab.interrupt()).toBe(0);
    expect(lab.stderr()).toBe('');
    expect(lab.stdout().trimEnd().split('\n').slice(-2)).toEqual([
      expect.stringMatching(/^Stopping:/u),
      'Stopped. The next start goes on from here.',
    ]);
    expect(Object.entries(pids).filter(([, pid]) => isAlive(pid))).toEqual([]);
    expect(listProcessesOf(place.folder)).toEqual([]);
    expect(['lab.json', 'lab.lock'].filter((name) => existsSync(path.join(place.home, name)))).toEqual([]);
  });
});

describe('while the lab is down', () => {
  test('doctor finds what the next start needs', async () => {
    const { exitCode, report } = await askDoctor();
    expect(report.findings.filter(({ ok }) => !ok)).toEqual([]);
    expect({ exitCode, ok: report.ok }).toEqual({ exitCode: 0, ok: true });
    expect(report.findings).toContainEqual({ name: 'Lab', ok: true, detail: 'is not up; start it with: npm start' });
    expect(report.findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node', 'Python', 'Postgres programs', 'Temporal program', 'Ports']),
    );
  });
});

describe('the second npm start', () => {
  test(
    'goes on where the first was, without the demonstration',
    async () => {
      lab = start();
      await lab.waitForPrint(UP);
      expect(lab.stdout()).not.toContain(DEMONSTRATION);
      expect(await listRuns()).toHaveLength(1);
      expect(await lab.interrupt()).toBe(0);
      expect(listProcessesOf(place.folder)).toEqual([]);
    },
    START_TIMEOUT_MS,
  );
});
