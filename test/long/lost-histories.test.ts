// Journal, Postgres and Temporal remember the same lab. Where one of them is lost nothing moves before a person has looked,
// and what may have been sent is never sent again by itself.

import { cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { InboxItem } from '../../domain/inbox/inbox.js';
import type { Page } from '../../domain/json/page.js';
import { countTapeLines } from '../rig/count-commands.js';
import { askBridge, killEverything, waitForPhase } from '../rig/kill-processes.js';
import { answerByCli, findOpenItem, listCommands, readMachineStatus, startRun, waitForEnd, waitForStatus } from '../rig/operate-lab.js';
import { runCli } from '../rig/run-cli.js';
import { startLab, wait, waitFor, type Lab } from '../rig/start-lab.js';

/** Longer than it takes to see SENT and to kill. */
const MOTION_S = 0.6;
const TEST_LIMIT_MS = 300_000;
/** How long a lab that must not move is watched. */
const STILL_MS = 2_500;
const JOURNAL_FILES = ['star.sqlite', 'star.sqlite-wal', 'star.sqlite-shm'];
const CARRYING = { plate: 'plate_1', tips: 'tips_1' };

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ motionS: MOTION_S, protocols: ['test/fixtures/doubt'], keptAsUsed: ['plate_1', 'tips_1'] });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

beforeEach(async () => {
  // A cleanup that a new journal can't do leaves the machine to a person.
  await lab.post('/machines/star/release', { note: 'looked' });
});

test(
  'a journal that was deleted: nothing moves until a person has looked, and the motion in flight is in doubt',
  async () => {
    const runId = await startRun(lab, 'carry_liquid', { parameters: { row: 'A' }, assets: CARRYING });
    await waitForPhase(lab, `${runId}/carry_liquid/2/0`, 'sent');
    await lab.kill('bridge');
    await lab.kill('workcell-worker');
    await removeJournal();
    const alarm = await waitForAlarm('journal-lost');
    expect(alarm.subject.text).toContain('another journal');
    const aspirations = await countOnTape('aspirate');
    await expectStill();
    // It stays lost over a restart of the bridge, and a person who only acknowledges the alarm moves nothing.
    await lab.kill('bridge');
    await answerByCli(lab, alarm.id, ['yes']);
    await expectStill();
    expect(await lab.get('/workcells/star/journal')).toMatchObject({
      lost: {
        because: expect.stringContaining('another journal') as unknown,
        gap: { since: expect.any(String) as unknown, runs: [runId] },
      },
    });
    expect(await readMachineStatus(lab, 'star')).toBe('quarantined');
    const doctor = await runCli(lab.env, ['doctor']);
    expect(doctor).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/✗ Journal.*praxis accept-journal --workcell star/su) as unknown,
    });

    // What the lost journal alone knew stands in no list: who accepts is told since when, and of which runs.
    expect(await accept()).toContain(runId);
    await waitForStatus(lab, runId, 'needs-operator');
    const item = await findOpenItem(lab, runId);
    expect(item.subject).toMatchObject({ kind: 'uncertain-command', commandId: `${runId}/carry_liquid/2/0` });
    // The tip that hangs there is in no record of the new journal: the person says so.
    await answerByCli(lab, item.id, ['--happened', 'not-done', '--then', 'abort']);
    await waitForEnd(lab, runId);
    const sent = (await listCommands(lab, runId)).filter(({ method }) => method === 'aspirate');
    expect(sent.map(({ status }) => status)).toEqual(['resolved']);
    // The motion in flight was not sent again: not while it was asked for, and not by the acceptance or the answer.
    expect(await countOnTape('aspirate')).toBe(aspirations);
    expect(await countOnTape('pick_up_tips')).toBe(1);
    expect((await lab.get<Page<InboxItem>>('/inbox?limit=50')).items.find(({ id }) => id === alarm.id)?.endedAt).toEqual(
      expect.any(String),
    );
  },
  TEST_LIMIT_MS,
);

test(
  'an older copy of the journal: found by its rows, and shipped on under a name of its own',
  async () => {
    expect(await lab.interrupt()).toBe(0);
    await cp(path.join(lab.home, 'bridge'), path.join(lab.home, 'copy'), { recursive: true });
    await lab.restart();
    const done = await waitForEnd(lab, await startRun(lab, 'carry_liquid', { parameters: { row: 'B' }, assets: CARRYING }));
    expect(done.endedAt).not.toBeNull();
    const before = await askBridge(lab, (bridge) => bridge.request('hello', {}));
    expect(await lab.interrupt()).toBe(0);
    await removeJournal();
    for (const file of JOURNAL_FILES)
      await cp(path.join(lab.home, 'copy', file), path.join(lab.home, 'bridge', file), { force: true }).catch(() => undefined);
    await lab.restart();
    await waitForAlarm('journal-lost');
    await expectStill();
    await accept();
    const after = await askBridge(lab, (bridge) => bridge.request('hello', {}));
    expect(after.bridgeId).not.toBe(before.bridgeId);
    const next = await waitForEnd(lab, await startRun(lab, 'carry_liquid', { parameters: { row: 'C' }, assets: CARRYING }));
    expect((await listCommands(lab, next.id)).length).toBeGreaterThan(0);
  },
  TEST_LIMIT_MS,
);

test(
  "a database that was lost: the run that no list shows moves nothing more, and its machine is nobody else's",
  async () => {
    const runId = await startRun(lab, 'carry_liquid', { parameters: { row: 'D' }, assets: CARRYING });
    await waitForPhase(lab, `${runId}/carry_liquid/1/0`, 'sent');
    await killEverything(lab);
    await rm(path.join(lab.home, 'postgres'), { recursive: true, force: true });
    await lab.restart();
    const alarm = await waitForAlarm('journal-lost');
    expect(alarm.subject.text).toContain('knows nothing');
    await expectStill();
    const second = await startRun(lab, 'carry_liquid', { parameters: { row: 'E' }, assets: CARRYING });
    await expectStill();
    expect((await waitForAlarm('unknown-workflow')).subject.text).toContain(runId);
    await accept();
    // A machine of a workflow that no list shows is given free by a person alone.
    await lab.post('/machines/star/release', { note: 'looked' });
    // What the forgotten run still asks for is superseded; the one that people see goes on.
    const run = await waitForEnd(lab, second);
    expect(['STALE_FENCE', 'JOURNAL_LOST']).not.toContain(run.error?.code);
    expect((await listCommands(lab, second)).length).toBeGreaterThan(0);
    const forgotten = await askBridge(lab, async (bridge) => bridge.request('command.status', { id: `${runId}/carry_liquid/3/0` }));
    expect(forgotten.phase).toBe('never-seen');
  },
  TEST_LIMIT_MS,
);

test(
  'a zeroed temporal.db: its runs end, and a person looks at their machines',
  async () => {
    const runId = await startRun(lab, 'carry_liquid', { parameters: { row: 'F' }, assets: CARRYING });
    await waitForPhase(lab, `${runId}/carry_liquid/1/0`, 'sent');
    await killEverything(lab);
    await rm(path.join(lab.home, 'temporal'), { recursive: true, force: true });
    await lab.restart();
    expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'failed', error: { code: 'RUN_TERMINATED' } });
    expect(await readMachineStatus(lab, 'star')).toBe('quarantined');
    await lab.post('/machines/star/release', { note: 'looked' });
    expect(
      (await waitForEnd(lab, await startRun(lab, 'carry_liquid', { parameters: { row: 'G' }, assets: CARRYING }))).error?.code,
    ).not.toBe('RUN_TERMINATED');
  },
  TEST_LIMIT_MS,
);

async function removeJournal(): Promise<void> {
  for (const file of JOURNAL_FILES) await rm(path.join(lab.home, 'bridge', file), { force: true });
}

function waitForAlarm(cause: string): Promise<InboxItem> {
  return waitFor(
    `an alarm of cause ${cause}`,
    async () => {
      const { items } = await lab.get<Page<InboxItem>>('/inbox?status=open&limit=50').catch(() => ({ items: [] }));
      return items.find(({ subject }) => subject.kind === 'alarm' && subject.cause === cause);
    },
    { timeoutMs: 120_000 },
  );
}

async function expectStill(): Promise<void> {
  const before = await countTapeLines(lab.tapeFile);
  await wait(STILL_MS);
  expect(await countTapeLines(lab.tapeFile)).toBe(before);
}

async function accept(): Promise<string> {
  let shown = '';
  // A bridge that is just being started again does not answer yet; the person repeats it.
  await waitFor('the journal to be accepted', async () => {
    const { exitCode, stdout } = await runCli(lab.env, ['accept-journal', '--workcell', 'star', '--note', 'looked', '--yes']);
    shown = stdout;
    return exitCode === 0;
  });
  expect(await lab.get('/workcells/star/journal')).toMatchObject({ lost: null });
  return shown;
}

async function countOnTape(op: string): Promise<number> {
  const lines = (await readFile(lab.tapeFile, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.filter((line) => (JSON.parse(line) as { op: string }).op === op).length;
}
