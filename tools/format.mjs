// npm run format: lays all sources out, TypeScript and JavaScript by Biome, Python by the ruff of the tests' environment.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PREPARATIONS } from './test-stages.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const world = { root, cwd: root, env: { ...process.env }, patterns: [], python: undefined };
for (const preparation of ['packages', 'build', 'python']) await PREPARATIONS[preparation](world);
const run = (program, args) => spawnSync(program, args, { stdio: 'inherit' }).status ?? 1;
const isDone = [
  run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', '.']),
  run(world.python, ['-m', 'ruff', 'format', '--config', 'bridge/ruff.toml', 'bridge', 'bench', 'examples']),
].every((status) => status === 0);
process.exitCode = isDone ? 0 : 1;
