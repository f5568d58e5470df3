// The Python environment: made for real, found again at once, and refused in a sentence where Python will not do.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProjectRoot } from '../platform/paths.js';
import { BRIDGE_EXTRAS } from '../platform/settings.js';
import { findPython, prepareVenv } from './python-venv.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-venv-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeFile(name: string, text: string, mode = 0o644): string {
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode });
  return file;
}

describe('prepareVenv', () => {
  test('makes an environment once for a content of the requirements', async () => {
    const cache = path.join(folder, 'cache');
    const requirementsFile = writeFile('requirements.txt', '# Nothing is needed here.\n');
    const first = await prepareVenv({ cache, requirementsFile, python: null });
    expect(execFileSync(first, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' }).trim()).toBe(
      path.dirname(path.dirname(first)),
    );
    const { ino } = statSync(path.dirname(first));
    expect(await prepareVenv({ cache, requirementsFile, python: null })).toBe(first);
    expect(statSync(path.dirname(first)).ino).toBe(ino);

    writeFile('requirements.txt', '# Another content.\n');
    expect(await prepareVenv({ cache, requirementsFile, python: null })).not.toBe(first);
  });

  test('every set of packages for instruments installs, and its modules can be imported', async () => {
    const cache = path.join(folder, 'cache');
    const requirementsFile = writeFile('requirements.txt', '# Nothing is needed here.\n');
    for (const extra of BRIDGE_EXTRAS)
      copyFileSync(path.join(findProjectRoot(), 'bridge', `requirements-${extra}.txt`), path.join(folder, `requirements-${extra}.txt`));
    const python = await prepareVenv({ cache, requirementsFile, extras: BRIDGE_EXTRAS, python: null });
    // The library of HID devices is the system's; its package says so when it is imported without.
    const modules = ['serial', 'usb', 'libusb_package', 'pylibftdi', 'pymodbus', 'ot_api'];
    const script = `import importlib.metadata as m, importlib.util as u; m.version('hid'); print([name for name in ${JSON.stringify(modules)} if u.find_spec(name) is None])`;
    expect(execFileSync(python, ['-c', script], { encoding: 'utf8' }).trim()).toBe('[]');
  }, 240_000);

  test('a package without a hash is refused and leaves no half-made environment', async () => {
    const cache = path.join(folder, 'cache');
    const requirementsFile = writeFile('requirements.txt', 'typing_extensions==4.12.2\n');
    await expect(prepareVenv({ cache, requirementsFile, python: null })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('hash'),
    });
    expect(readdirSync(cache)).toEqual([]);
  });
});

test('a Python that is too old is named with its version', async () => {
  const old = writeFile('python-old', '#!/bin/sh\nprintf "/usr/bin/python\\n3\\n9\\n"\n', 0o755);
  await expect(findPython(old)).rejects.toMatchObject({ code: 'TOOL_MISSING', message: expect.stringContaining('version 3.9') });
});
