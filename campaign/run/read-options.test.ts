// Who asks a program of the campaign for help is told how it is called, and so is who gives what it does not know.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { findProjectRoot } from '../../platform/paths.js';

const PROGRAMS = [
  ['campaign', 'run/campaign.js'],
  ['mutants', 'mutants/main.js'],
] as const;

test.each(PROGRAMS)('%s tells how it is called, and begins nothing', (name, file) => {
  const program = path.join(findProjectRoot(), 'dist', 'campaign', file);
  for (const [option, status] of [
    ['--help', 0],
    ['--unknown', 2],
  ] as const) {
    const ended = spawnSync(process.execPath, [program, option], { encoding: 'utf8' });
    expect(ended.status).toBe(status);
    const [told, other] = option === '--help' ? [ended.stdout, ended.stderr] : [ended.stderr, ended.stdout];
    expect(told).toContain(`npm run ${name} --`);
    expect(told).not.toMatch(/^\s+at /mu);
    expect(other).toBe('');
  }
});
