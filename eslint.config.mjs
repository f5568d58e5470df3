// What lint refuses, folder by folder. STYLE.md gives the reason of each rule; imports are held by .dependency-cruiser.cjs.

import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const REPLAY_SAFE = ['domain/**/*.ts', 'protocols/sdk/**/*.ts', 'protocols/library/**/*.ts', 'workflows/**/*.ts'];
const TESTS = ['**/*.test.ts', '**/test-*.ts', 'test/**/*.ts'];
/** People read what these print; everything else logs. */
const SPEAKING = ['cli/**/*.ts', 'local/lab.ts', 'local/doctor.ts', 'bench/**/*.ts', 'campaign/**/*.ts', 'tools/**/*.ts'];

const BECAUSE_REPLAYED =
  'This code is replayed, and must give the same at every replay: take the value as an argument, or from run.now() and run.random().';
const NOT_REPLAYED = [
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask'],
  ...['crypto', 'process', 'fetch', 'WebSocket', 'XMLHttpRequest', 'AbortSignal', 'WeakRef', 'FinalizationRegistry'],
  // The sandbox of the workflows has none of these.
  ...['Buffer', 'structuredClone', 'require', 'global'],
];

const BARE_ERROR = {
  selector: 'ThrowStatement > NewExpression[callee.name=/^(Error|TypeError|RangeError)$/]',
  message:
    'Throw a LabError with a code of domain/errors/error.ts, so that the reader is told what to do; invariant() for what cannot happen.',
};
const DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Export by name, so that a search finds every use.' };
const ENUM = { selector: 'TSEnumDeclaration', message: 'Write a const list and the union of its members.' };
const RANDOM = { selector: "MemberExpression[object.name='Math'][property.name='random']", message: BECAUSE_REPLAYED };
const THROUGH_GLOBAL = {
  selector: `MemberExpression[object.name='globalThis'][property.name=/^(${NOT_REPLAYED.join('|')})$/]`,
  message: BECAUSE_REPLAYED,
};
const LOCALE = {
  selector: 'CallExpression[callee.property.name=/^(toLocale|localeCompare)/]',
  message: 'The result depends on the language of the machine; compare and format by code unit.',
};

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.praxis/**', 'coverage/**', 'bridge/**', 'test/fixtures/**'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-ignore': true, 'ts-nocheck': true, 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 20 },
      ],
      // Numbers in texts are what most of our texts are about.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A name that begins with _ says that the position is taken and the value is not used.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // `Promise<R | void>` is how the SDK says that a body may return nothing.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Arrow functions that only hand on a call read better in one line.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      // Type parameters that carry a type to the caller appear once, in the result.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // It takes a flag that a closure sets during an await for a constant.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-restricted-imports': ['error', { paths: builtinModules.map((name) => ({ name, message: `Write node:${name}.` })) }],
      'no-restricted-syntax': ['error', BARE_ERROR, DEFAULT_EXPORT, ENUM],
    },
  },
  {
    files: REPLAY_SAFE,
    ignores: TESTS,
    rules: {
      'no-restricted-globals': ['error', ...NOT_REPLAYED.map((name) => ({ name, message: BECAUSE_REPLAYED }))],
      'no-restricted-syntax': ['error', BARE_ERROR, DEFAULT_EXPORT, ENUM, RANDOM, THROUGH_GLOBAL, LOCALE],
    },
  },
  {
    // The body of a workflow or protocol is a recipe that is read from top to bottom.
    files: ['workflows/**/*.ts', 'protocols/library/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }] },
  },
  { files: SPEAKING, rules: { 'no-console': 'off' } },
  // Whoever runs a tool or benchmark reads the stack too.
  { files: ['tools/**/*.ts', 'bench/**/*.ts', 'campaign/**/*.ts'], rules: { 'no-restricted-syntax': ['error', DEFAULT_EXPORT, ENUM] } },
  {
    files: TESTS,
    rules: {
      // A describe block is one function, and a test may tell a whole story.
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-console': 'off',
      // The row of a table of cases is a list of arguments.
      'max-params': 'off',
      // Tests throw plain errors to play a part, and look at what is surely there.
      'no-restricted-syntax': ['error', DEFAULT_EXPORT, ENUM],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    // Rows of tables of cases, whose functions have their type from the table.
    files: ['campaign/check/test-*.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  {
    // Tools are plain JavaScript, so that they run before anything is built.
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { ecmaVersion: 2023 },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
    },
  },
  {
    // What a component or a query returns is said by its being one.
    files: ['console/**/*.tsx', 'console/live/queries.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
