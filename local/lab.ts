// Entry point `lab [--no-demo] [--quiet] [--json]`: brings the lab up, shows the demonstration at the first
// start of a home, prints the addresses and stays until Ctrl-C. Exit codes: 0 stopped, 1 failed, 2 bad
// setting, 3 already up.

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { LabError } from '../domain/error.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings, type Settings } from '../platform/settings.js';
import { describeFailure, startLab, type Lab } from './start-lab.js';
import { createStepDisplay, type StepDisplay } from './step-display.js';
import type { SupervisorEvent } from './supervisor.js';

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C may arrive twice, from the terminal and from npm; only a later one is the second. */
const SAME_KEYPRESS_MS = 500;
const HARD_EXIT_CODE = 130;
const STDERR = 2;

interface LabArguments {
  readonly demo: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

await main();

async function main(): Promise<void> {
  try {
    const given = readArguments();
    const settings = readSettings();
    const display = createStepDisplay(given.json ? process.stderr : process.stdout);
    const end = listenForEnd(display);
    const lab = await startLab({
      settings,
      env: process.env,
      showStep: given.quiet ? (_title, run) => run(() => undefined) : display.showStep,
      onEvent: (event) => display.print(describeEvent(event)),
    });
    end.setLab(lab);
    if (given.demo && !end.isAsked()) await runDemonstration(settings, given, display);
    if (!end.isAsked()) printAddresses(given, lab, display);
    await end.asked;
    display.print('Stopping: a command that runs may end first. Ctrl-C again stops sooner.');
    await lab.stop();
    display.print('Stopped. The next start goes on from here.');
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exit(toExitCode(error));
  }
}

function readArguments(): LabArguments {
  const known = { 'no-demo': { type: 'boolean' }, quiet: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ options: known });
    const demo = values['no-demo'] !== true && process.env['PRAXIS_DEMO'] !== '0';
    return { demo, quiet: values.quiet === true, json: values.json === true };
  } catch (error) {
    const remedy = 'Known options: --no-demo, --quiet, --json.';
    throw new LabError('BAD_SETTING', { message: (error as Error).message, remedy, cause: error });
  }
}

/** The first signal asks for an orderly end, the second shortens its waits; a third leaves at once. */
function listenForEnd(display: StepDisplay): { asked: Promise<void>; isAsked(): boolean; setLab(lab: Lab): void } {
  let lab: Lab | undefined;
  let askedTimes = 0;
  let lastAskedMs = -Infinity;
  const asked = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      const isSameKeypress = performance.now() - lastAskedMs < SAME_KEYPRESS_MS;
      lastAskedMs = performance.now();
      if (isSameKeypress) return;
      askedTimes += 1;
      resolve();
      if (askedTimes === 1 && lab === undefined) display.print('The lab stops as soon as it has started. Ctrl-C again leaves at once.');
      if (askedTimes === 2) lab?.hurry();
      // What is left running by this is adopted or ended by the next start.
      if (askedTimes > 2 || (askedTimes === 2 && lab === undefined)) process.exit(HARD_EXIT_CODE);
    };
    for (const signal of END_SIGNALS) process.on(signal, onSignal);
  });
  return { asked, isAsked: () => askedTimes > 0, setLab: (started) => (lab = started) };
}

/** Runs the shipped dilution once per home, with its calls shown live; a home remembers that it was shown. */
async function runDemonstration(settings: Settings, given: LabArguments, display: StepDisplay): Promise<void> {
  const marker = path.join(settings.home, 'demonstrated');
  if (existsSync(marker)) return;
  const cli = path.join(findProjectRoot(), 'dist', 'cli', 'praxis.js');
  display.print('First start of this lab: a serial dilution on the simulated STARlet.');
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(process.execPath, [cli, 'run', 'serial_dilution', '-p', 'numDilutions=8', '--wait'], {
      env: { ...process.env, PRAXIS_HOME: settings.home, PRAXIS_URL: `http://127.0.0.1:${settings.port}` },
      // Where stdout is to hold one JSON document, the demonstration shows itself on stderr.
      stdio: ['ignore', given.json ? STDERR : given.quiet ? 'ignore' : 'inherit', 'inherit'],
    });
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  if (code === 0) writeFileSync(marker, `${new Date().toISOString()}\n`);
  else display.print(`The demonstration did not complete (exit code ${code ?? 'none'}); the next start shows it again.`);
}

function printAddresses(given: LabArguments, lab: Lab, display: StepDisplay): void {
  const { api, temporalUi } = lab.addresses;
  if (given.json) {
    process.stdout.write(`${JSON.stringify({ ...lab.addresses, apiDocs: `${api}/api/v1/docs` })}\n`);
    return;
  }
  display.print('');
  display.print(`API              ${api}/api/v1`);
  display.print(`API docs         ${api}/api/v1/docs`);
  if (temporalUi !== null) display.print(`Temporal Web UI  ${temporalUi}`);
  display.print('The lab is up. Ctrl-C stops it.');
}

function describeEvent(event: SupervisorEvent): string {
  switch (event.type) {
    case 'died':
      return `${event.name} (process ${event.pid}) ended; it starts again in ${event.nextStartMs} ms.`;
    case 'start-failed':
      return `${event.name} did not start (${describeFailure(event.error)}); the next attempt is in ${event.nextStartMs} ms.`;
    case 'restarted':
      return `${event.name} runs again (process ${event.pid}).`;
  }
}

function toExitCode(error: unknown): number {
  if (!(error instanceof LabError)) return 1;
  if (error.code === 'LAB_ALREADY_UP') return 3;
  return error.code === 'BAD_SETTING' ? 2 : 1;
}
