// Thread: evaluates one workflow bundle in a context of its own and executes calculations of it, one after the other.
// Everything of ours comes with the bundle.

import { parentPort, workerData } from 'node:worker_threads';
import { loadBundle } from '../protocols/bundling/load-bundle.js';

/** Given to the thread when it starts. */
export interface CalculationThreadData {
  readonly bundleFile: string;
  /** Name under which the bundle exports its calculator. */
  readonly calculator: string;
  /** A calculation that takes longer is taken for one that never ends. */
  readonly limitMs: number;
}

/** What the thread says itself of a calculation that took too long: where it was. */
export interface CalculationOverrun {
  readonly overrunStack: string;
}

/** One calculation; the answer is the calculator's text, or a CalculationOverrun. */
export interface CalculationMessage {
  readonly protocol: string;
  readonly parametersText: string;
}

type Calculate = (protocol: string, parametersText: string) => Promise<string>;

const { bundleFile, calculator, limitMs } = workerData as CalculationThreadData;
const bundle = loadBundle(bundleFile);
const calculate = loadCalculator();
let beganAtMs = 0;
// Computing is what this thread is for: its steps only make sure that the clock is looked at, also in a loop without end.
bundle.steps?.install({
  mayTrip: () => performance.now() - beganAtMs > limitMs,
  toError: (_limit, overrunStack) => {
    parentPort?.postMessage({ overrunStack } satisfies CalculationOverrun);
    return new TypeError('CALCULATION_TOO_LONG');
  },
  hear: () => undefined,
});
parentPort?.on('message', ({ protocol, parametersText }: CalculationMessage) => {
  beganAtMs = performance.now();
  bundle.steps?.restart();
  void calculate(protocol, parametersText).then((answer) => parentPort?.postMessage(answer));
});

function loadCalculator(): Calculate {
  const found = bundle.find(calculator);
  if (found !== undefined) return found as Calculate;
  const message = 'This version of protocols was built before calculations had threads of their own.';
  return (protocol) => Promise.resolve(JSON.stringify({ error: { code: 'NO_WORKER', message: `${protocol}: ${message}` } }));
}
