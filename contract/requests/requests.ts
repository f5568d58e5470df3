// All that a person can ask of a workcell, by kind. A new kind is a file here and one of the same name in station/requests/.

import type { z } from 'zod';
import { abortMachine } from './abort-machine.js';
import { acceptJournal } from './accept-journal.js';
import { connectMachine } from './connect-machine.js';
import { placeLabware } from './place-labware.js';
import { releaseMachine } from './release-machine.js';
import { releaseStop } from './release-stop.js';
import { replaceLabware } from './replace-labware.js';
import type { RequestKind } from './request-kind.js';
import { stopAll } from './stop-all.js';

export const REQUESTS = {
  'abort-machine': abortMachine,
  'accept-journal': acceptJournal,
  'connect-machine': connectMachine,
  'place-labware': placeLabware,
  'release-machine': releaseMachine,
  'release-stop': releaseStop,
  'replace-labware': replaceLabware,
  'stop-all': stopAll,
} as const;

export type RequestName = keyof typeof REQUESTS;
export type RequestBody<Name extends RequestName> = (typeof REQUESTS)[Name] extends RequestKind<infer Body> ? z.output<Body> : never;

export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(REQUESTS, name);
}
