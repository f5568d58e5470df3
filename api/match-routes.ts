// Tells requests apart by what the table of routes says of their route, before the router has chosen one.

import { API_PREFIX, type RouteContract } from './contract/route-contract.js';
import { ROUTES } from './contract/routes.js';

/** True for requests to a route of that kind; paths as the router takes them, in any case and with a slash at the end. */
export function matchRoutes(isMeant: (route: RouteContract) => boolean): (request: { readonly method: string; readonly path: string }) => boolean {
  const patterns = Object.values<RouteContract>(ROUTES)
    .filter(isMeant)
    .map(({ method, path }) => ({ method: method.toUpperCase(), path: new RegExp(`^${API_PREFIX}${path.replaceAll(/\{\w+\}/gu, '[^/]+')}/?$`, 'iu') }));
  return (request) => patterns.some(({ method, path }) => method === request.method && path.test(request.path));
}
