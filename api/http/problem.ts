// Turns whatever was thrown into an RFC 9457 problem document. The only place that decides what a client sees of an
// error: a LabError is told in full, anything else is a fault whose text stays in the log.

import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from './logger.js';
import { ERRORS, LabError, type ErrorCode } from '../../domain/errors/error.js';
import type { Problem } from '../../domain/json/page.js';
import { isDatabaseDamaged, isDatabaseUnavailable } from '../../db/connection/connect-database.js';

export interface RequestProblem {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly field?: string;
  readonly remedy?: string;
}

/** A refused request with everything that is wrong with it; the first problem is the document itself. */
export class RefusedRequest extends Error {
  readonly problems: readonly [RequestProblem, ...RequestProblem[]];

  constructor(problems: readonly [RequestProblem, ...RequestProblem[]]) {
    super(problems[0].detail);
    this.name = 'RefusedRequest';
    this.problems = problems;
  }
}

export function refuseUnknownRoute(): RequestHandler {
  return (request) => {
    throw new LabError('ROUTE_NOT_FOUND', { message: `There is nothing at ${request.method} ${request.path}.` });
  };
}

export function sendProblems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      // Half an answer is out; Express closes the connection, which is all that can still be said.
      next(error);
      return;
    }
    const problem = toProblem(error);
    if (problem.status >= 500) logger.error({ err: error, method: request.method, path: request.path }, problem.code);
    sendProblem(response, problem);
  };
}

export function toProblem(error: unknown): Problem {
  if (error instanceof RefusedRequest) return describe(error.problems);
  if (error instanceof LabError && error.code !== 'INTERNAL') {
    const { code, message, field, remedy } = error;
    return describe([{ code, detail: message, remedy, ...(field !== undefined && { field }) }]);
  }
  if (isDatabaseUnavailable(error)) return describe([{ code: 'DATABASE_UNAVAILABLE', detail: 'The database does not answer.' }]);
  if (isDatabaseDamaged(error))
    return describe([{ code: 'DATABASE_DAMAGED', detail: 'A page of the database can not be read; praxis doctor names the table.' }]);
  return describe([findBodyProblem(error) ?? { code: 'INTERNAL', detail: 'Praxis met a fault of its own; the log has the details.' }]);
}

function describe(problems: readonly [RequestProblem, ...RequestProblem[]]): Problem {
  const [{ code, detail, field, remedy }] = problems;
  const entry = ERRORS[code];
  return {
    type: `urn:praxis:error:${code}`,
    title: entry.title,
    status: entry.httpStatus,
    code,
    detail,
    ...(field !== undefined && { field }),
    remedy: remedy ?? entry.remedy,
    ...(problems.length > 1 && { problems: problems.map(({ remedy: _, ...rest }) => rest) }),
  };
}

/** Errors of the body parser and of path decoding, which Express reports as errors with a `type` or `status`. */
function findBodyProblem(error: unknown): RequestProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { type, status, limit } = error as Error & { type?: unknown; status?: unknown; limit?: unknown };
  switch (type) {
    case 'entity.parse.failed':
      return { code: 'MALFORMED_JSON', detail: `The request body is not JSON: ${error.message}.`, field: 'body' };
    case 'entity.too.large':
      return { code: 'BODY_TOO_LARGE', detail: `The request body is larger than ${Number(limit)} bytes.`, field: 'body' };
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return { code: 'UNSUPPORTED_MEDIA_TYPE', detail: `The request body cannot be read: ${error.message}.`, field: 'body' };
    default:
      // request.aborted, request.size.invalid, an undecodable path: the sender's doing, with a message made for it.
      if (typeof status === 'number' && status >= 400 && status < 500) return { code: 'INVALID_REQUEST', detail: error.message };
      return undefined;
  }
}

function sendProblem(response: Response, problem: Problem): void {
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
