// A random program: nested at most three deep, at most forty commands, for the liquid handler with its gripper and the plate reader, or
// for the small instruments.

import type { Random } from './random.js';

export type Step = { readonly do: string } & Readonly<Record<string, unknown>>;

/** Carried and read; a program takes it by its name, because it knows the place where it stands. */
export const CARGO = 'plate_9';
/** As the device simulator names it. */
export const CARGO_HOME = 'star/plate_carrier_2-3';

export interface Program {
  readonly protocol: 'liquid_program' | 'instrument_program' | 'neighbour_program' | 'mistaken_program';
  readonly steps: readonly Step[];
  readonly commands: number;
}

const COMMANDS_MAX = 40;
const DEPTH_MAX = 3;
const LONGEST_DELAY_MS = 600;
const UNTIDY_PROBABILITY = 0.03;
const ROWS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];

type MakeAct = (random: Random, isAlone: boolean) => { readonly step: Step; readonly commands: number };

export function makeProgram(random: Random, protocol: Program['protocol']): Program {
  const budget = { left: random.integer(12, COMMANDS_MAX - 4) };
  const begun = budget.left;
  const act = protocol === 'liquid_program' ? makeStroke : protocol === 'instrument_program' ? makeMove : makeMishap;
  const steps: Step[] = [];
  while (budget.left > 0) steps.push(...makeSteps(random, { budget, act, depth: 1, most: 4, isAlone: true }));
  return { protocol, steps, commands: begun - budget.left };
}

interface Growth {
  readonly budget: { left: number };
  readonly act: MakeAct;
  readonly depth: number;
  readonly most: number;
  /** Nothing goes on beside it: the gripper holds one thing at a time. */
  readonly isAlone: boolean;
}

function makeSteps(random: Random, growth: Growth): Step[] {
  const { budget, depth, most } = growth;
  const steps: Step[] = [];
  for (let count = random.integer(1, most); count > 0 && budget.left > 0; count--) {
    const mayNest = depth < DEPTH_MAX;
    const draw = random.next();
    if (mayNest && draw < 0.12)
      steps.push({ do: 'call', kind: random.pick(['child', 'inline']), steps: makeSteps(random, { ...growth, depth: depth + 1 }) });
    else if (mayNest && draw < 0.2) steps.push({ do: 'parallel', branches: [makeBranch(random, growth), makeBranch(random, growth)] });
    else if (mayNest && draw < 0.27) steps.push({ do: 'tolerate', steps: makeSteps(random, { ...growth, depth: depth + 1, most: 2 }) });
    else if (draw < 0.37) steps.push({ do: 'delay', ms: random.integer(1, LONGEST_DELAY_MS) });
    else if (draw < 0.4) steps.push({ do: 'ask' });
    else steps.push(takeAct(random, growth));
  }
  return steps;
}

function makeBranch(random: Random, growth: Growth): Step[] {
  return makeSteps(random, { ...growth, depth: growth.depth + 1, most: 2, isAlone: false });
}

function takeAct(random: Random, { budget, act, isAlone }: Growth): Step {
  const { step, commands } = act(random, isAlone);
  budget.left -= commands;
  return step;
}

function makeStroke(random: Random, isAlone: boolean): { step: Step; commands: number } {
  if (isAlone && random.chance(0.2))
    return random.chance(0.6) ? { step: { do: 'carry' }, commands: 4 } : { step: { do: 'read' }, commands: 9 };
  const stroke = (): { well: string; volumeUl: number } => ({
    well: `${random.pick(ROWS)}${random.integer(1, 12)}`,
    volumeUl: random.integer(1, 10),
  });
  if (random.chance(0.7)) return { step: { do: 'stroke', ...stroke() }, commands: 2 };
  const strokes = Array.from({ length: random.integer(2, 4) }, stroke);
  return { step: { do: 'block', strokes }, commands: 2 * strokes.length };
}

/** Of a neighbour: a command that fails, or a read of a plate that is refreshed when the run ends. */
function makeMishap(random: Random): { step: Step; commands: number } {
  return random.chance(0.6)
    ? { step: { do: 'fail', volumeUl: random.integer(1, 10) }, commands: 1 }
    : { step: { do: 'look' }, commands: 1 };
}

/** A short run beside the others, which ends while they go on. */
export function makeNeighbour(random: Random): Program {
  const steps = Array.from({ length: random.integer(1, 4) }, () =>
    random.chance(0.3) ? { do: 'delay', ms: random.integer(1, LONGEST_DELAY_MS) } : makeMishap(random).step,
  );
  return { protocol: 'neighbour_program', steps, commands: steps.length };
}

export const MISTAKES = [
  'forgotten-await',
  'throws-nothing',
  'catches-all',
  'endless',
  'large-error',
  'replaces-built-ins',
  'lost-rejection',
] as const;

/** An author's mistake: its run ends, and nobody else hears of it. */
export function makeMistake(random: Random): Program {
  return { protocol: 'mistaken_program', steps: [{ do: 'mistake', kind: random.pick(MISTAKES) }], commands: 1 };
}

/** In a call of its own, which fails by it; the program goes on, and whoever comes next finds the machines out of service. */
const makeUntidy = (kind: string): Step => ({ do: 'tolerate', steps: [{ do: 'call', kind, steps: [{ do: 'untidy' }] }] });

function makeMove(random: Random, isAlone: boolean): { step: Step; commands: number } {
  if (isAlone && random.chance(UNTIDY_PROBABILITY)) return { step: makeUntidy(random.pick(['child', 'inline'])), commands: 1 };
  const steps: readonly Step[] = [
    { do: 'heat', temperatureC: random.integer(20, 60) },
    { do: 'shake', speedRpm: random.integer(100, 900) },
    { do: 'seal' },
    { do: 'peel' },
    { do: 'scan' },
  ];
  return { step: random.pick(steps), commands: 1 };
}
