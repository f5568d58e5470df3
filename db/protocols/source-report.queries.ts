// What is told of the sources of protocols, as they were read last.

import type { SourceReport } from '../../domain/protocols/source-report.js';
import type { Database } from '../connection/connect-database.js';

/** Whoever has so many mistakes mends the first ones first. */
const REPORTS_MAX = 1_000;

/** Puts these in the place of what was told of the source before. */
export async function replaceSourceReports(db: Database, source: string, reports: readonly SourceReport[]): Promise<void> {
  const rows = reports.slice(0, REPORTS_MAX).map((report, ordinal) => ({ source, ordinal, report: JSON.stringify(report) }));
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('source_report').where('source', '=', source).execute();
    if (rows.length > 0) await tx.insertInto('source_report').values(rows).execute();
  });
}

/** In the order in which they were told. */
export async function listSourceReports(db: Database): Promise<SourceReport[]> {
  const rows = await db.selectFrom('source_report').select('report').orderBy('source').orderBy('ordinal').execute();
  return rows.map(({ report }) => report);
}
