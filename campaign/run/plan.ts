// What happens in one case, all of it drawn from its seed: three programs, at most four faults, and what the operator does.

import { FAULT_KINDS, type Fault } from './faults.js';
import { makeProgram, type Program } from './program.js';
import { createRandom, type Random } from './random.js';

const FAULTS_MAX = 4;
const FIRST_FAULT_MS = 300;
const LAST_FAULT_MS = 7_000;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 5_000;
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
  readonly programs: readonly Program[];
  readonly faults: readonly Fault[];
  readonly acts: readonly Act[];
}

/** `wanted` are kinds that this case must fire; the seed alone chooses where none are given. */
export function makePlan(seed: number, wanted: readonly string[] = []): Plan {
  const random = createRandom(seed);
  const programs = random.shuffle([makeProgram(random, 'liquid_program'), makeProgram(random, 'liquid_program'), makeProgram(random, 'instrument_program')]);
  const kinds = wanted.length > 0 ? wanted.slice(0, FAULTS_MAX) : random.shuffle(FAULT_KINDS).slice(0, random.integer(1, FAULTS_MAX));
  return {
    seed,
    programs,
    faults: kinds.map((kind) => makeFault(random.fork(), kind)),
    acts: Array.from({ length: random.integer(0, 2) }, () => makeAct(random.fork(), programs.length)),
  };
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

