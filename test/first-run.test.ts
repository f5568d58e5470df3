// The first run, as a new user meets it: the lab comes up by one command, serial_dilution runs through real
// Temporal, Postgres and PyLabRobot, and every record of it agrees.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Call } from '../domain/runs/call.js';
import type { CallStatistics } from '../domain/runs/call-statistics.js';
import type { Command } from '../domain/runs/command.js';
import type { LabEvent } from '../domain/history/event.js';
import type { Page } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { connectTemporal } from './rig/connect-temporal.js';
import { countCommands, countTapeLines } from './rig/count-commands.js';
import { runCli } from './rig/run-cli.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

let lab: Lab;
let run: Run;

beforeAll(async () => {
  lab = await startLab();
  const { exitCode, stdout, stderr } = await runCli(lab.env, ['run', 'serial_dilution', '-p', 'numDilutions=8', '--wait', '--json']);
  if (exitCode !== 0) throw new Error(`praxis run ended with ${exitCode}: ${stderr}${stdout}`);
  run = JSON.parse(stdout) as Run;
}, 240_000);

afterAll(() => lab?.end());

describe('serial_dilution with 8 dilutions', () => {
  test('completes with 84 commands, nothing uncertain', () => {
    expect(run).toMatchObject({
      protocol: 'serial_dilution',
      status: 'completed',
      mode: 'simulation',
      parameters: { numDilutions: 8, startRow: 'A' },
    });
    expect(run.counts).toEqual({ calls: 11, commands: { completed: 84, failed: 0, uncertain: 0 } });
    expect(run.result).toMatchObject({ wells: ['A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8', 'A9'] });
  });

  test('executed each command exactly once: journal, Postgres and the synced tape agree', async () => {
    expect(await countCommands(lab, run.id)).toEqual({
      journalSent: 84,
      journalCompleted: 84,
      journalRepeated: 0,
      postgresCompleted: 84,
      postgresOther: 0,
      tapeLines: 84,
    });
  });

  test('shows its call tree, commands and events by CLI and by REST alike', async () => {
    const tree = JSON.parse((await runCli(lab.env, ['show', run.id, '--tree', '--json'])).stdout) as Call;
    expect(tree).toEqual(await lab.get<Call>(`/runs/${run.id}/calls`));
    expect(tree).toMatchObject({ path: 'serial_dilution', status: 'completed', kind: 'run' });
    expect(tree.children.map((call) => call.path)).toEqual(['serial_dilution/fill_diluent.1', 'serial_dilution/mix_down.1']);
    expect(tree.children[1]?.children).toHaveLength(8);
    expect(tree.children[1]?.children[7]).toMatchObject({
      path: 'serial_dilution/mix_down.1/dilute_once.8',
      status: 'completed',
      arguments: { from: 'A8', to: 'A9' },
    });

    const commands = JSON.parse((await runCli(lab.env, ['show', run.id, '--commands', '--json'])).stdout) as Page<Command>;
    expect(commands.items).toHaveLength(84);
    expect(commands.items[0]).toMatchObject({ machine: 'star', method: 'pick_up_tips', status: 'completed', retry: 0 });
    expect(new Set(commands.items.map((command) => command.id)).size).toBe(84);

    const events = JSON.parse((await runCli(lab.env, ['show', run.id, '--events', '--json'])).stdout) as Page<LabEvent>;
    expect(events.items.map((event) => event.seq)).toEqual(events.items.map((_, k) => k + 1));
    expect(events.items.filter((event) => event.type === 'command.completed')).toHaveLength(84);
    expect(events.items.at(-1)?.type).toBe('run.completed');

    const listed = JSON.parse((await runCli(lab.env, ['runs', '--json'])).stdout) as Page<Run>;
    expect(listed.items.map((each) => each.id)).toContain(run.id);
  });

  test('is in the statistics of every protocol function that took part, each command with the call that gave it', async () => {
    let commands = 0;
    for (const [name, calls] of Object.entries({ serial_dilution: 1, fill_diluent: 1, mix_down: 1, dilute_once: 8 })) {
      const { stdout } = await runCli(lab.env, ['protocols', name, '--statistics', '--json']);
      const { items } = JSON.parse(stdout) as Page<CallStatistics>;
      expect(items).toMatchObject([{ name, version: '1.0.0', calls, completed: calls, failed: 0, cancelled: 0, running: 0 }]);
      commands += calls * (items[0]?.commandsPerCall ?? 0);
    }
    expect(commands).toBe(84);
  });

  test('stands in Temporal under its protocol name, each nested call as a workflow below its caller', async () => {
    const temporal = await connectTemporal(lab);
    try {
      const description = await temporal.workflow.getHandle(run.id).describe();
      expect(description).toMatchObject({ type: 'serial_dilution', taskQueue: `px.${run.bundle}`, status: { name: 'COMPLETED' } });
      // What the Web UI lists comes a moment after the end of the run.
      const below = await waitFor('the whole tree', async () => {
        const listed: unknown[][] = [];
        for await (const { workflowId, type, parentExecution, status } of temporal.workflow.list({ query: `RootWorkflowId="${run.id}"` }))
          if (workflowId !== run.id) listed.push([workflowId, type, parentExecution?.workflowId, status.name]);
        return listed.length >= 10 && listed;
      });
      const toChild = (path: string, parent: string): unknown => [
        `${run.id}/serial_dilution/${path}`,
        /([a-z_]+)\.\d+$/u.exec(path)?.[1],
        parent,
        'COMPLETED',
      ];
      const mixDown = `${run.id}/serial_dilution/mix_down.1`;
      expect([...below].sort()).toEqual(
        [
          toChild('fill_diluent.1', run.id),
          toChild('mix_down.1', run.id),
          ...[1, 2, 3, 4, 5, 6, 7, 8].map((k) => toChild(`mix_down.1/dilute_once.${k}`, mixDown)),
        ].sort(),
      );
    } finally {
      await temporal.connection.close();
    }
  });

  test('has a readable summary on each command in Temporal', async () => {
    const temporal = await connectTemporal(lab);
    try {
      const history = await temporal.workflow.getHandle(`${run.id}/serial_dilution/fill_diluent.1`).fetchHistory();
      const summaries = (history.events ?? [])
        .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'executeCommand')
        .map((event) => JSON.parse(Buffer.from(event.userMetadata?.summary?.data ?? []).toString()) as string);
      expect(summaries).toHaveLength(2 + 2 * 8);
      expect(summaries.slice(0, 3)).toEqual([
        'star.pick_up_tips tips_1:A1',
        'star.aspirate diluent_1 100 µL',
        'star.dispense plate_1:A2 100 µL',
      ]);
    } finally {
      await temporal.connection.close();
    }
  });

  test('can be started again at once: simulated tips and plates are replaced when a run releases them', async () => {
    const again = await runCli(lab.env, ['run', 'serial_dilution', '-p', 'numDilutions=11', '--wait', '--json']);
    expect({ exitCode: again.exitCode, stderr: again.stderr }).toEqual({ exitCode: 0, stderr: '' });
    const second = JSON.parse(again.stdout) as Run;
    expect(second.counts.commands).toEqual({ completed: 114, failed: 0, uncertain: 0 });
    expect(await countTapeLines(lab.tapeFile)).toBe(84 + 114);
    const { items } = await lab.get<Page<{ asset: string }>>('/reservations');
    expect(items).toEqual([]);
  });
});

describe('bad input through the CLI', () => {
  const cases: readonly [string, readonly string[], RegExp][] = [
    ['an unknown protocol', ['run', 'serial_dilutoin'], /PROTOCOL_NOT_FOUND.*serial_dilution/u],
    ['an unknown parameter', ['run', 'serial_dilution', '-p', 'dilutions=8'], /UNKNOWN_PARAMETER parameters\.dilutions/u],
    ['a value out of range', ['run', 'serial_dilution', '-p', 'numDilutions=12'], /PARAMETER_RANGE parameters\.numDilutions.*1 to 11/u],
    ['a wrong type', ['run', 'serial_dilution', '-p', 'numDilutions=many'], /PARAMETER_TYPE parameters\.numDilutions/u],
    ['an unknown asset', ['run', 'serial_dilution', '--asset', 'plate=plate_99'], /UNKNOWN_ASSET assets\.plate/u],
    ['an asset of the wrong kind', ['run', 'serial_dilution', '--asset', 'plate=tips_1'], /ASSET_MISMATCH assets\.plate/u],
    ['a run that does not exist', ['show', '0199aaaa-0000-7000-8000-000000000000'], /RUN_NOT_FOUND/u],
  ];

  test.each(cases)('%s: one line, exit 2, nothing written', async (_name, args, message) => {
    const before = await countRunsAndEvents(lab);
    const { exitCode, stdout, stderr } = await runCli(lab.env, args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(await countRunsAndEvents(lab)).toEqual(before);
  });
});

async function countRunsAndEvents(of: Lab): Promise<unknown> {
  const runs = await of.get<Page<Run>>('/runs?limit=200');
  const newest = runs.items[0];
  return {
    runs: runs.items.map((each) => each.id),
    events: newest && (await of.get<Page<LabEvent>>(`/runs/${newest.id}/events?limit=200`)).items.length,
  };
}
