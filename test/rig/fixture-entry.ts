// The first file of a bundle for the engine's rig: the run workflow over the protocols of one fixture.

import path from 'node:path';

/** `fixture` is a path below the project's root; what comes back is for `entry` of startEngine. */
export function toFixtureEntry(fixture: string): (root: string) => string[] {
  return (root) => [
    `import { createRunWorkflow } from ${JSON.stringify(path.join(root, 'workflows', 'index.ts'))};`,
    `import * as fixtures from ${JSON.stringify(path.join(root, fixture))};`,
    'export default createRunWorkflow([fixtures]);',
  ];
}
