// Evaluates a workflow bundle outside of any workflow, in a context of its own, and finds its exports. Uses Node alone, so
// that threads start fast.

import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';

interface BundleContext {
  readonly __TEMPORAL__?: { readonly importWorkflows: () => Readonly<Record<string, unknown>> };
}

/** Counts the steps of author code: protocols/bundling/step-points.ts. */
export interface StepCounter {
  restart(): void;
  install(world: {
    readonly mayTrip: () => boolean;
    readonly toError: (limit: number, stack: string) => Error;
    readonly hear: () => void;
  }): void;
}

export interface LoadedBundle {
  /** The function that the bundle exports by this name; undefined where it was built before there was one. */
  find(name: string): unknown;
  /** Undefined where the bundle was built before there was one. */
  readonly steps: StepCounter | undefined;
}

export function loadBundle(bundleFile: string): LoadedBundle {
  const globals = { URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, console, setTimeout, clearTimeout };
  // Temporal names its stores; Node's class takes no name.
  const Store = function createStore() {
    return new AsyncLocalStorage();
  };
  const context: object = createContext({ ...globals, AsyncLocalStorage: Store, __webpack_module_cache__: {} });
  const { Date: ownDate, Math: ownMath } = new Script('({ Date, Math })').runInContext(context) as { Date: DateConstructor; Math: Math };
  const { random } = ownMath;
  new Script(readFileSync(bundleFile, 'utf8'), { filename: bundleFile }).runInContext(context);
  // The bundle puts workflow time and chance in the place of these, and no workflow is here to ask.
  Object.assign(context, { Date: ownDate, setTimeout, clearTimeout });
  ownMath.random = random;
  const steps = new Script(`typeof __px === 'undefined' ? undefined : __px`).runInContext(context) as StepCounter | undefined;
  const find = (name: string): unknown => {
    const found = (context as BundleContext).__TEMPORAL__?.importWorkflows()[name];
    return typeof found === 'function' ? found : undefined;
  };
  return { find, steps };
}
