// Who asks, by the token of the request, and what they may. Without one it is the person at this machine, because the API
// listens on loopback only.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { LOCAL_USER } from './local-user.js';
import { invariant, LabError } from '../../domain/errors/error.js';
import { mayDo, ROLES, type Role } from '../../domain/people/role.js';
import type { Tokens } from '../../platform/tokens.js';

const BEARER = /^Bearer +([\x21-\x7e]+)$/iu;

export interface Asker {
  /** Who is on record for what the request changes. */
  readonly user: string;
  readonly role: Role;
}

export function authenticate(tokens: Tokens | null): RequestHandler {
  return (request, response, next) => {
    const { authorization } = request.headers;
    const asker = authorization === undefined ? { user: LOCAL_USER, role: 'operator' as const } : findAsker(tokens, authorization);
    if (asker === undefined) {
      response.set('WWW-Authenticate', 'Bearer');
      throw new LabError('UNKNOWN_TOKEN', {
        message: 'The Authorization header holds no token of this lab.',
        field: 'headers.authorization',
      });
    }
    response.locals['asker'] = asker;
    next();
  };
}

/** In front of a route that needs the role. */
export function requireRole(needed: Role): RequestHandler {
  return (request, response, next) => {
    const { role } = readAsker(response);
    if (!mayDo(role, needed)) {
      throw new LabError('FORBIDDEN', {
        message: `A ${role} may not ${request.method} ${request.path}; it needs the role ${needed}.`,
        field: 'headers.authorization',
      });
    }
    next();
  };
}

export function readAsker(response: Response): Asker {
  const asker = response.locals['asker'] as Asker | undefined;
  invariant(asker !== undefined, 'who asks is known before any route is reached');
  return asker;
}

/** A token stands for a role, and nobody knows more of who sends it. */
function findAsker(tokens: Tokens | null, authorization: string): Asker | undefined {
  const given = BEARER.exec(authorization)?.[1];
  if (tokens === null || given === undefined) return undefined;
  const role = ROLES.find((each) => isSame(tokens[each], given));
  return role && { user: role, role };
}

/** By hashes of one length, so that the time it takes tells nothing of the token. */
function isSame(known: string, given: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(known), hash(given));
}
