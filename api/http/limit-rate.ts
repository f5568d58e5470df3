// Refuses a user who asks for changes faster than any person or script would, with the time to come again. Each route says
// from which bucket it takes: whoever floods the lab with starts can still pause, cancel, stop, release and answer.

import type { RequestHandler } from 'express';
import { readAsker } from './authenticate.js';
import type { Bucket } from '../../contract/http/route.js';
import { LabError } from '../../domain/errors/error.js';
import type { Rates } from '../../platform/ports/rates.js';

/** What may come at once, as seconds of the rate. */
const BURST_S = 10;

/** The limit in front of a route that takes from the bucket; none for reads. */
export function limitRate(rates: Pick<Rates, 'take'>, ratePerS: number): (bucket: Bucket) => readonly RequestHandler[] {
  const limit = { capacity: Math.max(1, Math.round(ratePerS * BURST_S)), refillPerS: ratePerS };
  const limitBucket =
    (bucket: Bucket): RequestHandler =>
    async (_request, response, next) => {
      const { allowed, retryAfterMs } = await rates.take(`api:${readAsker(response).user}:${bucket}`, limit);
      if (allowed) {
        next();
        return;
      }
      const retryAfterS = Math.ceil(retryAfterMs / 1000);
      response.set('Retry-After', String(retryAfterS));
      throw new LabError('RATE_LIMITED', {
        message: `More than ${ratePerS} such requests a second; the next one is taken in ${retryAfterS} s.`,
      });
    };
  return (bucket) => (bucket === 'read' ? [] : [limitBucket(bucket)]);
}
