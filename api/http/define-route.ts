// Binds a handler to its contract: every part of the request is validated before the handler sees it, every error of
// every part is told in one problem document, and the answer is parsed too, so that the document keeps its word.

import type { Request, RequestHandler, Response, Router } from 'express';
import type { z } from 'zod';
import { readAsker, type Asker } from './authenticate.js';
import { readBody } from './read-body.js';
import { findUnsafeKeys } from './unsafe-keys.js';
import { RefusedRequest, type RequestProblem } from './problem.js';
import type { RouteContract, Told } from '../../contract/http/route.js';
import { API_PREFIX } from '../../contract/words/api.js';
import { LabError, invariant } from '../../domain/errors/error.js';

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

export interface RouteContext<C extends RouteContract> extends Asker {
  readonly params: Parsed<C['params']>;
  readonly query: z.output<C['query']>;
  readonly headers: Parsed<C['headers']>;
  readonly body: Parsed<C['body']>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

export interface RouteAnswer<C extends RouteContract> {
  readonly value: Told<C['response']>;
  /** Left out: the only status of the contract. */
  readonly status?: keyof C['statuses'] & number;
  readonly location?: string;
}

/** What stands in front of a route, by what its contract says. */
export type GuardRoute = (contract: RouteContract) => readonly RequestHandler[];

export interface BoundRoute {
  mount(router: Router, guard: GuardRoute): void;
}

/** A route whose answer the handler writes itself, because it stays open. */
export function defineStream<const C extends RouteContract>(
  contract: C,
  handle: (context: RouteContext<C>, response: Response) => Promise<void>,
): BoundRoute {
  const answerRequest: RequestHandler = (request, response) => handle(readContext(contract, request, response), response);
  return { mount: (router, guard) => router[contract.method](toExpressPath(contract), ...guard(contract), answerRequest) };
}

/** In two steps, so that the contract is known before the types of the handler are worked out. */
export function defineRoute<const C extends RouteContract>(
  contract: C,
): (handle: (context: RouteContext<C>) => Promise<RouteAnswer<C>>) => BoundRoute {
  const path = toExpressPath(contract);
  return (handle) => {
    const answerRequest: RequestHandler = async (request, response) => {
      const context = readContext(contract, request, response);
      sendAnswer(contract, await handle(context), response);
    };
    return { mount: (router, guard) => router[contract.method](path, ...guard(contract), ...readBody(contract), answerRequest) };
  };
}

function toExpressPath({ path }: RouteContract): string {
  return `${API_PREFIX}${path}`.replaceAll(/\{(\w+)\}/gu, ':$1');
}

function readContext<C extends RouteContract>(contract: C, request: Request, response: Response): RouteContext<C> {
  const problems: RequestProblem[] = [];
  const parse = (schema: z.ZodType | undefined, given: unknown, part: string): unknown => {
    if (schema === undefined) return undefined;
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    problems.push(...parsed.error.issues.flatMap((issue) => describeIssue(issue, part)));
    return undefined;
  };
  const params = parse(contract.params, request.params, 'path');
  const query = parse(contract.query, request.query, 'query');
  const headers = parse(contract.headers, request.headers, 'headers');
  const unsafeKeys = contract.body === undefined ? [] : findUnsafeKeys(request.body);
  problems.push(...unsafeKeys);
  const body = unsafeKeys.length > 0 ? undefined : parse(contract.body, request.body, '');
  const [first, ...others] = problems;
  if (first) throw new RefusedRequest([first, ...others]);

  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // The schemas above are those of the contract, which the type system cannot follow through the loop-free parse.
  return { params, query, headers, body, ...readAsker(response), signal: gone.signal } as RouteContext<C>;
}

function describeIssue(issue: z.core.$ZodIssue, part: string): RequestProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'INVALID_REQUEST',
      detail: `'${key}' is not known here.`,
      field: toField(part, [...issue.path, key]),
    }));
  }
  const field = toField(part, issue.path);
  return [{ code: 'INVALID_REQUEST', detail: `${field}: ${issue.message}.`, field }];
}

function toField(part: string, path: readonly PropertyKey[]): string {
  return [...(part === '' ? [] : [part]), ...path.map(String)].join('.') || 'body';
}

function sendAnswer<C extends RouteContract>(contract: C, answer: RouteAnswer<C>, response: Response): void {
  const [onlyStatus] = Object.keys(contract.statuses).map(Number);
  const status: number | undefined = answer.status ?? onlyStatus;
  invariant(status !== undefined && contract.statuses[status] !== undefined, `${contract.path} declares status ${status}`);
  const parsed = contract.response.safeParse(answer.value);
  if (!parsed.success) {
    throw new LabError('INTERNAL', { message: `The answer of ${contract.path} breaks its own schema.`, cause: parsed.error });
  }
  if (answer.location !== undefined) response.location(answer.location);
  response.status(status).set('Cache-Control', 'no-store').json(parsed.data);
}
