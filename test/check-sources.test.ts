// `praxis check`: every mistake at once with its place, as text and as JSON, without a lab.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findProjectRoot } from '../platform/paths.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-check-'));
  const declare = (name: string, body: string): string =>
    `import { protocolFunction } from 'praxis/sdk';\nexport const ${name} = protocolFunction({ name: '${name}', version: '1.0.0', description: 'D.', isTopLevel: true, parameters: {} }, async (_parameters, _assets, run) => {\n  ${body}\n});\n`;
  await writeFile(path.join(folder, 'good.protocol.ts'), declare('good', `await run.delay({ seconds: 1 });`));
  await writeFile(path.join(folder, 'bad.protocol.ts'), declare('bad', `run.delay({ seconds: 1 });`));
  await writeFile(path.join(folder, 'worse.protocol.ts'), declare('worse', `await run.dealy({ seconds: 1 });`));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function check(...given: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = path.join(findProjectRoot(), 'dist', 'cli', 'praxis.js');
  const env = { ...process.env, PRAXIS_PROTOCOLS: '', PRAXIS_URL: 'http://127.0.0.1:9' };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'check', ...given], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('all of a folder, one file, and nothing', async () => {
  const all = await check();
  expect(all.stdout.split('\n')).toEqual([
    expect.stringMatching(/^bad\.protocol\.ts:3:3: error: Nobody waits for run\.delay.* Remedy: Write await/u),
    expect.stringMatching(/^worse\.protocol\.ts:3:13: error TS2551: .*'dealy'.* Remedy: Write delay\.$/u),
    'Sound: good. 2 errors, 0 warnings.',
    '',
  ]);
  expect(all.code).toBe(1);
  const json = await check('--json', 'worse.protocol.ts');
  expect(JSON.parse(json.stdout)).toMatchObject({
    protocols: [],
    reports: [{ severity: 'error', file: path.join(folder, 'worse.protocol.ts'), line: 3, column: 13, code: 'TS2551' }],
  });
  expect(json.code).toBe(1);
  expect(await check('gone.protocol.ts')).toMatchObject({ code: 2, stderr: expect.stringContaining('is not there') });
}, 600_000);
