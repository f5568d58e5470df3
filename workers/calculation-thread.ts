// Thread: evaluates one workflow bundle in a context of its own and executes calculations of it, one after the other.
// Uses Node alone, so that it starts fast; everything of ours comes with the bundle.

import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';

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

interface BundleContext {
  readonly __TEMPORAL__?: { readonly importWorkflows: () => Readonly<Record<string, unknown>> };
}

type Calculate = (protocol: string, parametersText: string) => Promise<string>;

const { bundleFile, calculator } = workerData as CalculationThreadData;
const calculate = loadCalculator();
parentPort?.on('message', ({ protocol, parametersText }: CalculationMessage) => {
  void calculate(protocol, parametersText).then((answer) => parentPort?.postMessage(answer));
});

function loadCalculator(): Calculate {
  const globals = { URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, console, setTimeout, clearTimeout };
  // Temporal names its stores; Node's class takes no name.
  const Store = function createStore() { return new AsyncLocalStorage(); };
  const context: object = createContext({ ...globals, AsyncLocalStorage: Store, __webpack_module_cache__: {} });
  const { Date: ownDate, Math: ownMath } = new Script('({ Date, Math })').runInContext(context) as { Date: DateConstructor; Math: Math };
  const { random } = ownMath;
  new Script(readFileSync(bundleFile, 'utf8'), { filename: bundleFile }).runInContext(context);
  // The bundle puts workflow time and chance in the place of these, and no workflow is here to ask.
  Object.assign(context, { Date: ownDate, setTimeout, clearTimeout });
  ownMath.random = random;
  const found = (context as BundleContext).__TEMPORAL__?.importWorkflows()[calculator];
  if (typeof found === 'function') return found as Calculate;
  const message = 'This version of protocols was built before calculations had threads of their own.';
  return (protocol) => Promise.resolve(JSON.stringify({ error: { code: 'NO_WORKER', message: `${protocol}: ${message}` } }));
}
