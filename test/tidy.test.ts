// What linters cannot say of the tree: folders, headers, names, hosts, pins, codes, links, lengths.
// Each test collects every offence, so that one run tells all there is to mend.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERRORS } from '../domain/errors/error.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const LINES_MAX = 300;
/** Tests are lists of cases, which are read one at a time. */
const TEST_LINES_MAX = 400;

/** Files that were longer when the limit came, with their length then; they may shrink and never grow. */
const LONGER_FILES: Readonly<Record<string, number>> = {};

/** Word in a file or folder name → what to do instead. */
const BANNED_NAMES: Readonly<Record<string, string>> = {
  util: 'name the one thing that is in it',
  utils: 'name the one thing that is in it',
  helper: 'name what it helps to do',
  helpers: 'name what they help to do',
  common: 'name what is shared',
  misc: 'give each thing a file',
  manager: 'say what it does to what: reserve-assets, bridge-client',
};

/** Folders that hold TypeScript and no list of their own: they may import what they join, test or measure. */
const FREE_FOLDERS = ['workers', 'test', 'bench', 'tools'];

/** Files beside the rooms of a folder: they join the rooms, and none of these imports them. */
const JOINTS = [
  ...['api/create-app.ts', 'api/serve-api.ts', 'cli/praxis.ts', 'db/test-lab.ts', 'workflows/index.ts', 'workflows/manual-command.ts'],
  ...['workflows/open-engine.ts', 'workflows/run-child.ts', 'workflows/run-workflow.ts', 'workflows/track-call.ts'],
];

/** Committed, or about to be: what is ignored by git is nobody's concern. */
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile());
const sources = tracked.filter((path) => /\.(?:ts|mjs|cjs|py)$/u.test(path));
const documents = tracked.filter((path) => path.endsWith('.md'));
const texts = tracked.filter((path) => /\.(?:ts|mjs|cjs|py|md|json|ya?ml|toml|txt|sh|ini|cfg|html|css)$|^[^.]+$|(?:^|\/)run$/u.test(path));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function readJson(path: string): unknown {
  return JSON.parse(read(path));
}

function toTopFolder(path: string): string {
  return path.split('/')[0] ?? '';
}

const topFolders = [...new Set(tracked.filter((path) => path.includes('/') && !path.startsWith('.')).map(toTopFolder))].sort();

describe('folders', () => {
  test('are those on the map of ARCHITECTURE.md', () => {
    // A line of the map begins with the folder's name and a slash, be it in a code block, a list or a table.
    const mapped = [...read('ARCHITECTURE.md').matchAll(/^[\s|*-]*`?([\w-]+)\/`?(?=\s|\|)/gmu)].map(([, name = '']) => name);
    expect([...new Set(mapped)].sort()).toEqual(topFolders);
  });

  test('with TypeScript have a list in the import law', () => {
    const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
      forbidden: readonly { readonly from: { readonly path?: string } }[];
    };
    const listed = forbidden.flatMap(({ from }) => /^\^(\w+)\//u.exec(from.path ?? '')?.[1] ?? []);
    const withTypeScript = new Set(tracked.filter((path) => path.includes('/') && path.endsWith('.ts')).map(toTopFolder));
    expect([...withTypeScript].filter((folder) => !listed.includes(folder) && !FREE_FOLDERS.includes(folder))).toEqual([]);
  });

  test('of nouns hold rooms, and beside them only what joins the rooms', () => {
    const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
      forbidden: readonly { readonly name: string }[];
    };
    const rooms = forbidden.flatMap(({ name }) => (name.includes('/') ? [name] : []));
    const inFolders = tracked.filter(
      (path) => path.endsWith('.ts') && !path.includes('.test.') && rooms.some((room) => toTopFolder(room) === toTopFolder(path)),
    );
    expect(inFolders.filter((path) => !rooms.some((room) => path.startsWith(`${room}/`)) && !JOINTS.includes(path))).toEqual([]);
    expect([...rooms, ...JOINTS].filter((place) => !tracked.some((path) => path === place || path.startsWith(`${place}/`)))).toEqual([]);
  });

  test('and files have names that say what is in them', () => {
    const offences = tracked.flatMap((path) =>
      path
        .split(/[/._-]/u)
        .filter((word) => Object.hasOwn(BANNED_NAMES, word))
        .map((word) => `${path}: '${word}'; ${BANNED_NAMES[word] ?? ''}`),
    );
    expect(offences).toEqual([]);
  });

  test('TypeScript files are named in kebab-case', () => {
    expect(sources.filter((path) => path.endsWith('.ts') && !/^[a-z0-9.-]+$/u.test(path.split('/').at(-1) ?? ''))).toEqual([]);
  });
});

describe('every source file', () => {
  test('opens with what it is responsible for', () => {
    const headless = sources.filter((path) => {
      const text = read(path).replace(/^#!.*\n/u, '');
      // An empty __init__.py only marks a package.
      return text.trim() !== '' && !(path.endsWith('.py') ? /^(?:#|"""|''')\s*\S/u : /^(?:\/\/|\/\*\*?)\s*\S/u).test(text);
    });
    expect(headless).toEqual([]);
  });

  test('has at most 300 lines, a test 400', () => {
    const lengths = sources.map((path) => ({ path, lines: read(path).trimEnd().split('\n').length, limit: toLimit(path) }));
    const tooLong = lengths.filter(({ path, lines, limit }) => lines > (LONGER_FILES[path] ?? limit));
    expect(tooLong).toEqual([]);
    const settled = Object.keys(LONGER_FILES).filter((path) => !lengths.some((file) => file.path === path && file.lines > file.limit));
    expect(settled).toEqual([]);
  });

  test('holds no notes to oneself and no silenced checks without a reason', () => {
    // Written apart, so that this file does not offend.
    const note = new RegExp(
      `\\b(?:${[
        ['TO', 'DO'],
        ['FIX', 'ME'],
        ['X', 'XX'],
      ]
        .map((parts) => parts.join(''))
        .join('|')})\\b`,
      'u',
    );
    const silenced = /eslint-disable(?!.*--\s*\S)/u;
    const offences = sources.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, k) =>
          note.test(line) || (silenced.test(line) && path !== 'test/tidy.test.ts') ? [`${path}:${k + 1}: ${line.trim()}`] : [],
        ),
    );
    expect(offences).toEqual([]);
  });
});

describe('the project stands alone', () => {
  test('no file names a place on one machine or a package registry', () => {
    const hosts = ['registry npmjs org', 'npmmirror com', 'pypi org', 'pythonhosted org', 'proxy golang org'];
    // The short folder for sockets is the one path that must be the same for everybody.
    const places = ['work/', 'root/', 'home/\\w', 'Users/\\w', 'tmp/(?!praxis)\\w'].map((place) => `(?<![\\w.])/${place}`);
    const forbidden = new RegExp([...hosts.map((host) => host.replaceAll(' ', '\\.')), ...places].join('|'), 'u');
    const offences = texts.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, k) => (forbidden.test(line) ? [`${path}:${k + 1}: ${line.trim().slice(0, 120)}`] : [])),
    );
    expect(offences).toEqual([]);
  });

  test('the lock file carries no addresses', () => {
    expect(
      read('package-lock.json')
        .match(/"resolved":\s*"https?:[^"]*"/gu)
        ?.slice(0, 5) ?? [],
    ).toEqual([]);
  });

  test('packages are pinned exactly', () => {
    const manifest = readJson('package.json') as Record<string, Readonly<Record<string, string>> | undefined>;
    const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'];
    const pins = fields.flatMap((field) => Object.entries(manifest[field] ?? {}));
    expect(pins.length).toBeGreaterThan(0);
    expect(pins.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/u.test(version))).toEqual([]);
  });

  test('Python packages are pinned exactly, with hashes', () => {
    const files = tracked.filter((path) => /(?:^|\/)requirements[\w-]*\.txt$/u.test(path));
    expect(files).not.toEqual([]);
    const offences = files.flatMap((path) =>
      read(path)
        .replace(/\\\n/gu, ' ')
        .split('\n')
        .filter((line) => /^\w/u.test(line) && !(/^[\w.[\]-]+==[\w.]+[\s;]/u.test(line) && line.includes('--hash=sha256:')))
        .map((line) => `${path}: ${line.slice(0, 60)}`),
    );
    expect(offences).toEqual([]);
  });
});

describe('numbers, codes and words agree', () => {
  test('every error code is raised somewhere or documented', () => {
    const places = tracked.filter(
      (path) =>
        path !== 'domain/errors/error.ts' &&
        !path.startsWith('domain/errors/') &&
        !path.includes('.test.') &&
        /\.(?:ts|py|md)$/u.test(path),
    );
    const everything = places.map(read).join('\n');
    expect(Object.keys(ERRORS).filter((code) => !new RegExp(`\\b${code}\\b`, 'u').test(everything))).toEqual([]);
  });

  test('no path of the API is written by hand: clients name its operations', () => {
    const places = tracked.filter(
      (path) => /\.(?:ts|mjs|cjs|py)$/u.test(path) && !path.endsWith('.test.ts') && path !== 'contract/words/api.ts',
    );
    // Temporal has an API of its own that begins alike.
    expect(places.filter((path) => /\/api\/v1(?!\/namespaces)/u.test(read(path)))).toEqual([]);
  });

  test('every error code stands in one place', () => {
    const tables = tracked.filter((path) => path.startsWith('domain/errors/'));
    const codes = tables.flatMap((path) => [...read(path).matchAll(/^ {2}([A-Z_]+): toEntry\(/gmu)].map(([, code = '']) => code));
    expect(codes.sort()).toEqual(Object.keys(ERRORS).sort());
  });

  test('every error code says what a person can do', () => {
    const offences = Object.entries(ERRORS).filter(
      ([, { title, remedy }]) => !/^[A-Z].*[^.]$/u.test(title) || !/^[A-Z].*\.$/u.test(remedy),
    );
    expect(offences.map(([code]) => code)).toEqual([]);
  });

  test('migrations count from 1 without gaps, and each is listed', () => {
    const names = tracked.flatMap((path) => /^db\/migrations\/(\d{4}-[a-z0-9-]+)\.ts$/u.exec(path)?.[1] ?? []).sort();
    expect(names.map((name) => name.slice(0, 4))).toEqual(names.map((_, k) => String(k + 1).padStart(4, '0')));
    expect(names.filter((name) => !read('db/connection/migrate.ts').includes(`'${name}'`))).toEqual([]);
    const strangers = tracked.filter((path) => path.startsWith('db/migrations/') && !/\/\d{4}-[a-z0-9-]+(?:\.test)?\.ts$/u.test(path));
    expect(strangers).toEqual([]);
  });

  test('every package has its reason, and every reason its package', () => {
    const manifest = readJson('package.json') as Record<string, Readonly<Record<string, string>> | undefined>;
    const packages = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) => Object.keys(manifest[field] ?? {}));
    const reasons = [...read('docs/decisions/dependencies.md').matchAll(/^\| `([^`]+)` \|/gmu)].map(([, name = '']) => name);
    expect(reasons.sort()).toEqual(packages.sort());
  });
});

test('links in documents lead somewhere', () => {
  const offences = documents.flatMap((path) =>
    [
      ...read(path)
        .replace(/```[\s\S]*?```/gu, '')
        .matchAll(/\]\(([^)\s]+)\)/gu),
    ]
      .map(([, target = '']) => target)
      .filter(
        (target) => !/^(?:[a-z]+:|#)/u.test(target) && !existsSync(join(ROOT, normalize(join(dirname(path), target.split('#')[0] ?? '')))),
      )
      .map((target) => `${path}: ${target}`),
  );
  expect(offences).toEqual([]);
});

test('documents name files that exist', () => {
  const inFolder = new RegExp(`\`((?:${topFolders.join('|')})/[\\w./-]+\\.\\w+)\``, 'gu');
  const offences = documents.flatMap((path) =>
    [...read(path).matchAll(inFolder)]
      .filter(([, target = '']) => !existsSync(join(ROOT, target)))
      .map(([, target = '']) => `${path}: ${target}`),
  );
  expect(offences).toEqual([]);
});

test('links to headings lead to one', () => {
  const offences = documents.flatMap((path) =>
    [
      ...read(path)
        .replace(/```[\s\S]*?```/gu, '')
        .matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/gu),
    ].flatMap(([, file = '', anchor = '']) => {
      const target = file === '' ? path : normalize(join(dirname(path), file));
      return existsSync(join(ROOT, target)) && !listAnchors(target).includes(anchor) ? [`${path}: ${file}#${anchor}`] : [];
    }),
  );
  expect(offences).toEqual([]);
});

test('scripts that are run by name may be executed', () => {
  const [mode] = execFileSync('git', ['ls-files', '-s', '.ci/run'], { cwd: ROOT, encoding: 'utf8' }).split(' ');
  expect(mode).toBe('100755');
});

function toLimit(path: string): number {
  return /\.test\.ts$|\/test_[^/]*\.py$/u.test(path) ? TEST_LINES_MAX : LINES_MAX;
}

/** Anchors of a document's headings, as repository hosts make them. */
function listAnchors(path: string): readonly string[] {
  return [...read(path).matchAll(/^#+ (.*)$/gmu)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/gu, '-'),
  );
}

describe('the tests', () => {
  test('take no longer than npm test may: each stage declares its minutes', async () => {
    const { PREPARATION_LIMIT_MIN, STAGES, TEST_LIMIT_MIN } = (await import(join(ROOT, 'tools', 'test-stages.mjs'))) as {
      readonly PREPARATION_LIMIT_MIN: number;
      readonly STAGES: readonly { readonly limitMin: number }[];
      readonly TEST_LIMIT_MIN: number;
    };
    expect(STAGES.reduce((sum, { limitMin }) => sum + limitMin, PREPARATION_LIMIT_MIN)).toBeLessThanOrEqual(TEST_LIMIT_MIN);
  });
});
