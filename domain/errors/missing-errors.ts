// What is asked for does not exist.

import { API_PREFIX } from '../../contract/words/api.js';
import { toEntry } from './error-entry.js';

export const MISSING_ERRORS = {
  PROTOCOL_NOT_FOUND: toEntry('missing', 404, 'No such protocol', 'See the names with: praxis protocols.'),
  WORKCELL_NOT_FOUND: toEntry('missing', 404, 'No such workcell', 'See the names with: praxis machines.'),
  MACHINE_NOT_FOUND: toEntry('missing', 404, 'No such machine', 'See the names with: praxis machines.'),
  LABWARE_ITEM_NOT_FOUND: toEntry('missing', 404, 'No such labware item', 'See the names with: praxis labware.'),
  ITEM_NOT_FOUND: toEntry('missing', 404, 'No such inbox item', 'See what waits for a person with: praxis inbox.'),
  RUN_NOT_FOUND: toEntry('missing', 404, 'No such run', 'See the ids with: praxis runs.'),
  ROUTE_NOT_FOUND: toEntry('missing', 404, 'No such address', `See the addresses at ${API_PREFIX}/openapi.json.`),
} as const;
