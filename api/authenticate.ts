// Who a request is from, by its token. Without one it comes from the person at this machine, because the API listens on
// loopback only. A viewer reads, rehearses, and changes nothing.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { LOCAL_USER } from './local-user.js';
import { LabError } from '../domain/error.js';
import { ROLES, type Role, type Tokens } from '../platform/tokens.js';

const VIEWER: Role = 'viewer';
const BEARER = /^Bearer +([\x21-\x7e]+)$/iu;

export function authenticate(tokens: Tokens | null): RequestHandler {
  return (request, response, next) => {
    const { authorization } = request.headers;
    const role = authorization === undefined ? null : findRole(tokens, authorization);
    if (role === undefined) {
      response.set('WWW-Authenticate', 'Bearer');
      throw new LabError('UNKNOWN_TOKEN', { message: 'The Authorization header holds no token of this lab.', field: 'headers.authorization' });
    }
    response.locals['user'] = role ?? LOCAL_USER;
    next();
  };
}

/** In front of a route that changes something. */
export const refuseViewer: RequestHandler = (request, response, next) => {
  if (readUser(response) === VIEWER) {
    throw new LabError('FORBIDDEN', { message: `A viewer may not ${request.method} ${request.path}.`, field: 'headers.authorization' });
  }
  next();
};

/** Who is on record for what the request changes. */
export function readUser(response: Response): string {
  const user: unknown = response.locals['user'];
  return typeof user === 'string' ? user : LOCAL_USER;
}

function findRole(tokens: Tokens | null, authorization: string): Role | undefined {
  const given = BEARER.exec(authorization)?.[1];
  if (tokens === null || given === undefined) return undefined;
  return ROLES.find((role) => isSame(tokens[role], given));
}

/** By hashes of one length, so that the time it takes tells nothing of the token. */
function isSame(known: string, given: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(known), hash(given));
}
