// An honest operator: answers what the inbox asks, and says of machines what is true, by what the simulator knows.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Fields, TapeLine, Value } from '../check/evidence.js';
import { readLines } from '../check/read-lab.js';
import { fieldsOf, isAct, listOf, textOf } from '../check/trails.js';
import { ask } from './observer.js';
import type { Random } from './random.js';
import type { Rig } from './rig.js';
import { HANDLER } from './workcell.js';
import type { AskedId, PartsOf } from '../../contract/client/operation.js';

const LOOK_INTERVAL_MS = 250;
/** A machine that may still move is looked at again; longer than any motion and any reply that a fault delays. */
const STILL_MS = 600;
const MEND_INTERVAL_MS = 700;
/** HTTP status of a statement that contradicts the lab. */
const UNPROCESSABLE = 422;
/** A machine is quarantined a moment before somebody is asked about it. */
const LOOKS_BEFORE_MENDING = 3;

const OPEN_ITEMS = { status: 'open', limit: 50 } as const;

interface Item {
  readonly id: string;
  readonly runId: string | null;
  readonly subject: Fields;
}

/** Answers every open item until the signal. */
export async function answerItems(rig: Rig, { random, signal }: { random: Random; signal: AbortSignal }): Promise<void> {
  /** Where the trackers contradict the truth, `done` can't be shown by them: what is there now is stated instead. */
  const refused = new Set<string>();
  while (!signal.aborted) {
    const page = await ask(() => rig.api.listInbox({ query: OPEN_ITEMS }));
    for (const item of page?.items ?? []) {
      await sleep(random.integer(0, 300));
      const answer = await decide(rig, item, { random, tellsAll: refused.has(item.id) });
      const status = await post(rig, 'answerInboxItem', { params: { id: item.id }, body: { answer, note: 'as seen' } });
      if (status.status === UNPROCESSABLE) refused.add(item.id);
      rig.note({
        what: 'request',
        action: 'answer',
        status: status.status,
        itemId: item.id,
        ...(item.runId === null ? {} : { runId: item.runId }),
      });
    }
    await sleep(LOOK_INTERVAL_MS);
  }
}

interface Deciding {
  readonly random: Random;
  /** Every fact is stated, also of what was done as it was asked for. */
  readonly tellsAll: boolean;
}

async function decide(rig: Rig, { subject }: Item, deciding: Deciding): Promise<Value> {
  const kind = subject['kind'];
  if (kind === 'uncertain-command') return state(rig, subject, deciding);
  if (kind === 'machine-error') return { then: 'abort' };
  return kind === 'time-window' ? 'go-on' : true;
}

/** What really happened, from the tape, and where it was only a part, what is there now. */
async function state(rig: Rig, subject: Fields, { random, tellsAll }: Deciding): Promise<Value> {
  await sleep(STILL_MS);
  const acts = readLines<TapeLine>(rig.places.tapeFile).filter((line) => line.commandId === subject['commandId'] && isAct(line));
  const truth = await rig.simulator.control('physics.read');
  if (acts.length === 0 || acts.every(changedNothing)) return { happened: 'not-done', then: random.chance(0.7) ? 'retry' : 'abort' };
  const then = random.chance(0.7) ? 'skip' : 'abort';
  if (!tellsAll && acts.every(({ outcome }) => outcome === 'done')) return { happened: 'done', then };
  const corrections = acts.flatMap((line) => listFacts(line, truth));
  // Half a seal leaves nothing on the deck that could be stated; what counts is that it is not done once more.
  return corrections.length === 0 ? { happened: 'done', then } : { happened: 'partly', then, corrections };
}

function changedNothing({ outcome, after }: TapeLine): boolean {
  // A power cycle forgets where the axes are, which is no part of what the command was to do.
  const changed = Object.entries(after).flatMap(([section, entries]) =>
    Object.keys(fieldsOf(entries as Value)).map((key) => `${section}.${key}`),
  );
  return outcome !== 'done' && changed.every((each) => each === 'device.isHomed');
}

/** Everything that the act touched, as it is now. */
function listFacts(line: TapeLine, truth: Fields): readonly Value[] {
  const { wells, tips, channels, places } = line.after;
  const held = fieldsOf(fieldsOf(truth['channels'])[line.device ?? '']);
  return [
    ...Object.keys(channels ?? {}).map((channel) => toChannelFact(line, channel, fieldsOf(held[channel]))),
    // A tip that was put back wet leaves liquid at its spot, which nobody can state: the spot says only whether a tip is there.
    ...Object.keys(wells ?? {})
      .filter((well) => fieldsOf(truth['tips'])[well] === undefined)
      .map((well) => ({ ...toPlace(well), volumeUl: fieldsOf(truth['wells'])[well] ?? 0 })),
    ...Object.keys(tips ?? {}).map((spot) => ({ ...toPlace(spot), hasTip: fieldsOf(truth['tips'])[spot] ?? false })),
    ...Object.keys(places ?? {}).flatMap((labware) => toLocationFact(labware, textOf(fieldsOf(truth['places'])[labware]))),
  ];
}

function toChannelFact({ device }: TapeLine, channel: string, held: Fields): Value {
  const tip = textOf(held['tip']);
  return {
    machine: device,
    channel: Number(channel),
    ...(tip === '' ? { tipFrom: null } : { tipFrom: toPlace(tip), volumeUl: held['volumeUl'] ?? 0 }),
  };
}

/** `star/plate_carrier-2` of a site, the name of the machine otherwise. What hangs in a gripper stands nowhere. */
function toLocationFact(labware: string, place: string): readonly Value[] {
  const [, carrier, index] = /^[^/]+\/(.+)-(\d+)$/u.exec(place) ?? [];
  if (carrier !== undefined) return [{ labware, location: { carrier, site: Number(index) } }];
  return place === '' || place.includes('/') ? [] : [{ labware, location: { machine: place } }];
}

function toPlace(name: string): { labware: string; item?: string } {
  const [labware = '', item] = name.split(':');
  return item === undefined ? { labware } : { labware, item };
}

/** Takes machines back into service that nobody is asked about any more, until the signal. What it starts joins the runs. */
export async function mendMachines(rig: Rig, { runs, signal }: { runs: string[]; signal: AbortSignal }): Promise<void> {
  const seen = new Map<string, number>();
  while (!signal.aborted) {
    await sleep(MEND_INTERVAL_MS);
    const machines = await ask(() => rig.api.listMachines());
    const open = await ask(() => rig.api.listInbox({ query: OPEN_ITEMS }));
    const askedAbout = (name: string): boolean =>
      open === undefined || open.items.some(({ subject }) => 'machine' in subject && subject.machine === name);
    await homeLost(rig, askedAbout);
    for (const { name, status } of machines?.items ?? []) {
      const isAskedAbout = askedAbout(name);
      const times = status === 'quarantined' && !isAskedAbout ? (seen.get(name) ?? 0) + 1 : 0;
      seen.set(name, times);
      if (times >= LOOKS_BEFORE_MENDING) await mend(rig, name, runs);
    }
  }
}

/** Devices that forgot where their axes are, as after a loss of power, are homed at their panels. */
async function homeLost(rig: Rig, isAskedAbout: (machine: string) => boolean): Promise<void> {
  const { devices: states } = await rig.simulator.control('physics.read');
  const { devices } = await rig.simulator.control('devices.list');
  for (const { device, kind } of listOf(devices).map(fieldsOf)) {
    const name = textOf(device);
    if (fieldsOf(fieldsOf(states)[name])['isHomed'] === false && !isAskedAbout(name)) await rig.simulator.home(name, textOf(kind));
  }
}

/** Releases it, and has tips discarded that it still holds. */
async function mend(rig: Rig, machine: string, runs: string[]): Promise<void> {
  const { status } = await post(rig, 'releaseMachine', { params: { name: machine }, body: { note: 'looked' } });
  if (status === 200 && (await holdsTips(rig))) await discardTips(rig, runs);
}

export async function holdsTips(rig: Rig): Promise<boolean> {
  const { channels } = await rig.simulator.control('physics.read');
  return Object.values(fieldsOf(channels)).some((held) => Object.values(fieldsOf(held)).some((tip) => tip !== null));
}

/** By the protocol that ships for it. */
export async function discardTips(rig: Rig, runs: string[]): Promise<void> {
  const { status: answer, body } = await post(rig, 'startRun', { body: { protocol: 'discard_tips', assets: { lh: HANDLER } } });
  const runId = typeof body['id'] === 'string' ? body['id'] : undefined;
  rig.note({ what: 'request', action: 'start', status: answer, ...(runId === undefined ? {} : { runId }) });
  if (runId !== undefined) runs.push(runId);
}

export interface Reply {
  /** 0 where no answer came. */
  readonly status: number;
  readonly body: Fields;
}

export async function post<O extends AskedId>(rig: Rig, operation: O, parts: PartsOf<O>): Promise<Reply> {
  try {
    const { url, ...request } = rig.api.toRequest(operation, parts);
    const response = await fetch(url, request);
    return { status: response.status, body: (await response.json()) as Fields };
  } catch {
    // Nobody knows whether it was taken: whoever asked asks again, where asking twice is asking once.
    return { status: 0, body: {} };
  }
}
