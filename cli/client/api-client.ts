// The HTTP client of the command: asks the API, and turns what goes wrong into the command's own errors.

import { CliError, EXIT_BAD_INPUT, EXIT_NO_CONNECTION, EXIT_RUN_FAILED } from '../terminal/exit.js';
import { openStream, sendRequest, type Answer, type Sending } from './send-request.js';
import type { Problem } from '../../domain/json/page.js';

const REQUEST_TIMEOUT_MS = 15_000;
/** The live feed sends a heartbeat every 15 s. */
const STREAM_IDLE_TIMEOUT_MS = 40_000;

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface ApiClient {
  readonly url: string;
  get<T>(path: string, query?: Query, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<T>;
  /** Text of an answer that stays open, piece by piece; ends or throws NO_CONNECTION with the connection. */
  stream(path: string, query: Query, options: { headers: Readonly<Record<string, string>>; signal: AbortSignal }): AsyncIterable<string>;
  post<T>(path: string, body: unknown, headers?: Readonly<Record<string, string>>, options?: { timeoutMs?: number }): Promise<T>;
}

export function createApiClient(url: string, token?: string): ApiClient {
  const who: Readonly<Record<string, string>> = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  const toTarget = (path: string, query: Query): URL => {
    const target = new URL(`${url}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, String(value));
    return target;
  };
  const request = async <T>(path: string, sending: Sending, query: Query = {}): Promise<T> => {
    const target = toTarget(path, query);
    let answer: Answer;
    try {
      answer = await sendRequest(target, sending);
    } catch (error) {
      throw toConnectionError(url, error);
    }
    const body = parseJson(answer.text);
    if (answer.status >= 200 && answer.status < 300 && body !== undefined) return body as T;
    throw toCliError(url, answer.status, body);
  };
  return {
    url,
    get: (path, query, options = {}) => {
      const timeout = AbortSignal.timeout(options.timeoutMs ?? REQUEST_TIMEOUT_MS);
      const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
      return request(path, { method: 'GET', headers: who, signal }, query);
    },
    stream: async function* (path, query, { headers, signal }) {
      let refusal: { status: number; text: string };
      try {
        const { status, chunks } = await openStream(toTarget(path, query), {
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
    post: (path, body, headers = {}, options = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...who, ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(options.timeoutMs ?? REQUEST_TIMEOUT_MS),
      }),
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
  const { code, detail, field, remedy } = (body ?? {}) as Partial<Problem>;
  if (code === undefined || detail === undefined) {
    return new CliError(EXIT_NO_CONNECTION, {
      code: 'NO_CONNECTION',
      message: `What answers at ${url} is not Praxis (HTTP ${status}).`,
      remedy: 'Set PRAXIS_URL to the address that npm start prints.',
    });
  }
  const exitCode = status === 503 ? EXIT_NO_CONNECTION : status >= 500 ? EXIT_RUN_FAILED : EXIT_BAD_INPUT;
  return new CliError(exitCode, { code, message: detail, field, remedy });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON means not our API; the caller says so with the status.
    return undefined;
  }
}
