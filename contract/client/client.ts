// The one client of the API: an operation of the contract is a function, and no caller writes a path. It needs nothing but fetch, so
// that it works in a browser; whoever reaches the API another way brings his own `send`.

import type { AnswerOf, AskedId, ItemOf, Nothing, PagedId, PartsOf, RouteLine } from './operation.js';
import { ROUTE_LINES } from './routes.gen.js';
import type { problem } from '../http/values.js';
import type { Told } from '../http/route.js';
import type { OperationId } from '../http/routes.js';
import { API_PREFIX } from '../words/api.js';

const REQUEST_TIMEOUT_MS = 15_000;
const PAGE_SIZE = 200;

export type Problem = Told<typeof problem>;

export interface SentRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface ReceivedAnswer {
  readonly status: number;
  readonly text: string;
}

export interface ClientWorld {
  /** Scheme and authority, without the prefix of the API. Empty in a page that the API serves. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Left out: fetch. Rejects where no answer came. */
  readonly send?: (request: SentRequest) => Promise<ReceivedAnswer>;
  /** What is thrown for an answer that is no success; left out: ProblemError. */
  readonly toError?: (status: number, body: unknown) => Error;
}

export interface AskOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** An answer that is no success, with the problem document where there was one. */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined) {
    super(problem === undefined ? `HTTP ${status}` : `${problem.code}: ${problem.detail}`);
    this.name = 'ProblemError';
    this.status = status;
    this.problem = problem;
  }
}

type Ask<O extends AskedId> =
  Nothing extends PartsOf<O>
    ? (parts?: PartsOf<O>, options?: AskOptions) => Promise<AnswerOf<O>>
    : (parts: PartsOf<O>, options?: AskOptions) => Promise<AnswerOf<O>>;
type Operations = { readonly [O in AskedId]: Ask<O> };

export interface Client extends Operations {
  readonly url: string;
  /** Where an operation is asked for: what a stream is opened at. */
  toUrl<O extends OperationId>(operation: O, parts: Omit<PartsOf<O>, 'body' | 'headers'>): string;
  /** The request itself, for whoever looks at the status of its answer too. */
  toRequest<O extends OperationId>(operation: O, parts: PartsOf<O>, options?: AskOptions): SentRequest;
  /** A list to its end, page by page. */
  readAll<O extends PagedId>(operation: O, parts: PartsOf<O>): Promise<ItemOf<O>[]>;
}

interface AnyParts {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly body?: unknown;
}

export function createClient({ url, token, send = sendByFetch, toError = toProblemError }: ClientWorld): Client {
  const who: Readonly<Record<string, string>> = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  const toRequest = ([method, path]: RouteLine, parts: AnyParts, options: AskOptions = {}): SentRequest => {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? REQUEST_TIMEOUT_MS);
    return {
      method: method === 'get' ? 'GET' : 'POST',
      url: toAddress(url, path, parts),
      headers: { ...who, ...(method === 'post' && { 'content-type': 'application/json' }), ...dropUndefined(parts.headers ?? {}) },
      ...(method === 'post' && { body: JSON.stringify(parts.body ?? {}) }),
      signal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]),
    };
  };
  const ask = async (line: RouteLine, parts: AnyParts = {}, options: AskOptions = {}): Promise<unknown> => {
    const answer = await send(toRequest(line, parts, options));
    const body = parseJson(answer.text);
    if (answer.status >= 200 && answer.status < 300 && body !== undefined) return body;
    throw toError(answer.status, body);
  };
  const operations = Object.fromEntries(
    Object.entries<RouteLine>(ROUTE_LINES).map(([operation, line]) => [
      operation,
      (parts?: AnyParts, options?: AskOptions) => ask(line, parts, options),
    ]),
  );
  const readAll = async (operation: PagedId, parts: AnyParts): Promise<unknown[]> => {
    const all: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = (await ask(getLine(operation), { ...parts, query: { ...parts.query, limit: PAGE_SIZE, cursor } })) as {
        items: readonly unknown[];
        nextCursor?: string;
      };
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return all;
  };
  // The API has parsed each answer by the schema that the types come from; the table has a line for each operation.
  return {
    ...operations,
    url,
    readAll,
    toUrl: (operation: OperationId, parts: AnyParts) => toAddress(url, getLine(operation)[1], parts),
    toRequest: (operation: OperationId, parts: AnyParts, options?: AskOptions) => toRequest(getLine(operation), parts, options),
  } as Client;
}

function getLine(operation: string): RouteLine {
  // A test holds that the table has every operation of the contract.
  return ROUTE_LINES[operation] as RouteLine;
}

function toAddress(url: string, path: string, { params = {}, query = {} }: AnyParts): string {
  const filled = path.replaceAll(/\{(\w+)\}/gu, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `${url}${API_PREFIX}${filled}${search.size === 0 ? '' : `?${search.toString()}`}`;
}

function dropUndefined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function sendByFetch({ url, ...request }: SentRequest): Promise<ReceivedAnswer> {
  const response = await fetch(url, request);
  return { status: response.status, text: await response.text() };
}

function toProblemError(status: number, body: unknown): ProblemError {
  const isProblem = typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
  return new ProblemError(status, isProblem ? (body as Problem) : undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON means not our API; the caller says so with the status.
    return undefined;
  }
}
