// What doctor says of the files of protocols: those that are not published for an error, as the API lists them.

import { LabError } from '../domain/errors/error.js';
import { formatSourceReport, type SourceReport } from '../domain/protocols/source-report.js';

const TIMEOUT_MS = 3_000;

/** Throws SOURCE_UNREADABLE with the first error. */
export async function checkProtocols(api: string): Promise<string> {
  const response = await fetch(`${api}/api/v1/source-reports`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) return 'nobody could be asked';
  const { items } = (await response.json()) as { readonly items: readonly SourceReport[] };
  const errors = items.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return 'every file of protocols is published';
  const { remedy, ...told } = first;
  const more = errors.length > 1 ? ` ${errors.length - 1} more are told by: praxis protocols.` : '';
  throw new LabError('SOURCE_UNREADABLE', { message: `${formatSourceReport(told)}${more}`, ...(remedy !== undefined && { remedy }) });
}
