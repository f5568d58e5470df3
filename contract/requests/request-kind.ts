// What every kind of request to a workcell declares: its body, how long its asker waits, and what it means that no answer came.

import type { z } from 'zod';

/** How far a request had come when its asker stopped waiting. */
export interface Silence {
  readonly workcell: string;
  readonly waitedS: number;
}

export interface RequestKind<Body extends z.ZodType> {
  readonly body: Body;
  /** A worker that comes later than this finds nothing to do. */
  readonly patienceMs: number;
  /** What may still happen: the worker has taken the request and has not answered. What it never took never happens. */
  readonly describeDoubt: (body: z.output<Body>, silence: Silence) => string;
  /** What to do instead, where waiting and asking again is not enough. */
  readonly toRemedy?: (body: z.output<Body>, silence: Silence) => string;
}

export function declareRequest<Body extends z.ZodType>(kind: RequestKind<Body>): RequestKind<Body> {
  return kind;
}
