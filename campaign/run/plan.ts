// What happens in one case, all of it drawn from its seed: three programs, their neighbours, at most four faults, and what the operator does.

import type { Fault } from './fault.js';
import { DISK_FULL, FAULT_KINDS, LOSE_HISTORIES, losesJournal, needsFalseClock } from './faults.js';
import { makeMistake, makeNeighbour, makeProgram, type Program } from './program.js';
import { createRandom, type Random } from './random.js';

const FAULTS_MAX = 4;
const FIRST_FAULT_MS = 300;
const LAST_FAULT_MS = 7_000;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 5_000;
const NEIGHBOURS_MAX = 3;
/** From continuing all the time to once in a while. */
const HISTORY_BUDGETS_EVENTS = [60, 90, 150, 300, 1_500] as const;
const DEVICES = ['star', 'reader', 'heater_shaker', 'sealer', 'peeler'] as const;

export interface Act {
  readonly action: 'pause' | 'cancel' | 'stop-all';
  readonly atMs: number;
  /** Which of the programs. */
  readonly program: number;
  readonly holdMs: number;
}

export interface Plan {
  readonly seed: number;
  /** The first three hold what the faults hit; their neighbours come after them. */
  readonly programs: readonly Program[];
  readonly faults: readonly Fault[];
  readonly acts: readonly Act[];
}

/** `wanted` are kinds that this case must fire; the seed alone chooses where none are given. */
export function makePlan(seed: number, wanted: readonly string[] = []): Plan {
  const random = createRandom(seed);
  const chosen = [makeProgram(random, 'liquid_program'), makeProgram(random, 'liquid_program'), makeProgram(random, 'instrument_program')];
  const besides = random.fork();
  const neighbours = Array.from({ length: besides.integer(1, NEIGHBOURS_MAX) }, () =>
    besides.chance(0.6) ? makeNeighbour(besides) : makeMistake(besides),
  );
  const kinds = drawKinds(random, wanted);
  // What stands on the deck is known by the journal alone.
  const isDeckless = kinds.some(losesJournal);
  const programs = random.shuffle(isDeckless ? chosen.map(() => makeProgram(besides, 'instrument_program')) : chosen);
  return {
    seed,
    programs: isDeckless ? programs : [...programs, ...neighbours],
    faults: kinds.map((kind) => makeFault(random.fork(), kind)),
    acts: Array.from({ length: random.integer(0, 2) }, () => makeAct(random.fork(), programs.length)),
  };
}

function drawKinds(random: Random, wanted: readonly string[]): readonly string[] {
  if (wanted.length > 0) return wanted.slice(0, FAULTS_MAX);
  return separate(random.shuffle(FAULT_KINDS).slice(0, random.integer(1, FAULTS_MAX))).together;
}

/** Kinds that can happen in one case, and those that have to wait for another one. */
export function separate(kinds: readonly string[]): { readonly together: readonly string[]; readonly later: readonly string[] } {
  const together: string[] = [];
  const later: string[] = [];
  for (const kind of kinds) (together.some((other) => areApart(kind, other) || areApart(other, kind)) ? later : together).push(kind);
  return { together, later };
}

function areApart(kind: string, other: string): boolean {
  // No Redis runs under a false clock, and two that set it would set it right for each other.
  if (needsFalseClock(kind) && (other === 'redis-dead' || needsFalseClock(other))) return true;
  // Only small instruments move, which a device's fault may never meet; and what is taken away has to be kept for the checker, whole.
  if (losesJournal(kind) && (other.startsWith('device-') || other === 'journal-full' || other === DISK_FULL || losesJournal(other)))
    return true;
  // Each is found by what the others remember; and what is taken away of Temporal is read before.
  return kind === LOSE_HISTORIES && (other.endsWith('-temporal') || losesJournal(other));
}

/** A lab has one budget for all of its runs; the seed of its first case draws it. */
export function drawHistoryBudget(seed: number): number {
  return createRandom(seed ^ 0xb4d9e7).pick(HISTORY_BUDGETS_EVENTS);
}

function makeFault(random: Random, kind: string): Fault {
  const common = { kind, atMs: random.integer(FIRST_FAULT_MS, LAST_FAULT_MS), lastsMs: random.integer(SHORTEST_MS, LONGEST_MS) };
  return kind.startsWith('device-')
    ? { ...common, atMs: 0, device: random.chance(0.7) ? 'star' : random.pick(DEVICES), nth: random.integer(1, 12) }
    : common;
}

function makeAct(random: Random, programs: number): Act {
  return {
    action: random.pick(['pause', 'pause', 'cancel', 'stop-all'] as const),
    atMs: random.integer(FIRST_FAULT_MS, LAST_FAULT_MS),
    program: random.integer(0, programs - 1),
    holdMs: random.integer(200, 2_000),
  };
}
