// Refuses a user who asks for changes faster than any person or script would, with the time to come again. Control
// of what runs has a bucket of its own: whoever floods the lab with starts can still pause, cancel, stop, release and answer.

import type { RequestHandler } from 'express';
import { readUser } from './authenticate.js';
import { matchRoutes } from './match-routes.js';
import { LabError } from '../domain/error.js';
import type { Rates } from '../platform/ports/rates.js';

const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const isControl = matchRoutes((route) => route.isControl === true);
/** What may come at once, as seconds of the rate. */
const BURST_S = 10;

export function limitRate(rates: Rates, ratePerS: number): RequestHandler {
  const limit = { capacity: Math.max(1, Math.round(ratePerS * BURST_S)), refillPerS: ratePerS };
  return async (request, response, next) => {
    if (READING_METHODS.has(request.method)) {
      next();
      return;
    }
    const group = isControl(request) ? 'control' : 'write';
    const { allowed, retryAfterMs } = await rates.take(`api:${readUser(response)}:${group}`, limit);
    if (allowed) {
      next();
      return;
    }
    const retryAfterS = Math.ceil(retryAfterMs / 1000);
    response.set('Retry-After', String(retryAfterS));
    throw new LabError('RATE_LIMITED', { message: `More than ${ratePerS} such requests a second; the next one is taken in ${retryAfterS} s.` });
  };
}
