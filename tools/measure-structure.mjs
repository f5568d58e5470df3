// npm run measure: how the house is built, in figures that can be compared before and after a change: rooms (folders) and arrows (imports
// between them) of each part, floors, arrows that close a circle, long files and functions, and what has no type. Tests are left out.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const PARTS = ['contract', 'domain', 'db', 'api', 'cli', 'workflows', 'activities', 'station', 'protocols', 'local', 'workers', 'campaign'];
const BRIDGE = 'bridge/praxis_bridge';
const LONG_FILE_LINES = 250;
const LONG_FUNCTION_LINES = 70;

const HELP = `npm run measure [-- --json]

  Prints rooms and arrows of each part, floors, arrows up (those that close a circle), files over ${LONG_FILE_LINES} lines,
  functions over ${LONG_FUNCTION_LINES}, and how many any (TypeScript) and Any (Python) stand in a thousand lines. Changes nothing.`;

const options = new Set(process.argv.slice(2));
if (options.has('--help')) console.log(HELP);
else if ([...options].some((option) => option !== '--json')) {
  console.error(`Unknown: ${[...options].join(' ')}\n\n${HELP}`);
  process.exitCode = 2;
} else print(measure());

function measure() {
  const root = path.resolve(import.meta.dirname, '..');
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.py'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = new Map(
    listed
      .split('\n')
      .filter(isProduct)
      .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
  );
  const parts = [...PARTS.map((part) => measurePart(part, files, listTypeScriptImports)), measurePart(BRIDGE, files, listPythonImports)];
  const inTypeScript = [...files].filter(([file]) => file.endsWith('.ts'));
  const inBridge = [...files].filter(([file]) => file.startsWith(`${BRIDGE}/`));
  return {
    parts: parts.filter(({ rooms }) => rooms > 0),
    longFiles: [...files].map(([file, text]) => ({ file, lines: countLines(text) })).filter(({ lines }) => lines > LONG_FILE_LINES),
    longFunctions: inTypeScript.flatMap(([file, text]) => listLongFunctions(file, text)),
    anyPerKloc: { typescript: perKloc(inTypeScript, /\bany\b(?=\s*[;,)>\]=[])/gu), python: perKloc(inBridge, /\bAny\b/gu) },
  };
}

function isProduct(file) {
  return file !== '' && !/\.test\.ts$|(?:^|\/)test_|^test\/|^bridge\/tests\/|\.d\.ts$/u.test(file);
}

/** Rooms are folders; an arrow stands for all imports from one room to another of the same part. */
function measurePart(part, files, listImports) {
  const own = [...files].filter(([file]) => file.startsWith(`${part}/`));
  const rooms = new Set(own.map(([file]) => path.posix.dirname(file)));
  const arrows = new Map([...rooms].map((room) => [room, new Set()]));
  for (const [file, text] of own)
    for (const target of listImports(file, text, files)) {
      const [from, to] = [path.posix.dirname(file), path.posix.dirname(target)];
      if (from !== to && rooms.has(to)) arrows.get(from).add(to);
    }
  const count = [...arrows.values()].reduce((sum, targets) => sum + targets.size, 0);
  return { part, rooms: rooms.size, arrows: count, ...measureFloors(arrows) };
}

/** The longest way downwards; rooms of one circle stand on one floor. */
function measureFloors(arrows) {
  const floorOf = new Map();
  const isLower = (target) => floorOf.has(target);
  const circle = [...arrows.keys()].filter((room) => reaches(room, room, arrows));
  while (floorOf.size < arrows.size) {
    const waiting = [...arrows.keys()].filter((room) => !floorOf.has(room));
    // Everything that it needs stands below, or stands with it in a circle.
    const isNext = (room) => [...reachFrom(room, arrows)].every((target) => isLower(target) || reaches(target, room, arrows));
    for (const room of waiting.filter(isNext)) {
      const lower = (target) => isLower(target) && !reaches(target, room, arrows);
      const below = [...reachFrom(room, arrows)].filter(lower).map((target) => floorOf.get(target));
      floorOf.set(room, Math.max(0, ...below) + 1);
    }
  }
  const inCircles = circle.reduce((sum, room) => sum + [...arrows.get(room)].filter((target) => reaches(target, room, arrows)).length, 0);
  return { floors: Math.max(0, ...floorOf.values()), inCircles, circle };
}

function reachFrom(room, arrows) {
  const seen = new Set(arrows.get(room));
  for (const each of seen) for (const next of arrows.get(each)) seen.add(next);
  return seen;
}

function reaches(from, to, arrows) {
  return reachFrom(from, arrows).has(to);
}

function listTypeScriptImports(file, text, files) {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/gu)].map(([, specifier]) => specifier);
  return specifiers
    .map((specifier) => path.posix.join(path.posix.dirname(file), specifier.replace(/\.js$/u, '.ts')))
    .filter((target) => files.has(target));
}

function listPythonImports(file, text, files) {
  const targets = [];
  for (const [, dots, name, inner] of text.matchAll(/^\s*from\s+(\.*)([\w.]*)\s+import\s+\(?([^#\n]*)/gmu)) {
    // One dot is the file's own folder; each further one, a folder above.
    const folder =
      dots === '' ? path.posix.dirname(BRIDGE) : path.posix.join(path.posix.dirname(file), ...Array(dots.length - 1).fill('..'));
    const module = path.posix.join(folder, ...name.split('.'));
    const modules = inner.split(',').map((each) => path.posix.join(module, each.trim().split(' ')[0]));
    targets.push(...[module, ...modules].flatMap((each) => [`${each}.py`, `${each}/__init__.py`]).filter((each) => files.has(each)));
  }
  return targets;
}

function listLongFunctions(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body) {
      const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const lines = source.getLineAndCharacterOfPosition(node.end).line - first + 1;
      if (lines > LONG_FUNCTION_LINES) found.push({ file, name: node.name?.getText() ?? 'anonymous', line: first + 1, lines });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function countLines(text) {
  return text.trimEnd().split('\n').length;
}

function perKloc(files, pattern) {
  const lines = files.reduce((sum, [, text]) => sum + countLines(text), 0);
  const found = files.reduce((sum, [, text]) => sum + (withoutComments(text).match(pattern)?.length ?? 0), 0);
  return Math.round((found / Math.max(1, lines)) * 10_000) / 10;
}

/** Words in comments and texts are no types. */
function withoutComments(text) {
  return text.replace(/\/\*[^]*?\*\/|\/\/.*|#.*|"""[^]*?"""|'[^'\n]*'|`[^`]*`/gu, '');
}

function print(measures) {
  if (options.has('--json')) {
    console.log(JSON.stringify(measures, null, 2));
    return;
  }
  console.log(`${'part'.padEnd(24)} rooms  arrows  floors  arrows in circles`);
  for (const { part, rooms, arrows, floors, inCircles, circle } of measures.parts) {
    const cells = [String(rooms).padStart(5), String(arrows).padStart(7), String(floors).padStart(7), String(inCircles).padStart(18)];
    console.log(`${part.padEnd(24)} ${cells.join(' ')}${circle.length > 0 ? `  ${circle.join(', ')}` : ''}`);
  }
  const { longFiles, longFunctions, anyPerKloc } = measures;
  console.log(`\nfiles over ${LONG_FILE_LINES} lines: ${longFiles.length}`);
  for (const { file, lines } of longFiles) console.log(`  ${String(lines).padStart(4)} ${file}`);
  console.log(`functions over ${LONG_FUNCTION_LINES} lines: ${longFunctions.length}`);
  for (const { file, name, line, lines } of longFunctions) console.log(`  ${String(lines).padStart(4)} ${file}:${line} ${name}`);
  console.log(`any in 1,000 lines of TypeScript: ${anyPerKloc.typescript}; Any in 1,000 lines of the bridge: ${anyPerKloc.python}`);
}
