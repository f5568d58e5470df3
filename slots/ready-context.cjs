// The context that the next run of a slot gets, made while the slot is at rest: to make one and to load the engine into it takes
// longer than the first turn of a run. What a run's author wrote is loaded when the run is there.
// CommonJS, because it changes what the SDK finds.

'use strict';

const vm = require('node:vm');
const { VMWorkflowCreator } = require('@temporalio/worker/lib/workflow/vm');

/** Without a turn; a run that has just begun is about to have its next. */
const REST_MS = 50;
const PRELOAD = new vm.Script('__TEMPORAL__.preloadModules?.()');

const { get: makeContext } = Object.getOwnPropertyDescriptor(VMWorkflowCreator.prototype, 'context');
const { create } = VMWorkflowCreator;
let creator;
let ready;

function makeReady() {
  if (creator === undefined || ready !== undefined) return;
  try {
    const made = makeContext.call(creator);
    PRELOAD.runInContext(made);
    ready = made;
  } catch {
    // The run that comes makes its own, and what is wrong is told of it.
  }
}

VMWorkflowCreator.create = async function createAtRest(...given) {
  creator = await create.apply(this, given);
  return creator;
};

Object.defineProperty(VMWorkflowCreator.prototype, 'context', {
  get() {
    const taken = this === creator ? ready : undefined;
    ready = undefined;
    return taken ?? makeContext.call(this);
  },
});

const atRest = setTimeout(makeReady, REST_MS).unref();

/** Of every turn, when it begins and when it ends. */
module.exports = {
  noteTurn: () => {
    atRest.refresh();
  },
};
