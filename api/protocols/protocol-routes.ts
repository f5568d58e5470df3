// Routes of published protocols, and the look-up that starts a run.

import { defineRoute, type BoundRoute } from '../http/define-route.js';
import { findNearMatches } from '../../domain/text/near-match.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { Database } from '../../db/connection/connect-database.js';
import { findDefinition, listDefinitions } from '../../db/protocols/definition.queries.js';
import { listSourceReports } from '../../db/protocols/source-report.queries.js';
import { listCallStatistics } from '../../db/protocols/statistics.queries.js';
import type { CallStatistics } from '../../domain/runs/call-statistics.js';
import { LabError } from '../../domain/errors/error.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';

/** Names compared with a misspelt one. */
const NAMES_COMPARED_MAX = 200;

export function defineProtocolRoutes(db: Database): BoundRoute[] {
  return [
    defineRoute(ROUTES.listProtocols)(async ({ query: { limit, cursor } }) => ({
      value: await listDefinitions(db, { limit, ...(cursor !== undefined && { cursor }) }),
    })),
    defineRoute(ROUTES.listSourceReports)(async () => ({ value: { items: await listSourceReports(db) } })),
    defineRoute(ROUTES.getProtocol)(async ({ params, query }) => ({ value: await requireProtocol(db, params.name, query.version) })),
    defineRoute(ROUTES.getProtocolStatistics)(async ({ params }) => ({ value: { items: await getStatistics(db, params.name) } })),
  ];
}

/** What was called once is told of although no source publishes it any more. */
async function getStatistics(db: Database, name: string): Promise<readonly CallStatistics[]> {
  const items = await listCallStatistics(db, { name });
  if (items.length === 0) await requireProtocol(db, name);
  return items;
}

export async function requireProtocol(db: Database, name: string, version?: string): Promise<PublishedProtocol> {
  const definition = await findDefinition(db, name, version);
  if (definition) return definition;
  const { items } = await listDefinitions(db, { limit: NAMES_COMPARED_MAX });
  const versions = items.filter((item) => item.name === name).map((item) => item.version);
  if (version !== undefined && versions.length > 0) {
    throw new LabError('PROTOCOL_NOT_FOUND', {
      message: `Protocol '${name}' has no version ${version}.`,
      field: 'version',
      remedy: `Published versions: ${[...new Set(versions)].join(', ')}.`,
    });
  }
  const near = findNearMatches(
    name,
    items.map((item) => item.name),
  );
  throw new LabError('PROTOCOL_NOT_FOUND', {
    message: `There is no protocol named '${name}'.`,
    field: 'protocol',
    ...(near.length > 0 && { remedy: `Did you mean ${near.join(' or ')}? See the names with: praxis protocols.` }),
  });
}

/** A protocol that may be started as a run. */
export async function requireTopLevelProtocol(db: Database, name: string, version?: string): Promise<PublishedProtocol> {
  const definition = await requireProtocol(db, name, version);
  if (definition.isTopLevel) return definition;
  throw new LabError('PROTOCOL_NOT_FOUND', {
    message: `'${name}' is called by other protocols and cannot be started as a run.`,
    field: 'protocol',
    remedy: 'Start a top-level protocol; see which they are with: praxis protocols.',
  });
}
