// How tests run: native ESM, types stripped by swc and checked elsewhere (npm run check:types).
// Projects: `beside` are the tests next to the file they test, `across` those in test/ that cross folders, `long` those that
// take minutes and are run by `npm run test:long` (whole files in test/long/, and what others mark by `describeLong`), `tidy` the
// laws of the tree itself.
// Node must be started with --experimental-vm-modules; npm test does that.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAWS = ['<rootDir>/test/tidy.test.ts', '<rootDir>/test/import-law.test.ts'];

/** Files that leave some of their tests to the long run. */
const PARTLY_LONG = ['local', 'rehearsal', 'test'].flatMap((folder) => {
  const root = dirname(fileURLToPath(import.meta.url));
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.test.ts') && readFileSync(join(root, folder, name), 'utf8').includes('describeLong('))
    .map((name) => `<rootDir>/${folder}/${name}`);
});

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion: '2023-11' },
        },
      },
    ],
  },
  moduleNameMapper: {
    '^praxis/sdk$': '<rootDir>/protocols/sdk/index.ts',
    // TypeScript sources name the compiled file; only relative paths of our own are mapped back.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.praxis/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '<rootDir>/.praxis/', '<rootDir>/test/fixtures/'],
};

export default {
  // Real services start inside these tests; a test that takes longer hangs.
  testTimeout: 120_000,
  maxWorkers: 2,
  testSequencer: '<rootDir>/tools/slow-tests-first.mjs',
  projects: [
    {
      ...shared,
      displayName: 'beside',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '<rootDir>/test/'],
    },
    {
      ...shared,
      displayName: 'across',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, ...LAWS, '<rootDir>/test/long/'],
    },
    { ...shared, displayName: 'long', testMatch: ['<rootDir>/test/long/**/*.test.ts', ...PARTLY_LONG] },
    { ...shared, displayName: 'tidy', testMatch: LAWS },
  ],
};
