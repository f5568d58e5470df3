// Writes what follows from the contract and is committed: the table of routes that clients load in the place of schemas.
// Run it after a change of contract/: npm run build, then node dist/tools/generate-contract.js

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RouteContract } from '../contract/http/route.js';
import { ROUTES } from '../contract/http/routes.js';

/** Path from the root → text, of every generated file. */
export function renderContract(): ReadonlyMap<string, string> {
  return new Map([['contract/client/routes.gen.ts', renderRouteLines()]]);
}

function renderRouteLines(): string {
  return [
    '// Method and path of every route by its operation, so that a client loads no schema. Generated from contract/http/ by',
    '// tools/generate-contract.ts; do not edit.',
    '',
    "import type { RouteLine } from './operation.js';",
    '',
    'export const ROUTE_LINES: Readonly<Record<string, RouteLine>> = {',
    ...Object.entries<RouteContract>(ROUTES).map(([operation, { method, path }]) => `  ${operation}: ['${method}', '${path}'],`),
    '};',
    '',
  ].join('\n');
}

const isMain = process.argv[1] === fileURLToPath(import.meta.url);
if (isMain) {
  // From dist/tools/ as from tools/: the folder that holds package.json.
  const here = dirname(fileURLToPath(import.meta.url));
  const root = here.endsWith(join('dist', 'tools')) ? join(here, '../..') : join(here, '..');
  for (const [path, text] of renderContract()) writeFileSync(join(root, path), text);
}
