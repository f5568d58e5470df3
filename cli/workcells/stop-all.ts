// `praxis stop-all`: nothing begins any more in a workcell, until a person lifts it. Works with everything dead but the bridge.

import { userInfo } from 'node:os';
import { CliError, EXIT_NO_CONNECTION, EXIT_OK } from '../terminal/exit.js';
import { askWorkcell, findStopRecords } from './reach-workcell.js';
import { formatInstant } from '../render/render-duration.js';
import type { JsonOption, World } from '../client/world.js';
import type { MovingCommand, StopRecord, StopState } from '../../domain/workcells/stop-all.js';

export interface StopAllOptions extends JsonOption {
  readonly workcell?: string;
  readonly reason?: string;
  readonly release?: boolean;
  readonly status?: boolean;
}

type Told = StopState & { readonly workcell: string; readonly running?: readonly MovingCommand[] };

export async function stopAll(world: World, options: StopAllOptions, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const records = findStopRecords(env, options.workcell);
  const act = options.status === true ? look : options.release === true ? release : stop;
  // All at once: a workcell that does not answer must not keep another one moving.
  const results = await Promise.allSettled(records.map((record) => act(record, options.reason ?? '')));
  const told = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (options.json === true) world.printJson({ items: told });
  else for (const each of told) for (const line of describe(each, options)) world.terminal.line(line);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const [failure] = failures;
  if (failure === undefined) return EXIT_OK;
  if (failures.length === 1) throw failure;
  throw new CliError(EXIT_NO_CONNECTION, {
    code: 'NO_ACKNOWLEDGEMENT',
    message: failures.map(({ message }) => message).join(' '),
    remedy: 'Use the emergency stop of the machines.',
  });
}

async function stop(record: StopRecord, reason: string): Promise<Told> {
  const state = await askWorkcell<Told>(record, { method: 'stop.all', params: { by: readUser(), reason } });
  return { ...state, workcell: record.workcell };
}

async function look(record: StopRecord): Promise<Told> {
  return { ...(await askWorkcell<StopState>(record, { method: 'stop.status', params: {} })), workcell: record.workcell };
}

/** Lifts the stop that holds now, and no later one. */
async function release(record: StopRecord, reason: string): Promise<Told> {
  const seen = await look(record);
  if (!seen.isStopped) return seen;
  await askWorkcell(record, { method: 'stop.release', params: { rev: seen.rev, by: readUser(), reason } });
  return look(record);
}

function describe({ workcell, isStopped, by, reason, atMs, isJournaled, running = [] }: Told, options: StopAllOptions): readonly string[] {
  const at = atMs === null ? '' : ` at ${formatInstant(new Date(atMs).toISOString())}`;
  const why = `${by}${at}${reason === '' ? '' : `: ${reason}`}`;
  if (!isStopped) return [by === '' ? `${workcell} is not stopped.` : `${workcell} is free; released by ${why}`];
  const moving = running.map(
    ({ machine, method, canStop }) =>
      `  ${machine}.${method} was running; ${canStop ? 'its driver was told to stop' : 'its driver cannot stop it, it ends by itself'}`,
  );
  return [
    `${workcell} is stopped by ${why}`,
    ...moving,
    ...(isJournaled
      ? []
      : ['  The journal could not be written: the stop holds, but would not outlive the bridge until the disk has room.']),
    ...(options.release === true ? ['  Somebody has stopped it again meanwhile.'] : []),
    '  Nothing begins until: praxis stop-all --release. This is not an emergency stop: motions under way may go on, power stays on.',
  ];
}

function readUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in some containers.
    return 'operator';
  }
}
