// The client of the API as the command uses it: Node's plain HTTP below it, and the command's own errors for what goes wrong.

import { CliError, EXIT_BAD_INPUT, EXIT_NO_CONNECTION, EXIT_RUN_FAILED } from '../terminal/exit.js';
import { openStream, sendRequest } from './send-request.js';
import { createClient, type Client, type Problem } from '../../contract/client/client.js';

/** The live feed sends a heartbeat every 15 s. */
const STREAM_IDLE_TIMEOUT_MS = 40_000;
/** Problems of a request beside the first. */
const OTHERS_TOLD_MAX = 4;

export interface ApiClient extends Client {
  /** Text of an answer that stays open, piece by piece; ends or throws NO_CONNECTION with the connection. */
  stream(address: string, options: { headers: Readonly<Record<string, string>>; signal: AbortSignal }): AsyncIterable<string>;
}

export function createApiClient(url: string, token?: string): ApiClient {
  const who: Readonly<Record<string, string>> = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  const client = createClient({
    url,
    token,
    send: ({ url: address, ...sending }) =>
      sendRequest(new URL(address), sending).catch((error: unknown) => {
        throw toConnectionError(url, error);
      }),
    toError: (status, body) => toCliError(url, status, body),
  });
  return {
    ...client,
    stream: async function* (address, { headers, signal }) {
      let refusal: { status: number; text: string };
      try {
        const { status, chunks } = await openStream(new URL(address), {
          headers: { ...who, ...headers },
          idleTimeoutMs: STREAM_IDLE_TIMEOUT_MS,
          signal,
        });
        if (status === 200) {
          yield* chunks;
          return;
        }
        refusal = { status, text: '' };
        for await (const chunk of chunks) refusal.text += chunk;
      } catch (error) {
        throw toConnectionError(url, error);
      }
      throw toCliError(url, refusal.status, parseJson(refusal.text));
    },
  };
}

/** True where the same request may succeed a little later: the API is away, or its database is. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof CliError && error.exitCode === EXIT_NO_CONNECTION;
}

function toConnectionError(url: string, error: unknown): CliError {
  const origin = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // An address with several numbers fails with an error for each, and with no message of its own.
  const cause = origin instanceof Error ? origin.message || String((origin as NodeJS.ErrnoException).code) : String(origin);
  return new CliError(EXIT_NO_CONNECTION, {
    code: 'NO_CONNECTION',
    message: `The API does not answer at ${url} (${cause}).`,
    remedy: 'Start the lab with: praxis up. Or set PRAXIS_URL to its address.',
  });
}

function toCliError(url: string, status: number, body: unknown): CliError {
  const { code, detail, field, remedy, problems = [] } = (body ?? {}) as Partial<Problem>;
  if (code === undefined || detail === undefined) {
    return new CliError(EXIT_NO_CONNECTION, {
      code: 'NO_CONNECTION',
      message: `What answers at ${url} is not Praxis (HTTP ${status}).`,
      remedy: 'Set PRAXIS_URL to the address that npm start prints.',
    });
  }
  const exitCode = status === 503 ? EXIT_NO_CONNECTION : status >= 500 ? EXIT_RUN_FAILED : EXIT_BAD_INPUT;
  return new CliError(exitCode, { code, message: `${detail}${tellOthers(problems.slice(1))}`, field, remedy });
}

/** The first problem is the error itself; a table may have many. */
function tellOthers(others: readonly { readonly detail: string }[]): string {
  const told = others.slice(0, OTHERS_TOLD_MAX).map(({ detail }) => ` Also: ${detail}`);
  const untold = others.length - told.length;
  return `${told.join('')}${untold > 0 ? ` And ${untold} more.` : ''}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON means not our API; the caller says so with the status.
    return undefined;
  }
}
