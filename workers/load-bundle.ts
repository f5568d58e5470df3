// Evaluates a workflow bundle outside of any workflow, in a context of its own, and finds one of its exports. Uses Node
// alone, so that threads start fast.

import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';

interface BundleContext {
  readonly __TEMPORAL__?: { readonly importWorkflows: () => Readonly<Record<string, unknown>> };
}

/** The function that the bundle exports by this name; undefined where it was built before there was one. */
export function loadFromBundle(bundleFile: string, name: string): unknown {
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
  const found = (context as BundleContext).__TEMPORAL__?.importWorkflows()[name];
  return typeof found === 'function' ? found : undefined;
}
