// Preloaded where workflow code runs: a rejection in author code that nobody holds fails the workflow task, again and again,
// and the run hangs. Here the run hears of it and ends the call with it, within the same turn, live and under replay alike.
// CommonJS, because Temporal's handler has to find `process.on` changed.

'use strict';

/** Runs that were told something since their turn began. */
const told = new Set();

const on = process.on.bind(process);
process.on = (event, hear) =>
  on(
    event,
    event === 'unhandledRejection'
      ? (error, promise) => {
          if (!tell(error, promise)) hear(error, promise);
        }
      : hear,
  );

/** The workflow that the promise is of has put a function there (workflows/replay/author-globals.ts). */
function tell(error, promise) {
  // Told by the count of steps itself.
  if (error?.isStepTrip === true) return false;
  const evaluate = promise.constructor.constructor;
  // Of the process itself, whose code evaluates nothing.
  if (typeof evaluate !== 'function') return false;
  const realm = evaluate('return globalThis')();
  const hear = realm.__praxisHearUnheld;
  const runId = realm.__TEMPORAL_ACTIVATOR__?.info?.runId;
  if (typeof hear !== 'function' || runId === undefined) return false;
  told.add(runId);
  hear(error);
  return true;
}

const { BaseVMWorkflow } = require('@temporalio/worker/lib/workflow/vm-shared');
const { activate } = BaseVMWorkflow.prototype;
BaseVMWorkflow.prototype.activate = async function activateToRest(activation) {
  const completion = await activate.call(this, activation);
  while (told.delete(this.runId) && completion.successful) {
    this.tryUnblockConditionsAndMicrotasks();
    const { successful } = this.workflowModule.concludeActivation();
    completion.successful.commands.push(...(successful?.commands ?? []));
    // As Temporal does: what is rejected without anybody holding it is told after the turn.
    await new Promise(setImmediate);
  }
  return completion;
};
