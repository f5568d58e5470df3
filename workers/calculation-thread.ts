// Thread: evaluates one workflow bundle in a context of its own and executes calculations of it, one after the other.
// Everything of ours comes with the bundle.

import { parentPort, workerData } from 'node:worker_threads';
import { loadFromBundle } from './load-bundle.js';

/** Given to the thread when it starts. */
export interface CalculationThreadData {
  readonly bundleFile: string;
  /** Name under which the bundle exports its calculator. */
  readonly calculator: string;
}

/** One calculation; the answer is the calculator's text. */
export interface CalculationMessage {
  readonly protocol: string;
  readonly parametersText: string;
}

type Calculate = (protocol: string, parametersText: string) => Promise<string>;

const { bundleFile, calculator } = workerData as CalculationThreadData;
const calculate = loadCalculator();
parentPort?.on('message', ({ protocol, parametersText }: CalculationMessage) => {
  void calculate(protocol, parametersText).then((answer) => parentPort?.postMessage(answer));
});

function loadCalculator(): Calculate {
  const found = loadFromBundle(bundleFile, calculator);
  if (found !== undefined) return found as Calculate;
  const message = 'This version of protocols was built before calculations had threads of their own.';
  return (protocol) => Promise.resolve(JSON.stringify({ error: { code: 'NO_WORKER', message: `${protocol}: ${message}` } }));
}
