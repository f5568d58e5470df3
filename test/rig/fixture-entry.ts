// The first file of a bundle for the engine's rig: the run workflow over the protocols of some fixtures.

import path from 'node:path';

/** Each is a path below the project's root; what comes back is for `entry` of startEngine. */
export function toFixtureEntry(...fixtures: readonly string[]): (root: string) => string[] {
  return (root) => [
    `import { createRunWorkflow } from ${JSON.stringify(path.join(root, 'workflows', 'index.ts'))};`,
    ...fixtures.map((fixture, k) => `import * as fixtures${k} from ${JSON.stringify(path.join(root, fixture))};`),
    `export default createRunWorkflow([${fixtures.map((_, k) => `fixtures${k}`).join(', ')}]);`,
  ];
}
