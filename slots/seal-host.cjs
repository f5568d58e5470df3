// Loaded by a process that executes author code, after everything else: objects of the process reach into the contexts of
// runs, and what one run changes on them the next would meet. This keeps accidents apart; it is no wall against malice.

'use strict';

// They would lead from any such object to the process, its files and its network. Nothing needs them.
for (const made of [function () {}, async function () {}, function* () {}, async function* () {}]) {
  Object.defineProperty(Object.getPrototypeOf(made), 'constructor', { value: undefined, configurable: true, writable: true });
}

// Temporal hands these to every context alike.
for (const shared of [URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, AbortSignal, require('node:assert')]) {
  Object.freeze(shared);
  if (shared.prototype) Object.freeze(shared.prototype);
}
