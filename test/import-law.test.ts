// Proves the import law: a small tree with one violation of every rule and one import of every allowed kind is
// laid out in a temporary folder, and the cruiser must refuse exactly the violations.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const CRUISER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

interface Case {
  readonly file: string;
  /** What the file imports: a path of the tree, or the name of a package or of a module of Node. */
  readonly imports: string;
  readonly asType?: true;
  /** Rule that refuses it; undefined for an import that is allowed. */
  readonly refusedBy?: string;
}

const CASES: readonly Case[] = [
  { file: 'contract/http/a.ts', imports: 'zod' },
  { file: 'contract/http/b.ts', imports: 'contract/words/target.ts' },
  { file: 'contract/http/c.ts', imports: 'domain/target.ts', refusedBy: 'contract' },
  { file: 'contract/http/d.ts', imports: 'domain/target.ts', asType: true, refusedBy: 'contract-types' },
  { file: 'contract/client/a.ts', imports: 'contract/http/target.ts', asType: true },
  { file: 'contract/client/b.ts', imports: 'contract/http/target.ts', refusedBy: 'contract-client' },
  { file: 'contract/client/d.ts', imports: 'domain/target.ts', asType: true, refusedBy: 'contract-client-types' },
  { file: 'contract/client/c.ts', imports: 'contract/words/target.ts' },
  { file: 'contract/words/a.ts', imports: 'contract/words/target.ts' },
  { file: 'contract/words/b.ts', imports: 'zod', refusedBy: 'contract-words' },
  { file: 'contract/words/c.ts', imports: 'contract/http/target.ts', asType: true, refusedBy: 'contract-words-types' },
  { file: 'domain/a.ts', imports: 'domain/target.ts' },
  { file: 'domain/g.ts', imports: 'contract/words/target.ts' },
  { file: 'domain/h.ts', imports: 'contract/http/target.ts', asType: true },
  { file: 'domain/i.ts', imports: 'contract/http/target.ts', refusedBy: 'domain' },
  { file: 'domain/b.ts', imports: 'db/target.ts', refusedBy: 'domain' },
  { file: 'domain/c.ts', imports: 'zod', refusedBy: 'domain' },
  { file: 'domain/d.ts', imports: 'node:fs', refusedBy: 'domain' },
  { file: 'domain/e.ts', imports: 'db/target.ts', asType: true, refusedBy: 'domain-types' },
  { file: 'domain/f.test.ts', imports: 'db/target.ts' },
  { file: 'protocols/sdk/a.ts', imports: 'domain/target.ts' },
  { file: 'protocols/sdk/b.ts', imports: 'protocols/library/target.ts', refusedBy: 'sdk' },
  { file: 'protocols/sdk/c.ts', imports: '@temporalio/workflow', refusedBy: 'sdk' },
  { file: 'protocols/sdk/d.ts', imports: 'node:crypto', refusedBy: 'sdk' },
  { file: 'protocols/sdk/e.ts', imports: 'workflows/target.ts', asType: true, refusedBy: 'sdk-types' },
  { file: 'protocols/library/a.ts', imports: 'protocols/sdk/target.ts' },
  { file: 'protocols/library/b.ts', imports: 'node:fs', refusedBy: 'library' },
  { file: 'protocols/library/c.ts', imports: 'workflows/target.ts', asType: true, refusedBy: 'library-types' },
  { file: 'protocols/discovery/a.ts', imports: 'typescript' },
  { file: 'protocols/discovery/b.ts', imports: 'node:fs' },
  { file: 'protocols/discovery/c.ts', imports: 'protocols/sdk/target.ts', asType: true },
  { file: 'protocols/discovery/d.ts', imports: 'protocols/sdk/target.ts', refusedBy: 'discovery' },
  { file: 'protocols/discovery/e.ts', imports: 'db/target.ts', asType: true, refusedBy: 'discovery-types' },
  { file: 'protocols/checking/a.ts', imports: 'protocols/discovery/target.ts' },
  { file: 'protocols/checking/b.ts', imports: 'db/target.ts', refusedBy: 'checking' },
  { file: 'protocols/checking/c.ts', imports: 'db/target.ts', asType: true, refusedBy: 'checking-types' },
  { file: 'protocols/bundling/a.ts', imports: 'protocols/discovery/target.ts' },
  { file: 'protocols/bundling/b.ts', imports: 'db/target.ts', refusedBy: 'bundling' },
  { file: 'protocols/bundling/c.ts', imports: 'workflows/target.ts', asType: true, refusedBy: 'bundling-types' },
  { file: 'calculation/a.ts', imports: 'protocols/bundling/target.ts' },
  { file: 'calculation/b.ts', imports: 'db/target.ts', refusedBy: 'calculation' },
  { file: 'calculation/c.ts', imports: 'api/target.ts', asType: true, refusedBy: 'calculation-types' },
  { file: 'rehearsal/a.ts', imports: 'workflows/target.ts', asType: true },
  { file: 'rehearsal/b.ts', imports: 'workflows/target.ts', refusedBy: 'rehearsal' },
  { file: 'rehearsal/c.ts', imports: 'db/target.ts', asType: true, refusedBy: 'rehearsal-types' },
  { file: 'slots/a.ts', imports: 'db/target.ts' },
  { file: 'slots/b.ts', imports: 'workcell/target.ts', refusedBy: 'slots' },
  { file: 'slots/c.ts', imports: 'workflows/target.ts', asType: true, refusedBy: 'slots-types' },
  { file: 'station/a.ts', imports: 'workcell/target.ts' },
  { file: 'station/b.ts', imports: 'api/target.ts', refusedBy: 'station' },
  { file: 'station/c.ts', imports: 'workflows/target.ts', asType: true, refusedBy: 'station-types' },
  { file: 'ports/a.ts', imports: 'db/target.ts' },
  { file: 'ports/b.ts', imports: 'workcell/target.ts', refusedBy: 'ports' },
  { file: 'ports/c.ts', imports: 'api/target.ts', asType: true, refusedBy: 'ports-types' },
  { file: 'platform/temporal/a.ts', imports: 'platform/target.ts' },
  { file: 'platform/temporal/b.ts', imports: 'pino', refusedBy: 'platform-temporal' },
  { file: 'platform/temporal/c.ts', imports: 'domain/target.ts', asType: true, refusedBy: 'platform-temporal-types' },
  { file: 'workflows/a.ts', imports: '@temporalio/workflow' },
  { file: 'workflows/b.ts', imports: 'protocols/library/target.ts' },
  { file: 'workflows/c.ts', imports: 'activities/target.ts', asType: true },
  { file: 'workflows/d.ts', imports: 'activities/target.ts', refusedBy: 'workflows' },
  { file: 'workflows/e.ts', imports: 'db/target.ts', asType: true, refusedBy: 'workflows-types' },
  { file: 'workflows/f.ts', imports: 'node:timers', refusedBy: 'workflows' },
  { file: 'workflows/g.ts', imports: 'protocols/discovery/target.ts', refusedBy: 'workflows' },
  { file: 'workcell/a.ts', imports: 'node:net' },
  { file: 'workcell/b.ts', imports: '@temporalio/activity', refusedBy: 'workcell' },
  { file: 'workcell/c.ts', imports: 'db/target.ts', asType: true, refusedBy: 'workcell-types' },
  { file: 'db/a.ts', imports: 'kysely' },
  { file: 'db/b.ts', imports: 'workcell/target.ts', refusedBy: 'db' },
  { file: 'db/c.ts', imports: 'api/http/target.ts', asType: true, refusedBy: 'db-types' },
  { file: 'db/d.ts', imports: 'pg', asType: true },
  { file: 'db/g.ts', imports: 'platform/ports/target.ts' },
  { file: 'db/h.ts', imports: 'platform/target.ts', refusedBy: 'db' },
  { file: 'platform/a.ts', imports: 'pino' },
  { file: 'platform/b.ts', imports: 'kysely', refusedBy: 'platform' },
  { file: 'platform/c.ts', imports: 'db/target.ts', asType: true, refusedBy: 'platform-types' },
  { file: 'local/a.ts', imports: 'platform/target.ts' },
  { file: 'local/b.ts', imports: 'db/target.ts', refusedBy: 'local' },
  { file: 'local/c.ts', imports: 'workcell/target.ts', asType: true, refusedBy: 'local-types' },
  { file: 'activities/a.ts', imports: '@temporalio/activity' },
  { file: 'activities/b.ts', imports: 'workcell/target.ts' },
  { file: 'activities/c.ts', imports: 'protocols/sdk/target.ts', refusedBy: 'activities' },
  { file: 'activities/d.ts', imports: 'workflows/target.ts', asType: true, refusedBy: 'activities-types' },
  { file: 'api/a.ts', imports: 'express' },
  { file: 'api/b.ts', imports: 'workflows/execution/messages.ts' },
  { file: 'api/c.ts', imports: 'workflows/target.ts', refusedBy: 'api' },
  { file: 'api/d.ts', imports: '@temporalio/client', refusedBy: 'api' },
  { file: 'api/e.ts', imports: 'workcell/target.ts', asType: true, refusedBy: 'api-types' },
  { file: 'api/f.ts', imports: 'protocols/discovery/target.ts', refusedBy: 'api' },
  { file: 'local/temporal-gate.ts', imports: '@temporalio/client' },
  { file: 'local/nested/temporal-gate.ts', imports: '@temporalio/client', refusedBy: 'local' },
  { file: 'api/temporal/temporal-client.ts', imports: '@temporalio/client' },
  { file: 'api/nested/temporal-client.ts', imports: '@temporalio/client', refusedBy: 'api' },
  { file: 'cli/a.ts', imports: 'commander' },
  { file: 'cli/b.ts', imports: 'contract/client/target.ts' },
  { file: 'cli/e.ts', imports: 'contract/http/target.ts', asType: true },
  { file: 'cli/f.ts', imports: 'contract/http/target.ts', refusedBy: 'cli' },
  { file: 'cli/c.ts', imports: 'api/target.ts', refusedBy: 'cli' },
  { file: 'cli/d.ts', imports: 'db/target.ts', asType: true, refusedBy: 'cli-types' },
  { file: 'console/a.ts', imports: 'contract/client/target.ts' },
  { file: 'console/b.ts', imports: 'api/target.ts', refusedBy: 'console' },
  { file: 'console/c.ts', imports: 'db/target.ts', asType: true, refusedBy: 'console-types' },
  { file: 'console/features/runs/c.ts', imports: 'console/features/inbox/target.ts', refusedBy: 'features-stand-alone' },
  { file: 'campaign/check/a.ts', imports: 'pg' },
  { file: 'campaign/check/b.ts', imports: 'domain/target.ts', refusedBy: 'campaign-check' },
  { file: 'campaign/check/c.ts', imports: 'db/target.ts', asType: true, refusedBy: 'campaign-check-types' },
  { file: 'campaign/run/a.ts', imports: 'campaign/check/target.ts' },
  { file: 'campaign/run/b.ts', imports: 'db/target.ts', refusedBy: 'campaign-run' },
  { file: 'campaign/run/c.ts', imports: 'activities/target.ts', asType: true, refusedBy: 'campaign-run-types' },
  { file: 'campaign/mutants/a.ts', imports: 'typescript' },
  { file: 'campaign/mutants/b.ts', imports: 'workflows/target.ts', refusedBy: 'campaign-mutants' },
  { file: 'campaign/mutants/c.ts', imports: 'activities/target.ts', asType: true, refusedBy: 'campaign-mutants-types' },
  { file: 'examples/a.ts', imports: 'protocols/sdk/target.ts' },
  { file: 'examples/b.ts', imports: 'domain/target.ts', refusedBy: 'examples' },
  { file: 'examples/c.ts', imports: 'workflows/target.ts', asType: true, refusedBy: 'examples-types' },
  { file: 'workers/a.ts', imports: 'api/target.ts' },
  { file: 'workers/b.ts', imports: 'bench/target.ts', refusedBy: 'nothing-imports-tests' },
  { file: 'db/test-lab.ts', imports: 'local/target.ts' },
  { file: 'db/e.ts', imports: 'db/test-lab.ts', refusedBy: 'nothing-imports-tests' },
  { file: 'workers/c.ts', imports: 'domain/f.test.ts', refusedBy: 'nothing-imports-tests' },
  { file: 'bench/a.ts', imports: 'workers/target.ts' },
  { file: 'test/a.ts', imports: 'workers/target.ts' },
  { file: 'outside/a.ts', imports: 'workers/target.ts', refusedBy: 'nothing-imports-workers' },
  { file: 'workers/d.ts', imports: 'domain/nowhere.ts', refusedBy: 'resolves' },
  { file: 'workers/e.ts', imports: 'workers/f.ts', refusedBy: 'no-cycles' },
  // The other half of the circle, which is told of once.
  { file: 'workers/f.ts', imports: 'workers/e.ts' },
];

/** A rule of its own, so a client in its file must not be able to reach the rest. */
const CLIENT_CASE: Case = { file: 'api/temporal/temporal-client.ts', imports: 'db/target.ts', refusedBy: 'temporal-client' };
const CLIENT_TYPE_CASE: Case = {
  file: 'api/temporal/temporal-client.ts',
  imports: 'activities/target.ts',
  asType: true,
  refusedBy: 'temporal-client-types',
};
const GATE_CASE: Case = { file: 'local/temporal-gate.ts', imports: 'db/target.ts', refusedBy: 'temporal-gate' };
const GATE_TYPE_CASE: Case = {
  file: 'local/temporal-gate.ts',
  imports: 'activities/target.ts',
  asType: true,
  refusedBy: 'temporal-gate-types',
};
/** Each room may import the one below it, and not what joins the rooms. */
const ROOM_CASES: readonly Case[] = listRooms().flatMap(({ folder, room, below }) => [
  ...(below === undefined ? [] : [{ file: `${folder}/${room}/a.ts`, imports: `${folder}/${below}/target.ts` }]),
  { file: `${folder}/${room}/b.ts`, imports: `${folder}/target.ts`, refusedBy: `${folder}/${room}` },
]);
const UPWARD_CASE: Case = { file: 'domain/values/c.ts', imports: 'domain/runs/target.ts', refusedBy: 'domain/values' };
const ALL: readonly Case[] = [...CASES, ...ROOM_CASES, UPWARD_CASE, CLIENT_CASE, CLIENT_TYPE_CASE, GATE_CASE, GATE_TYPE_CASE];

let tree: string;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'praxis-import-law-'));
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  const written = new Map<string, string>();
  for (const [k, { file, imports, asType }] of ALL.entries()) {
    if (/target\.ts$|messages\.ts$/u.test(imports)) written.set(imports, 'export const x = 1;\n');
    const statement = asType ? `import type * as x${k}` : `import * as x${k}`;
    const use = asType ? `export type X${k} = typeof x${k};` : `export { x${k} };`;
    written.set(file, `${written.get(file) ?? ''}${statement} from '${toSpecifier(file, imports)}';\n${use}\n`);
  }
  for (const [file, text] of written) {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), text);
  }
});

afterAll(async () => {
  await rm(tree, { recursive: true, force: true });
});

function toSpecifier(file: string, imports: string): string {
  if (!imports.endsWith('.ts')) return imports;
  const path = relative(dirname(file), imports).replace(/\.ts$/u, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

/** From the names of the rules, `domain/runs`; the lowest room of a folder comes first. */
function listRooms(): readonly { folder: string; room: string; below: string | undefined }[] {
  const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as CruiserConfig;
  const rooms = forbidden.flatMap(({ name }) =>
    name.includes('/') ? [{ folder: name.split('/')[0] ?? '', room: name.split('/')[1] ?? '' }] : [],
  );
  return rooms.map(({ folder, room }, k) => ({ folder, room, below: rooms[k - 1]?.folder === folder ? rooms[k - 1]?.room : undefined }));
}

interface CruiseResult {
  readonly summary: { readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[] };
}

interface CruiserConfig {
  readonly forbidden: readonly { readonly name: string }[];
}

const config = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as CruiserConfig;

test('refuses exactly the violations', async () => {
  const folders = [...new Set(ALL.map(({ file }) => file.split('/')[0] ?? ''))];
  const given = ['--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', ...folders];
  // The exit code counts violations in some versions and not in others; the report is what is read.
  const { stdout } = await promisify(execFile)(process.execPath, [CRUISER, ...given], { cwd: tree, maxBuffer: 64 * 1024 * 1024 });
  const { summary } = JSON.parse(stdout) as CruiseResult;
  const refused = summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`).sort();
  const expected = ALL.flatMap(({ file, refusedBy }) => (refusedBy === undefined ? [] : [`${file}: ${refusedBy}`])).sort();
  expect(refused).toEqual(expected);
});

test('every rule has its violation', () => {
  const proved = new Set(ALL.map(({ refusedBy }) => refusedBy));
  expect(config.forbidden.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
});
