// The lab as a whole, on a real Postgres and a real Temporal server: what dies comes back, one supervisor
// a home, refusals in one sentence, an orderly end, and a start over what a killed lab left.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings, type Settings } from '../platform/settings.js';
import { toTestTemporalOptions } from '../test/rig/start-test-temporal.js';
import { startChild } from './child-process.js';
import { findFreePorts } from './free-ports.js';
import { readLabRecord } from './lab-record.js';
import { isAlive, readStartTime, signalProcess, waitForExit } from './process-identity.js';
import { isRoot } from './postgres-folders.js';
import { findRecorded, toRecordFile } from './recorded-process.js';
import { answersPing, findRedis } from './redis.js';
import { writeStandIns, type StandIns } from './stand-ins.js';
import { startLab, type Lab } from './start-lab.js';
import type { SupervisorEvent } from './supervisor.js';
import { startTemporal } from './temporal.js';

const WAIT_TIMEOUT_MS = 30_000;
/** Redis where this machine has one. */
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
let folder = '';
let settings: Settings;
let standIns: StandIns;
let events: SupervisorEvent[] = [];
const labs: Lab[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-lab-'));
  chmodSync(folder, 0o711);
  settings = readSettings({ PRAXIS_HOME: path.join(folder, 'home'), PRAXIS_PORT: String(await findFreePorts(5)) });
  standIns = writeStandIns(path.join(folder, 'stand-ins'));
  events = [];
});

afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.stop();
  const left = readLabRecord(settings.home)?.pids ?? {};
  for (const [name, pid] of Object.entries(left)) if (name !== 'supervisor') signalProcess(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(env: NodeJS.ProcessEnv = {}): Promise<Lab> {
  const lab = await startLab({
    settings,
    env: { ...process.env, ...env },
    showStep: (_title, run) => run(() => undefined),
    onEvent: (event) => events.push(event),
    entries: standIns.entries,
    bridgeCommand: standIns.bridgeCommand,
  });
  labs.push(lab);
  return lab;
}

function listPids(): Record<string, number> {
  return { ...readLabRecord(settings.home)?.pids };
}

async function waitFor(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_TIMEOUT_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain. Events: ${JSON.stringify(events)}`);
    await sleep(20);
  }
}

describe('startLab', () => {
  test('starts every part, brings back each that is killed, and stops them in order', async () => {
    const lab = await start();
    const first = listPids();
    expect(Object.keys(first).sort()).toEqual(EVERY_PROCESS);
    expect(readLabRecord(settings.home)?.status).toBe('up');
    expect(await (await fetch(lab.addresses.api)).text()).toBe('here');

    const mortal = EVERY_PROCESS.filter((name) => name !== 'supervisor');
    for (const name of mortal) signalProcess(first[name] ?? 0, 'SIGKILL');
    await waitFor(() => mortal.every((name) => events.some((event) => event.type === 'restarted' && event.name === name)));
    const second = listPids();
    expect(Object.keys(second).sort()).toEqual(EVERY_PROCESS);
    for (const name of mortal) expect(second[name]).not.toBe(first[name]);
    expect(await (await fetch(lab.addresses.api)).text()).toBe('here');

    labs.pop();
    writeFileSync(standIns.diary, '');
    await lab.stop();
    const diary = readFileSync(standIns.diary, 'utf8').trim().split('\n');
    expect(diary.slice(0, 2)).toEqual(['api stopped', 'bridge stopped']);
    expect(diary.slice(2).sort()).toEqual(['workcell-worker stopped', 'workflow-worker stopped']);
    for (const name of mortal) expect(isAlive(second[name] ?? 0)).toBe(false);
    expect(readLabRecord(settings.home)).toBeNull();
    expect(existsSync(path.join(settings.home, 'lab.lock'))).toBe(false);
  });

  test('a second supervisor of the home is refused, and a lock that a killed one left is taken over', async () => {
    await start();
    const before = listPids();
    await expect(start()).rejects.toMatchObject({ code: 'LAB_ALREADY_UP' });
    expect(listPids()).toEqual(before);
    await labs.pop()?.stop();

    writeFileSync(path.join(settings.home, 'lab.lock'), JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
    await start();
    expect(readLabRecord(settings.home)?.status).toBe('up');
  });

  test('a busy port is one sentence with its remedy, before anything has started', async () => {
    const server = createServer().listen(settings.temporalUiPort, '127.0.0.1');
    try {
      await expect(start()).rejects.toMatchObject({
        code: 'PORT_BUSY',
        message: expect.stringContaining(`Port ${settings.temporalUiPort}, wanted for the Temporal Web UI`),
        remedy: expect.stringContaining('PRAXIS_PORT='),
      });
      expect(existsSync(path.join(settings.home, 'postgres'))).toBe(false);
      expect(existsSync(path.join(settings.home, 'lab.lock'))).toBe(false);
    } finally {
      server.close();
    }
  });

  test('a part that can not start takes down what had started, and says which log to read', async () => {
    writeFileSync(standIns.entries.api, 'console.error("no bread today"); process.exit(4);');
    await expect(start()).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(/api ended with code 4.*no bread today/su),
    });
    expect(readLabRecord(settings.home)).toBeNull();
    expect(readFileSync(standIns.diary, 'utf8')).toContain('bridge stopped');
    writeStandIns(path.join(folder, 'stand-ins'));
    await start();
  });
});

describe('what a killed start leaves', () => {
  test('is found by what it wrote down itself, also without lab.json: served by nobody twice', async () => {
    const left = { api: toRecordFile(settings.home, 'api'), temporal: path.join(settings.home, 'temporal', 'server.pid') };
    await start();
    const before = listPids();
    expect(findRecorded(left.api)?.pid).toBe(before['api']);
    expect(findRecorded(left.temporal)?.pid).toBe(before['temporal']);
    // An API and a Temporal of a supervisor that was killed before it wrote anything.
    await labs.pop()?.stop();
    const orphan = await startChild({
      name: 'api',
      command: process.execPath,
      args: [standIns.entries.api],
      env: { ...process.env, PRAXIS_PORT: String(settings.port) },
      logFile: path.join(folder, 'left.log'),
      readyTimeoutMs: WAIT_TIMEOUT_MS,
      record: left.api,
    });
    const server = await startTemporal({ ...(await toTestTemporalOptions(folder)), dataFolder: path.join(settings.home, 'temporal') });
    await start();
    expect([isAlive(orphan.pid), isAlive(server.pid)]).toEqual([false, false]);
    expect(listPids()['temporal']).not.toBe(server.pid);
  });

  test.each(['', '{"status": "up", "pids": {"api"', '[]'])('a lab.json that holds %j is written anew', async (text) => {
    mkdirSync(settings.home, { recursive: true });
    chmodSync(settings.home, 0o711);
    writeFileSync(path.join(settings.home, 'lab.json'), text);
    expect(readLabRecord(settings.home)).toBeNull();
    writeFileSync(path.join(settings.home, 'tokens.json'), '');
    await start();
    expect(readLabRecord(settings.home)?.status).toBe('up');
  });

  test('folders in the place of lab.json and lab.lock are put aside', async () => {
    for (const name of ['lab.json', 'lab.lock']) mkdirSync(path.join(settings.home, name, 'x'), { recursive: true });
    chmodSync(settings.home, 0o711);
    await start();
    expect(
      readdirSync(settings.home)
        .filter((name) => name.includes('.aside-'))
        .map((name) => name.split('.aside-')[0])
        .sort(),
    ).toEqual(['lab.json', 'lab.lock']);
  });

  test("a home and all in it are its owner's alone", async () => {
    await start();
    const isOpen = (name: string): boolean => (lstatSync(path.join(settings.home, name)).mode & 0o077) !== 0;
    const open = readdirSync(settings.home, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.startsWith('postgres') && isOpen(name),
    );
    // A socket of Redis says by its own mode who may open it; its folder lets nobody through.
    expect(open.filter((name) => !name.endsWith('.sock'))).toEqual([]);
    expect(lstatSync(settings.home).mode & 0o777).toBe(isRoot() ? 0o711 : 0o700);
  });
});

describe('the Redis of a lab', () => {
  test('may be missing or broken: the lab comes up, and its processes are told that there is none', async () => {
    const bin = path.join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'redis-server'), '#!/bin/sh\necho no memory for this; exit 1\n', { mode: 0o755 });
    const lab = await start({ PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` });
    expect(lab.addresses.redisUrl).toBeNull();
    expect(Object.keys(listPids())).not.toContain('redis');
  });

  const testWithRedis = findRedis() === null ? test.skip : test;
  testWithRedis('answers on a socket of the home, and a start after a killed lab puts an empty one in its place', async () => {
    const lab = await start();
    expect(lab.addresses.redisUrl).toContain(settings.redisSocket);
    expect(await answersPing(settings.redisSocket)).toBe(true);
    const record = readLabRecord(settings.home);
    await labs.pop()?.stop();
    // What a killed supervisor leaves: its record, and a Redis that has not noticed.
    const { startRedis } = await import('./redis.js');
    const left = await startRedis({
      binary: findRedis() ?? '',
      folder,
      socket: settings.redisSocket,
      logFile: path.join(folder, 'left.log'),
      record: path.join(folder, 'left.pid'),
    });
    const processes = { redis: { pid: left.pid, startTime: readStartTime(left.pid) } };
    writeFileSync(path.join(settings.home, 'lab.json'), JSON.stringify({ ...record, pids: {}, processes }));
    await start();
    await left.exited;
    expect(listPids()['redis']).not.toBe(left.pid);
    expect(await answersPing(settings.redisSocket)).toBe(true);
  });
});

describe('the bridge of an earlier lab', () => {
  async function startBridgeAlone(env: NodeJS.ProcessEnv): Promise<number> {
    const { startOrAdoptBridge } = await import('./bridge-process.js');
    const { bridgeJournal: journal, bridgeSocket: socket, home } = settings;
    const logFile = path.join(folder, 'bridge.log');
    return (await startOrAdoptBridge({ command: standIns.bridgeCommand, env: { ...process.env, ...env }, socket, journal, home, logFile }))
      .pid;
  }

  test('is adopted when it has the same code', async () => {
    const pid = await startBridgeAlone({});
    await start();
    expect(listPids()['bridge']).toBe(pid);
  });

  test('is replaced when it has other code and is idle', async () => {
    const pid = await startBridgeAlone({ CODE_HASH: 'v0' });
    await start();
    expect(listPids()['bridge']).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });

  test('is kept, whatever its code, while a command runs', async () => {
    const pid = await startBridgeAlone({ CODE_HASH: 'v0', RUNNING: 'run/serial_dilution/1/0' });
    await start();
    expect(listPids()['bridge']).toBe(pid);
    expect(await waitForExit(pid, 0)).toBe(false);
  });
});
