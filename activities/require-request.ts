// Refuses what arrives without a word of what is wanted. Author code that has replaced what its run's context offers to all
// (`Array.prototype.map`) takes the engine's own messages along: asked again, they would be as empty, for ever.

import { LabError } from '../domain/errors/error.js';
import { toApplicationFailure } from './to-failure.js';

type Activity = (request: never) => Promise<unknown>;

/** Of all activities of a worker: each fails for good where it was not said what is wanted, so that its run can end. */
export function requireRequests<Activities extends Readonly<Record<keyof Activities, Activity>>>(activities: Activities): Activities {
  const guarded = Object.entries<Activity>(activities).map(([name, activity]) => [
    name,
    (request: never) => requireRequest(name, request, activity),
  ]);
  return Object.fromEntries(guarded) as Activities;
}

async function requireRequest(name: string, request: never, activity: Activity): Promise<unknown> {
  if (request === undefined) {
    const message = `The run asked for ${name} and did not say what: its code has changed what the language offers to all code, such as Array.prototype.map.`;
    throw toApplicationFailure(new LabError('PROTOCOL_ERROR', { message }));
  }
  return activity(request);
}
