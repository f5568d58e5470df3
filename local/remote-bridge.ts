// A bridge that runs on another machine: it is neither started nor ended here, only asked who it is.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describeBridgePlace, type RemoteBridge } from '../domain/workcells/bridge-place.js';
import { LabError } from '../domain/errors/error.js';
import { findProjectRoot } from '../platform/paths.js';
import type { Settings } from '../platform/settings.js';
import { readCodeHash } from './bridge-process.js';
import { sayHello } from './bridge-wire.js';
import { locateVenv } from './python-venv.js';

const HASH_DIGITS = 8;

/** One line about it, also on code that differs from this project's. Throws BRIDGE_UNREACHABLE, UNAUTHORISED, BAD_SETTING. */
export async function describeRemoteBridge(place: RemoteBridge, settings: Settings): Promise<string> {
  const hello = await sayHello(place);
  if (hello === null) throw new LabError('BRIDGE_UNREACHABLE', { message: `Nobody listens on ${describeBridgePlace(place)}.` });
  const { codeHash, pylabrobot, runningCommands } = hello;
  const ours = await readOwnCodeHash(settings);
  const difference =
    ours === null || ours === codeHash
      ? ''
      : `, not ${ours.slice(0, HASH_DIGITS)} as here: update Praxis there and start it again while nothing runs`;
  return `${describeBridgePlace(place)}, PyLabRobot ${pylabrobot}, ${runningCommands.length} commands running, code ${codeHash.slice(0, HASH_DIGITS)}${difference}`;
}

/** Null where this machine has no environment for a bridge, and so nothing to compare with. */
async function readOwnCodeHash({ cache, python, bridgeExtras: extras }: Settings): Promise<string | null> {
  const folder = path.join(findProjectRoot(), 'bridge');
  const found = await locateVenv({ cache, requirementsFile: path.join(folder, 'requirements.txt'), extras, python }).catch(() => null);
  if (found === null || !existsSync(found.venvPython)) return null;
  return await readCodeHash({ command: [found.venvPython, '-m', 'praxis_bridge'], env: { ...process.env, PYTHONPATH: folder } });
}
