// The public face of the workflow folder: what the bundle's entry needs.

export { createRunWorkflow } from './run-workflow.js';
export { createRehearser } from './rehearsal/create-rehearser.js';
