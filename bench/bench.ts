// `npm run bench`: starts a lab of its own and bare Temporal workers beside it on the same server, and prints what ours
// costs as a multiple of the floor. Absolute figures depend on the machine; ratios are the result.
// `npm run bench -- --only child,pause` takes single ones; `--only scale --calls 10000000` fills as many calls.

import { findProjectRoot } from '../platform/paths.js';
import { benchBlock } from './block-command.js';
import { benchCancel } from './cancel-run.js';
import { benchChild } from './child-call.js';
import { benchSteps } from './durable-steps.js';
import { toTable, writeFindings, type Figure, type Findings, type Omission } from './figures.js';
import { benchMemory } from './idle-memory.js';
import { benchInline } from './inline-calls.js';
import { benchWorkcells } from './many-workcells.js';
import { benchMotion } from './motion-commands.js';
import { benchPause } from './pause-run.js';
import { benchProcessor } from './processor-time.js';
import { benchScale } from './scale.js';
import { setStage, type Stage } from './stage.js';
import { benchStart } from './start-run.js';
import { benchStep } from './step-command.js';
import { benchStopAll } from './stop-all.js';
import { benchCrash } from './worker-crash.js';

/** In the order in which they disturb what comes after them least: memory of a fresh lab first, then crashes, then crowds. */
const BENCHES: Readonly<Record<string, (stage: Stage) => Promise<Findings>>> = {
  memory: benchMemory,
  start: benchStart,
  step: benchStep,
  processor: benchProcessor,
  child: benchChild,
  block: benchBlock,
  peers: benchSteps,
  inline: benchInline,
  pause: benchPause,
  cancel: benchCancel,
  crash: benchCrash,
  motion: benchMotion,
  workcells: benchWorkcells,
  stop: benchStopAll,
  scale: benchScale,
};

const INTERRUPTED_EXIT_CODE = 130;
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const chosen = chooseBenches(process.argv.slice(2));
if (chosen === undefined) {
  say(`Say --only and names of: ${Object.keys(BENCHES).join(', ')}.`);
  process.exitCode = 2;
} else await runBenches(chosen);

function chooseBenches(args: readonly string[]): readonly string[] | undefined {
  // `--calls N` belongs to the bench `scale`.
  const calls = args.indexOf('--calls');
  if (calls !== -1) return /^\d+$/u.test(args[calls + 1] ?? '') ? chooseBenches(args.toSpliced(calls, 2)) : undefined;
  if (args.length === 0) return Object.keys(BENCHES);
  const [option, names = ''] = args;
  const wanted = names.split(',');
  if (args.length !== 2 || option !== '--only' || wanted.some((name) => !Object.hasOwn(BENCHES, name))) return undefined;
  return Object.keys(BENCHES).filter((name) => wanted.includes(name));
}

async function runBenches(names: readonly string[]): Promise<void> {
  const figures: Figure[] = [];
  const omissions: Omission[] = [];
  say('Starting a lab …');
  const stage = await setStage(say);
  // Bridges outlive who started them, so nobody else would end those of further workcells.
  const giveUp = (): void => {
    void stage.close().finally(() => {
      process.exit(INTERRUPTED_EXIT_CODE);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, giveUp);
  try {
    for (const name of names) {
      try {
        const found = await (BENCHES[name] as (typeof BENCHES)[string])(stage);
        figures.push(...found.figures);
        omissions.push(...(found.omissions ?? []));
      } catch (error) {
        // The others still have something to say; this one makes the whole fail.
        say(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        omissions.push({ name, because: error instanceof Error ? error.message : String(error) });
        process.exitCode = 1;
      }
    }
  } finally {
    await stage.close();
  }
  process.stdout.write(`${toTable({ figures, omissions })}\n`);
  await writeFindings(findProjectRoot(), { figures, omissions });
}
