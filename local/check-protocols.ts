// What doctor says of the files of protocols: those that are not published for an error, as the API lists them.

import { createClient, ProblemError } from '../contract/client/client.js';
import { LabError } from '../domain/errors/error.js';
import { formatSourceReport } from '../domain/protocols/source-report.js';

const TIMEOUT_MS = 3_000;

/** Throws SOURCE_UNREADABLE with the first error. */
export async function checkProtocols(api: string): Promise<string> {
  const page = await createClient({ url: api })
    .listSourceReports({}, { timeoutMs: TIMEOUT_MS })
    .catch((error: unknown) => {
      if (error instanceof ProblemError) return undefined;
      throw error;
    });
  if (page === undefined) return 'nobody could be asked';
  const errors = page.items.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return 'every file of protocols is published';
  const { remedy, ...told } = first;
  const more = errors.length > 1 ? ` ${errors.length - 1} more are told by: praxis protocols.` : '';
  throw new LabError('SOURCE_UNREADABLE', { message: `${formatSourceReport(told)}${more}`, ...(remedy !== undefined && { remedy }) });
}
