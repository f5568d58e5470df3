// The life of a lab in a terminal: brings it up, shows the demonstration at the first start of a home, prints the
// addresses, and stays until Ctrl-C has stopped it in order.

import { API_PREFIX } from '../contract/words/api.js';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMisplacedHome, findHome } from '../platform/find-home.js';
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

export interface RunLabOptions {
  readonly demo: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  /** Called when the addresses have been printed. */
  readonly onUp?: (print: (line: string) => void) => void;
  /** True for events that need no line, because whoever caused them tells of them. */
  readonly isToldElsewhere?: (event: SupervisorEvent) => boolean;
}

/** Resolves when the lab was up and has been stopped; throws the LabError of a start that was refused. */
export async function runLab(given: RunLabOptions): Promise<void> {
  const settings = readSettings();
  const display = createStepDisplay(given.json ? process.stderr : process.stdout);
  outlive(display);
  const misplaced = describeMisplacedHome(findHome(process.env, findProjectRoot()));
  if (misplaced !== null) display.print(misplaced);
  const end = listenForEnd(display);
  const lab = await startLab({
    settings,
    env: process.env,
    showStep: given.quiet ? (_title, run) => run(() => undefined) : display.showStep,
    onWarning: (line) => {
      display.print(line);
    },
    onEvent: (event) => {
      if (given.isToldElsewhere?.(event) !== true) display.print(describeEvent(event));
    },
  });
  end.setLab(lab);
  if (given.demo && !end.isAsked()) await runDemonstration(settings, given, display);
  if (!end.isAsked()) {
    printAddresses(given, { settings, lab }, display);
    given.onUp?.((line) => {
      display.print(line);
    });
  }
  await end.asked;
  display.print('Stopping: a command that runs may end first. Ctrl-C again stops sooner.');
  await lab.stop();
  display.print('Stopped. The next start goes on from here.');
}

/** Nobody may be left to read what is printed, and its disk may be full: neither, nor a fault of its own, ends who keeps the lab alive. */
function outlive(display: StepDisplay): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    display.print(`The supervisor goes on after a fault of its own: ${describeFailure(error)}`);
  });
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
async function runDemonstration(settings: Settings, given: RunLabOptions, display: StepDisplay): Promise<void> {
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
  if (code === 0) writeFileSync(marker, `${new Date().toISOString()}\n`, { mode: 0o600 });
  else display.print(`The demonstration did not complete (exit code ${code ?? 'none'}); the next start shows it again.`);
}

function printAddresses(given: RunLabOptions, { settings, lab }: { settings: Settings; lab: Lab }, display: StepDisplay): void {
  const { api, temporalUi, redisUrl } = lab.addresses;
  if (given.json) {
    process.stdout.write(`${JSON.stringify({ ...lab.addresses, apiDocs: `${api}${API_PREFIX}/docs` })}\n`);
    return;
  }
  display.print('');
  display.print(`Console          ${api}/`);
  display.print(`API              ${api}${API_PREFIX}`);
  display.print(`API docs         ${api}${API_PREFIX}/docs`);
  if (temporalUi !== null) display.print(`Temporal Web UI  ${temporalUi}`);
  if (redisUrl === null) display.print('Redis            none runs; Postgres does its work');
  display.print(`Home             ${settings.home}`);
  display.print('The lab is up. Ctrl-C stops it.');
}

function describeEvent(event: SupervisorEvent): string {
  switch (event.type) {
    case 'died':
      return `${event.name} (process ${event.pid}) ended; it starts again in ${event.nextStartMs} ms.`;
    case 'hung':
      return `${event.name} (process ${event.pid}) has given no sign of life for ${Math.round(event.silentMs / 1000)} s; it is killed.`;
    case 'start-failed':
      return `${event.name} did not start (${describeFailure(event.error)}); the next attempt is in ${event.nextStartMs} ms.`;
    case 'restarted':
      return `${event.name} runs again (process ${event.pid}).`;
  }
}
