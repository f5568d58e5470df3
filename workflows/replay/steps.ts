// Author code that goes on without end: bundles count its steps (protocols/bundling/step-points.ts), the count starts anew where the
// gate settles something, and with each cleanup. A trip is final: from then on every step of author code throws, until all
// of it has met its end, and then its call is abandoned and cleanups run.

import { LabError } from '../../domain/errors/error.js';

interface StepCounter {
  /** Counts some steps more. */
  by(weight: number): void;
  /** Does nothing once it has tripped. */
  renew(): void;
  restart(): void;
  tripped(): Error | null;
  install(world: {
    readonly mayTrip: () => boolean;
    readonly toError: (limit: number, stack: string) => Error;
    readonly hear: () => void;
  }): void;
}
declare const __px: StepCounter | undefined;

/** Bundles of tests, and those made before there was one, have none. */
const counter = typeof __px === 'undefined' ? undefined : __px;
/** What the engine does for a call, and a value saved, where author code pays one step. */
const REQUEST_WEIGHT = 700;

/** What authors write in and packages come as; and what a stack names where nobody maps it. */
const SOURCE = /\.[cm]?[jt]sx?$/u;
/** A call or a value saved is counted by the engine itself; authors' folders are `protocols/source-…`. */
const ENGINE = /^(?!protocols\/source-)(?:.*\/)?(?:workflows|domain|protocols\/sdk)\/[\w/-]+\.ts$/u;
const BUNDLE = /\.[0-9a-f]{8}\.js$/u;

const hearers = new Set<(error: Error) => void>();
let settleAuthors: () => Promise<void> = () => Promise.resolve();
/** Names the stretch of author code that is counted; the same live and under replay. */
let stretch = 0;

export interface StepWorld {
  /** Whether the count may trip in this stretch of author code; otherwise it goes on. */
  readonly mayTrip: (stretch: number) => boolean;
  /** Resolves when all author code that can run has run. */
  readonly settle: () => Promise<void>;
}

/** Called once by the executor, before any author code. */
export function watchSteps({ mayTrip, settle }: StepWorld): void {
  settleAuthors = settle;
  counter?.install({
    mayTrip: () => mayTrip(stretch),
    toError: toTripError,
    hear: () => {
      for (const hear of hearers) hear(counter.tripped() as Error);
    },
  });
}

/** Author code hears of something: what it did before is not counted any more. */
export function renewSteps(): void {
  stretch += 1;
  counter?.renew();
}

/** Other author code begins, also after a trip. */
export function restartSteps(): void {
  stretch += 1;
  counter?.restart();
}

/** For what costs the engine far more than a step of author code. */
export function countRequest(): void {
  counter?.by(REQUEST_WEIGHT);
}

function hasTripped(): boolean {
  return counter !== undefined && counter.tripped() !== null;
}

/** Calls `end` after a trip, once no author code can run any more. Returns what takes that back. */
export function onTrip(end: (error: Error) => void): () => void {
  const hear = (error: Error): void => {
    void settleAuthors().then(() => {
      if (hearers.has(hear)) end(error);
    });
  };
  hearers.add(hear);
  return () => {
    hearers.delete(hear);
  };
}

/** The body, or its end by a trip. Counts anew with it. */
export async function endAtTrip<T>(body: () => Promise<T>, giveUp: () => void): Promise<T> {
  if (!counter) return body();
  // What has tripped before must be over; it would count with us.
  if (hasTripped()) await settleAuthors();
  restartSteps();
  let forget = (): void => undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      forget = onTrip((error) => {
        giveUp();
        reject(error);
      });
      settleUnlessTripped(body(), resolve, reject);
    });
  } finally {
    forget();
  }
}

/** Author code that has tripped neither returns nor throws to anybody. */
export function settleUnlessTripped<T>(ran: Promise<T>, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  ran.then(
    (value) => {
      if (!hasTripped()) resolve(value);
    },
    (error: unknown) => {
      if (!hasTripped()) reject(error);
    },
  );
}

function toTripError(limit: number, stack: string): LabError {
  const place = findPlace(stack);
  return new LabError('PROTOCOL_ERROR', {
    message: `The protocol went on for ${limit / 1_000_000} million steps without an operation${place === undefined ? '' : `, at ${place}`}.`,
    remedy: 'Mend the loop, recursion or chain of promises at that place; long computations belong in a function of kind activity.',
  });
}

/** The first place that is not the engine's own; undefined where nobody maps stacks. */
function findPlace(stack: string): string | undefined {
  for (const [, file = '', line = ''] of stack.matchAll(/([^\s()]+\.\w+):(\d+):\d+\)?$/gmu)) {
    if (!SOURCE.test(file) || BUNDLE.test(file)) return undefined;
    if (!ENGINE.test(file)) return `${file.replace(/^.*\/(?=node_modules\/)|^protocols\/source-\d+\//u, '')}:${line}`;
  }
  return undefined;
}
