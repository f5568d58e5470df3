// Which file does what of REQUESTS.

import type { RequestBody, RequestName } from '../../contract/requests/requests.js';
import { abortMachine } from './abort-machine.js';
import { acceptJournal } from './accept-journal.js';
import { connectMachine } from './connect-machine.js';
import { placeLabware } from './place-labware.js';
import { releaseMachine } from './release-machine.js';
import { releaseStop } from './release-stop.js';
import { replaceLabware } from './replace-labware.js';
import type { Perform } from './request-world.js';
import { stopAll } from './stop-all.js';

export const PERFORMERS: { readonly [Name in RequestName]: Perform<RequestBody<Name>> } = {
  'abort-machine': abortMachine,
  'accept-journal': acceptJournal,
  'connect-machine': connectMachine,
  'place-labware': placeLabware,
  'release-machine': releaseMachine,
  'release-stop': releaseStop,
  'replace-labware': replaceLabware,
  'stop-all': stopAll,
};
