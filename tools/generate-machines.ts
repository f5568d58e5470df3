// Writes what follows from the catalogue of PyLabRobot and the policy tables: the typed handles in protocols/sdk/machines/,
// docs/machines.md and the bridge's tables of stop methods, retry classes, bounds and interlocks. Run it after a change of either: node dist/tools/generate-machines.js

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { renderBoundsTable } from './render-bounds-table.js';
import { renderInterlockTable } from './render-interlock-table.js';
import { renderMachineDocs } from './render-machine-docs.js';
import { listCommands, renderBackendArguments, renderHandle, toFileName, toPlanName } from './render-machine-handle.js';
import { renderRetryTable } from './render-retry-table.js';
import { renderStopTable } from './render-stop-table.js';

const FOLDER = 'protocols/sdk/machines';

/** Its handle is written by hand, because pipetting reads better with places and volumes first. */
const BY_HAND = 'LiquidHandler';

/** Backends of the liquid handler with arguments of their own, and what the names of their types begin with. */
const LIQUID_BACKENDS: Readonly<Record<string, string>> = { STARBackend: 'Star', VantageBackend: 'Vantage', NimbusBackend: 'Nimbus' };

export function readCatalogue(root: string): Catalogue {
  return JSON.parse(readFileSync(join(root, 'domain/catalogue/pylabrobot.json'), 'utf8')) as Catalogue;
}

/** Path from the root → text, of every generated file. */
export function renderAll(catalogue: Catalogue): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const frontEnd of listOwnHandles(catalogue)) files.set(`${FOLDER}/${toFileName(frontEnd)}.ts`, renderHandle(catalogue, frontEnd));
  for (const [backend, prefix] of Object.entries(LIQUID_BACKENDS)) {
    files.set(`${FOLDER}/${prefix.toLowerCase()}-arguments.ts`, renderBackendArguments(catalogue, backend, prefix));
  }
  files.set(`${FOLDER}/front-end-handles.ts`, renderFrontEndHandles(catalogue));
  files.set('docs/machines.md', renderMachineDocs(catalogue));
  files.set('bridge/praxis_bridge/drivers/interlock_table.py', renderInterlockTable());
  files.set('bridge/praxis_bridge/drivers/stop_table.py', renderStopTable(catalogue));
  files.set('bridge/praxis_bridge/drivers/retry_table.py', renderRetryTable(catalogue));
  files.set('bridge/praxis_bridge/drivers/bounds_table.py', renderBoundsTable(catalogue));
  return files;
}

/** Front ends that are more than another name for their only base. */
function listOwnHandles(catalogue: Catalogue): readonly string[] {
  return Object.keys(catalogue.frontends).filter((frontEnd) => frontEnd !== BY_HAND && toHandleName(catalogue, frontEnd) === frontEnd);
}

function toHandleName(catalogue: Catalogue, frontEnd: string): string {
  const bases = catalogue.frontends[frontEnd]?.bases ?? [];
  const [only] = bases;
  return only !== undefined && bases.length === 1 && listCommands(catalogue, frontEnd).length === 0 ? only : frontEnd;
}

function renderFrontEndHandles(catalogue: Catalogue): string {
  const own = listOwnHandles(catalogue);
  const all = Object.keys(catalogue.frontends).filter((frontEnd) => frontEnd !== BY_HAND);
  return [
    '// Handle and table of methods of every front end but the liquid handler. Generated from the catalogue by',
    '// tools/generate-machines.ts; do not edit.',
    '',
    "import type { MethodPlan } from '../machine-handle.js';",
    ...own.map((frontEnd) => `import { ${toPlanName(frontEnd)}, type ${frontEnd} } from './${toFileName(frontEnd)}.js';`),
    '',
    'export interface FrontEndHandles {',
    ...all.map((frontEnd) => `  readonly ${frontEnd}: ${toHandleName(catalogue, frontEnd)};`),
    '}',
    '',
    'export const FRONT_END_PLANS: Readonly<Record<keyof FrontEndHandles, Readonly<Record<string, MethodPlan>>>> = {',
    ...all.map((frontEnd) => `  ${frontEnd}: ${toPlanName(toHandleName(catalogue, frontEnd))},`),
    '};',
    '',
    'export type {',
    ...own.map((frontEnd) => `  ${frontEnd},`),
    '};',
    '',
  ].join('\n');
}

const SOURCE = fileURLToPath(import.meta.url);

if (process.argv[1] === SOURCE) {
  // From dist/tools/ or tools/, whichever runs.
  const root = join(dirname(SOURCE), SOURCE.endsWith('.js') ? '../..' : '..');
  for (const [path, text] of renderAll(readCatalogue(root))) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
