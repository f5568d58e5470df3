// The kinds of faults, and how each is made to happen. Firing resolves when the fault is over, with whether it really happened.

import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, signalProcess } from '../../local/process-identity.js';
import { canFakeClock } from './false-clock.js';
import type { Fault } from './fault.js';
import { loseHistories } from './lose-histories.js';
import { acceptJournal, loseJournal } from './lose-journal.js';
import { runDeafCode, terminateChild, terminateRoot } from './outside-faults.js';
import { endBackends, endSequencers } from './postgres-faults.js';
import type { Rig } from './rig.js';
import { canMount } from './small-disk.js';
import { killInStart, killSupervisor, pressTwiceInStart } from './start-faults.js';

const PROCESSES = ['api', 'workflow-worker', 'workcell-worker', 'bridge'] as const;
const SERVICES = ['temporal', 'postgres'] as const;
/** Needs a lab with a clock that can be set. */
export const CLOCK_STEP = 'clock-step';
/** Needs a lab with a disk that can be filled. */
export const DISK_FULL = 'disk-full';
/** The lab begins anew with what it knows of its deck, so a case with it has programs that leave nothing there. */
export const LOSE_JOURNAL = 'lose-journal';
/** Temporal forgets every workflow. */
export const LOSE_HISTORIES = 'lose-histories';
/** Until every process has read its clock again. */
const CLOCK_READ_MS = 2_500;
const CLOCK_STEPS_S = [-259_200, -300, 300, 259_200] as const;
const STEP_SEEN_S = 100;
/** Room for a few commands. */
const SPARE_PAGES = 6;
const FULL_LIMIT_MS = 60_000;
const DELAY_MS = 500;
const POLL_MS = 50;
const HEALTH_TIMEOUT_MS = 5_000;
const BACK_LIMIT_MS = 60_000;
/** Of a late reply: within, and beyond, what a driver waits for. */
const LATE_MS = [800, 4_500] as const;

/** Fire by themselves when a device comes to the operation. */
export const DEVICE_MODES = [
  ...['die-mid-motion', 'lose-reply', 'late-reply', 'too-late-reply', 'hang', 'part', 'part-silent', 'drop-connection'],
  ...['power-cycle', 'need-homing', 'refuse', 'wrong-reply', 'huge-reply', 'nan-reply'],
] as const;

type Fire = (rig: Rig, fault: Fault) => Promise<boolean>;

/** The last fault of each rig that starts its lab anew. */
const labTurns = new WeakMap<Rig, Promise<boolean>>();

const FIRES: Readonly<Record<string, Fire>> = {
  ...Object.fromEntries(PROCESSES.map((name): [string, Fire] => [`kill-${name}`, onceThere((rig) => signal(rig, [name], 'SIGKILL'))])),
  ...Object.fromEntries(
    [...PROCESSES, ...SERVICES].map((name): [string, Fire] => [`freeze-${name}`, onceThere((rig, fault) => freeze(rig, name, fault))]),
  ),
  ...Object.fromEntries(SERVICES.flatMap((name) => toServiceFaults(name))),
  'kill-worker-and-bridge': onceThere((rig) => signal(rig, ['workcell-worker', 'bridge'], 'SIGKILL')),
  'kill-lab': inTurn(async (rig) => {
    await rig.killLab();
    return true;
  }),
  'kill-simulator': (rig) => {
    rig.simulator.kill();
    return Promise.resolve(true);
  },
  'redis-dead': onceThere(keepRedisDead),
  'journal-full': inTurn(fillJournal),
  [LOSE_JOURNAL]: inTurn(async (rig) => {
    await loseJournal(rig);
    return acceptJournal(rig);
  }),
  [LOSE_HISTORIES]: inTurn(loseHistories),
  [DISK_FULL]: fillDisk,
  'kill-supervisor': inTurn(killSupervisor),
  'kill-supervisor-in-start': inTurn(killInStart),
  'ctrl-c-twice-in-start': inTurn(pressTwiceInStart),
  'end-postgres-backends': onceThere(endBackends),
  'end-sequencer': onceThere(endSequencers),
  'terminate-root': terminateRoot,
  'terminate-child': terminateChild,
  'deaf-run': runDeafCode,
  [CLOCK_STEP]: stepClock,
};

export const FAULT_KINDS: readonly string[] = [...Object.keys(FIRES), ...DEVICE_MODES.map((mode) => `device-${mode}`)].filter(
  (kind) => (!needsFalseClock(kind) || canFakeClock()) && (kind !== DISK_FULL || canMount()),
);

export function needsFalseClock(kind: string): boolean {
  return kind === CLOCK_STEP;
}

export function losesJournal(kind: string): boolean {
  return kind === LOSE_JOURNAL;
}

export function isDeviceFault({ kind }: Fault): boolean {
  return kind.startsWith('device-');
}

export function fire(rig: Rig, fault: Fault): Promise<boolean> {
  const act = FIRES[fault.kind];
  if (!act) throw new Error(`There is no fault ${fault.kind}.`);
  return act(rig, fault);
}

/** Plans a fault of a device with the simulator; `countFired` tells later whether it happened. */
export async function planDeviceFault(rig: Rig, fault: Fault): Promise<number> {
  const named = fault.kind.slice('device-'.length);
  const mode = named === 'too-late-reply' ? 'late-reply' : named;
  const delayMs = named === 'too-late-reply' ? LATE_MS[1] : LATE_MS[0];
  const { faultId } = await rig.simulator.control('faults.add', {
    fault: { device: fault.device ?? null, op: null, nth: fault.nth ?? 1, times: 1, mode, delayMs },
  });
  return Number(faultId);
}

/** Ids of the faults of devices that have happened. */
export async function listFired(rig: Rig): Promise<ReadonlySet<number>> {
  const { faults } = await rig.simulator.control('faults.list');
  return new Set(
    (faults as unknown as { faultId: number; fired: number }[]).filter(({ fired }) => fired > 0).map(({ faultId }) => faultId),
  );
}

function toServiceFaults(name: (typeof SERVICES)[number]): [string, Fire][] {
  const restart =
    (signalName: 'SIGKILL' | 'SIGTERM'): Fire =>
    async (rig) => {
      await rig.restart(name, signalName);
      return true;
    };
  const through =
    (begin: (rig: Rig) => number): Fire =>
    async (rig, { lastsMs }) => {
      const connections = begin(rig);
      await sleep(lastsMs);
      rig.proxies[name].heal();
      return connections > 0;
    };
  return [
    [`kill-${name}`, restart('SIGKILL')],
    [`restart-${name}`, restart('SIGTERM')],
    [`cut-${name}`, onceThere((rig) => Promise.resolve(rig.proxies[name].cut() > 0))],
    [`half-open-${name}`, onceThere(through((rig) => rig.proxies[name].hold()))],
    [`delay-${name}`, onceThere(through((rig) => rig.proxies[name].delay(DELAY_MS)))],
  ];
}

/** Of those that start the lab anew: one that came between would take the settings of the other away. */
function inTurn(fire: Fire): Fire {
  return (rig, fault) => {
    const before = labTurns.get(rig) ?? Promise.resolve(true);
    const turn = before.catch(() => false).then(() => fire(rig, fault));
    labTurns.set(rig, turn);
    return turn;
  };
}

/** What another fault of the case has just taken away is waited for, and hit when it is back. */
function onceThere(fire: Fire): Fire {
  return async (rig, fault) => {
    const giveUpAtMs = Date.now() + BACK_LIMIT_MS;
    while (!(await fire(rig, fault))) {
      if (Date.now() >= giveUpAtMs) return false;
      await sleep(POLL_MS);
    }
    return true;
  };
}

function signal(rig: Rig, names: readonly string[], what: NodeJS.Signals): Promise<boolean> {
  const pids = names.map((name) => rig.listPids()[name]).filter((pid) => pid !== undefined && isAlive(pid));
  if (pids.length < names.length) return Promise.resolve(false);
  for (const pid of pids) signalProcess(pid as number, what);
  return Promise.resolve(true);
}

async function freeze(rig: Rig, name: string, { lastsMs }: Fault): Promise<boolean> {
  const pid = rig.listPids()[name];
  if (pid === undefined || !isAlive(pid)) return false;
  signalProcess(pid, 'SIGSTOP');
  await sleep(lastsMs);
  const hasLived = isAlive(pid);
  if (hasLived) signalProcess(pid, 'SIGCONT');
  return hasLived;
}

async function keepRedisDead(rig: Rig, { lastsMs }: Fault): Promise<boolean> {
  const untilMs = Date.now() + lastsMs;
  let kills = 0;
  while (Date.now() < untilMs) {
    if (await signal(rig, ['redis'], 'SIGKILL')) kills += 1;
    await sleep(POLL_MS);
  }
  return kills > 0;
}

/** The bridge begins again with a journal that has hardly any room, comes to its end, and gets its room back. */
async function fillJournal(rig: Rig): Promise<boolean> {
  const [file = ''] = rig.places.journalFiles;
  const log = path.join(rig.home, 'logs', 'bridge.log');
  const pages = spawnSync(
    'python3',
    ['-c', 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("PRAGMA page_count").fetchone()[0])', file],
    { encoding: 'utf8' },
  );
  const loggedBefore = countFull(log);
  await rig.killLab({ PRAXIS_JOURNAL_MAX_PAGES: String(Number(pages.stdout) + SPARE_PAGES) });
  const giveUpAtMs = Date.now() + FULL_LIMIT_MS;
  while (countFull(log) === loggedBefore && Date.now() < giveUpAtMs) await sleep(POLL_MS);
  const hasFilled = countFull(log) > loggedBefore;
  await rig.killLab();
  return hasFilled;
}

function countFull(log: string): number {
  return readFileSync(log, 'utf8').split('database or disk is full').length;
}

/** Nothing of the lab can be written, and then there is room again. */
async function fillDisk(rig: Rig, { lastsMs }: Fault): Promise<boolean> {
  if (rig.disk === undefined) return false;
  rig.disk.fill();
  await sleep(lastsMs);
  rig.disk.makeRoom();
  return true;
}

async function stepClock(rig: Rig, { lastsMs, atMs }: Fault): Promise<boolean> {
  if (!rig.setClock) return false;
  rig.setClock(CLOCK_STEPS_S[atMs % CLOCK_STEPS_S.length] ?? 0);
  await sleep(CLOCK_READ_MS + lastsMs);
  const hasStepped = await isClockOff(rig);
  rig.setClock(0);
  await sleep(CLOCK_READ_MS);
  return hasStepped;
}

/** The API tells its time with each answer; where another fault took it away, when it is back. */
async function isClockOff(rig: Rig): Promise<boolean> {
  const giveUpAtMs = performance.now() + BACK_LIMIT_MS;
  while (performance.now() < giveUpAtMs) {
    try {
      const { headers } = await fetch(rig.api.toUrl('getHealth', {}), { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
      return Math.abs(Date.parse(headers.get('date') ?? '') - Date.now()) > STEP_SEEN_S * 1000;
    } catch {
      // Away by another fault; it is asked again.
      await sleep(POLL_MS);
    }
  }
  return false;
}

/** For who reads the folder of a failed case. */
export function noteFault(rig: Rig, text: string): void {
  appendFileSync(path.join(rig.home, 'faults.log'), `${new Date().toISOString()} ${text}\n`);
}

export function keepPlan(rig: Rig, plan: unknown): void {
  writeFileSync(path.join(rig.home, 'plan.json'), JSON.stringify(plan, null, 1));
}
