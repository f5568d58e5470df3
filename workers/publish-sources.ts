// Publishes what the folders of protocols hold: bundled, registered, and with everything told that an author should know.

import type { Database } from '../db/connection/connect-database.js';
import { publishDefinitions, toManualProtocol, type Republished } from '../db/protocols/definition.queries.js';
import { replaceSourceReports } from '../db/protocols/source-report.queries.js';
import type { SourceReport } from '../domain/protocols/source-report.js';
import type { Settings } from '../platform/settings.js';
import { bundleSources } from '../protocols/bundling/bundle-sources.js';
import type { ProtocolSources } from '../protocols/bundling/bundle-protocols.js';
import type { TypeChecker } from '../protocols/checking/check-types.js';

/** All folders of a lab are one source. */
const SOURCE = 'library';

export interface Published {
  readonly sources: ProtocolSources;
  readonly reports: readonly SourceReport[];
}

export async function publishSources(
  db: Database,
  { protocolFolders, home, cache }: Pick<Settings, 'protocolFolders' | 'home' | 'cache'>,
  types: TypeChecker,
): Promise<Published> {
  const { sources } = await bundleSources(protocolFolders, { home, cache, types });
  const republished = await publishDefinitions(db, {
    source: SOURCE,
    bundle: sources.bundle,
    definitions: [...sources.definitions, toManualProtocol()],
    refused: sources.refused,
  });
  const reports = [...sources.reports, ...republished.flatMap((each) => toReport(sources, each))];
  await replaceSourceReports(db, SOURCE, reports);
  return { sources, reports };
}

function toReport({ definitions, places }: ProtocolSources, { name, version, before, now }: Republished): readonly SourceReport[] {
  const found = definitions.find((each) => each.name === name && each.version === version);
  if (!found) return [];
  const { line, column } = found;
  const message = `${name} ${version} is published again with other content: it was ${before} and is ${now}.`;
  const remedy = 'Raise its version, so that a report says which of them was run.';
  return [{ severity: 'warning', file: places.get(name) ?? found.file, line, column, message, remedy }];
}
