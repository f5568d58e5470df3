// Refuses what arrives without a word of what is wanted. Author code that has replaced what its run's context offers to all
// (`Array.prototype.map`) takes the engine's own messages along: asked again, they would be as empty, for ever.

import { LabError } from '../domain/error.js';
import { toApplicationFailure } from './to-failure.js';

/** For what a run cannot do without: a command fails, a run that cannot even say how it ends is closed from outside. */
export function requireRequest<Request, Result>(name: string, activity: (request: Request) => Promise<Result>): (request: Request) => Promise<Result> {
  return async (request) => {
    if (request === undefined) throw toApplicationFailure(new LabError('PROTOCOL_ERROR', { message: `The run asked for ${name} and did not say what: its code has changed what the language offers to all code, such as Array.prototype.map.` }));
    return activity(request);
  };
}
