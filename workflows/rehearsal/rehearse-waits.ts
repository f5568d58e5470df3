// What lets time pass in a rehearsal beside commands: delays, turns of clocked loops, time windows, and sections that wait for
// each other.

import type { Duration } from '../../domain/json/duration.js';
import { LabError } from '../../domain/errors/error.js';
import type { AnyMachine } from '../../protocols/sdk/machines.js';
import type { TimeWindow, TimeWindowOptions } from '../../protocols/sdk/run.js';
import { isBrokenAfter, readWindowLimits } from '../operations/open-time-window.js';
import { isAbandonment, openPart } from '../calls/run-scope.js';
import { createScope, findScope, isInSection, isLeftOver, isShielded, nextOperation, waitForEver, type Scope } from '../replay/scope.js';
import { toMs, type Turn, type TurnClock } from '../operations/delay.js';
import { takeTurn, type Stage } from './stage.js';

export function rehearseDelay(stage: Stage, call: Scope, duration: Duration): Promise<void> {
  const ms = toMs(duration, 'run.delay');
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  return passTime(stage, scope, { letter: 'd', ms });
}

/** A turn that comes late takes place, unless a whole interval has passed. */
export async function rehearseTurn(stage: Stage, scope: Scope, { startMs, intervalMs, index }: TurnClock): Promise<Turn> {
  const { clock } = stage;
  const missed = Math.max(0, Math.floor((clock.nowMs - (startMs + index * intervalMs)) / intervalMs));
  const turn = { index: index + missed, dueAtMs: startMs + (index + missed) * intervalMs };
  if (missed > 0) stage.record.warnings.add('A clocked loop leaves turns out: one turn takes longer than its interval.');
  await passTime(stage, scope, { letter: 't', ms: turn.dueAtMs - clock.nowMs });
  return turn;
}

/** Ends early with its scope, as every wait does. */
async function passTime({ clock, gate }: Stage, scope: Scope, { letter, ms }: { letter: 'd' | 't'; ms: number }): Promise<void> {
  const { id } = nextOperation(scope, letter);
  const run = (): Promise<null> =>
    new Promise((resolve) => {
      const end = (): void => {
        scope.waits.delete(end);
        resolve(null);
      };
      scope.waits.add(end);
      void clock.pass(ms).then(end);
    });
  await gate.step({ id, what: [letter, ms], isShielded: isShielded(), run });
}

/** Nobody decides about a window that breaks; the report warns of it. */
export function rehearseWindow(stage: Stage, name: string, options: TimeWindowOptions): TimeWindow {
  const { clock } = stage;
  const { maxMs } = readWindowLimits({ ...options, name });
  const beganMs = clock.nowMs;
  return Object.freeze<TimeWindow>({
    end: () => {
      const tookMs = clock.nowMs - beganMs;
      const isBroken = isBrokenAfter(tookMs, { maxMs });
      if (isBroken) stage.record.warnings.add(`The time window '${name}' takes ${tookMs / 1_000} s; it may take ${maxMs / 1_000} s.`);
      return Promise.resolve({ tookMs, isBroken });
    },
  });
}

/** Other runs are not there; sections of this run wait for each other. */
export async function rehearseSection<T>(
  stage: Stage,
  call: Scope,
  { machines, section }: { machines: readonly AnyMachine[]; section: () => Promise<T> },
): Promise<T> {
  const scope = findScope(call);
  if (isLeftOver(scope)) return waitForEver();
  const assets = machines.map(({ asset }) => asset.id).filter((id) => stage.shared.has(id));
  if (assets.length === 0) return section();
  if (isInSection(scope))
    throw new LabError('PROTOCOL_ERROR', { message: 'run.use inside run.use: name all machines of the section in the outer one.' });
  const { id, n } = nextOperation(scope, 'u');
  const path = `${scope.path}{${n}}`;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await stage.gate.step({
    id,
    what: ['use', assets],
    isShielded: false,
    run: async () => {
      await takeAll(stage.queues, assets, released);
      return null;
    },
  });
  for (const asset of assets) stage.held.add(asset);
  const part = createScope({ path, caller: scope, isPart: true, isSection: true, state: scope.state, sinceSeq: stage.gate.seq });
  part.cleanups.push({
    name: `end the section ${path}`,
    when: 'always',
    run: () => {
      for (const asset of assets) stage.held.delete(asset);
      release();
      return Promise.resolve();
    },
  });
  return openPart(stage, part, section).ended.catch((error: unknown) => {
    if (isAbandonment(error)) return waitForEver<T>();
    throw error;
  });
}

/** All at once: asked for in one moment, so two sections can't each have a half. */
async function takeAll(queues: Stage['queues'], assets: readonly string[], released: Promise<void>): Promise<void> {
  const turns = assets.map(
    (asset) =>
      new Promise<void>((resolve) => {
        void takeTurn(queues, `section of ${asset}`, () => {
          resolve();
          return released;
        });
      }),
  );
  await Promise.all(turns);
}
