// Whoever waits for a command is told first and its END is written later: a bridge that ends in between has told of a success
// that nobody can prove.

import { signalProcess } from '../../local/process-identity.js';
import type { MutantOfLab } from './mutant.js';

const LATER_S = 5;

export const endAfterReply: MutantOfLab = {
  number: 5,
  name: 'END after reply',
  caughtBy: ['I2'],
  replacements: [
    {
      file: 'bridge/praxis_bridge/commands/outcome.py',
      old: '        if state is not None:\n            state.accept(body["delta"])\n        if written is None:\n',
      new: '        if state is not None:\n            state.accept(body["delta"])\n        if written == "later":\n            return\n        if written is None:\n',
    },
    {
      file: 'bridge/praxis_bridge/commands/outcome.py',
      old: '                running.trace.write([entry])\n                written = None\n',
      new: `                import asyncio\n                finish(running, body["outcome"])\n                asyncio.get_running_loop().call_later(${LATER_S}, running.trace.write, [entry])\n                written = "later"\n`,
    },
  ],
  provoke: async ({ rig, start, waitForStatus }) => {
    const runId = await start('liquid_program', [{ do: 'stroke', well: 'C1', volumeUl: 5 }, { do: 'delay', ms: 200 }, { do: 'ask' }]);
    await waitForStatus(runId, ['needs-operator', 'completed', 'failed']);
    const { bridge } = rig.listPids();
    if (bridge !== undefined) signalProcess(bridge, 'SIGKILL');
  },
};
