// Preloaded by the workflow worker and its threads: Temporal takes a stack trace of every promise that workflow code
// makes, for the "call stack" view of a running workflow. That costs more than all else a command needs in a workflow,
// and leading a long run back to where it was could exceed the time one task may take. PRAXIS_PROMISE_TRACES=1 keeps it.
// CommonJS, because only that can be preloaded in front of the SDK.

'use strict';

const v8 = require('node:v8');

const { createHook } = v8.promiseHooks;
// Node's own AsyncLocalStorage comes through here too, with all four hooks; Temporal gives `init` and `settled`.
const createOthers = (hooks) => (hooks.before === undefined ? () => undefined : createHook(hooks));

if (process.env.PRAXIS_PROMISE_TRACES !== '1') v8.promiseHooks.createHook = createOthers;

require('./unheld-rejections.cjs');
