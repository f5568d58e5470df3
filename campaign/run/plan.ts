// What happens in one case, all of it drawn from its seed: three programs, their neighbours, at most four faults, and what the operator does.

import { FAULT_KINDS, type Fault } from './faults.js';
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
  const programs = random.shuffle([makeProgram(random, 'liquid_program'), makeProgram(random, 'liquid_program'), makeProgram(random, 'instrument_program')]);
  const besides = random.fork();
  const neighbours = Array.from({ length: besides.integer(1, NEIGHBOURS_MAX) }, () => (besides.chance(0.6) ? makeNeighbour(besides) : makeMistake(besides)));
  const kinds = wanted.length > 0 ? wanted.slice(0, FAULTS_MAX) : random.shuffle(FAULT_KINDS).slice(0, random.integer(1, FAULTS_MAX));
  return {
    seed,
    programs: [...programs, ...neighbours],
    faults: kinds.map((kind) => makeFault(random.fork(), kind)),
    acts: Array.from({ length: random.integer(0, 2) }, () => makeAct(random.fork(), programs.length)),
  };
}

/** A lab has one budget for all of its runs; the seed of its first case draws it. */
export function drawHistoryBudget(seed: number): number {
  return createRandom(seed ^ 0xb4d9e7).pick(HISTORY_BUDGETS_EVENTS);
}

function makeFault(random: Random, kind: string): Fault {
  const common = { kind, atMs: random.integer(FIRST_FAULT_MS, LAST_FAULT_MS), lastsMs: random.integer(SHORTEST_MS, LONGEST_MS) };
  return kind.startsWith('device-') ? { ...common, atMs: 0, device: random.chance(0.7) ? 'star' : random.pick(DEVICES), nth: random.integer(1, 12) } : common;
}

function makeAct(random: Random, programs: number): Act {
  return {
    action: random.pick(['pause', 'pause', 'cancel', 'stop-all'] as const),
    atMs: random.integer(FIRST_FAULT_MS, LAST_FAULT_MS),
    program: random.integer(0, programs - 1),
    holdMs: random.integer(200, 2_000),
  };
}

