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
  Date: DateConstructor;
  Math: Math;
}

type Calculate = (protocol: string, parametersText: string) => Promise<string>;

const { bundleFile, calculator } = workerData as CalculationThreadData;
const calculate = loadCalculator();
parentPort?.on('message', ({ protocol, parametersText }: CalculationMessage) => {
  void calculate(protocol, parametersText).then((answer) => parentPort?.postMessage(answer));
});

function loadCalculator(): Calculate {
  const globals = { URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, console, setTimeout, clearTimeout };
  // Named stores are Temporal's; Node's own class takes no name.
  class Store extends AsyncLocalStorage<unknown> { constructor() { super(); } }
  const context = createContext({ ...globals, AsyncLocalStorage: Store, __webpack_module_cache__: {} }) as unknown as BundleContext;
  const { Date: ownDate, Math: ownMath } = new Script('({ Date, Math })').runInContext(context as object) as BundleContext;
  const { random } = ownMath;
  new Script(readFileSync(bundleFile, 'utf8'), { filename: bundleFile }).runInContext(context as object);
  // The bundle puts workflow time and chance in the place of these, and no workflow is here to ask.
  Object.assign(context, { Date: ownDate, setTimeout, clearTimeout });
  ownMath.random = random;
  const found = context.__TEMPORAL__?.importWorkflows()[calculator];
  if (typeof found !== 'function') throw new TypeError(`${bundleFile} exports no ${calculator}`);
  return found as Calculate;
}
