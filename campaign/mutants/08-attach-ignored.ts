// The bridge runs what it is asked to run: the same id again acts again.

import { loseInCommand } from './lose-in-command.js';
import type { MutantOfLab } from './mutant.js';

export const attachIgnored: MutantOfLab = {
  number: 8,
  name: 'attach ignored',
  caughtBy: ['I1'],
  replacements: [
    {
      file: 'bridge/praxis_bridge/commands/under_way.py',
      old: '        running = self._running.get(request.id)\n        if running is not None:\n            request.require_same',
      new: '        running: Running | None = None\n        if running is not None:\n            request.require_same',
    },
    {
      file: 'bridge/praxis_bridge/commands/answers.py',
      old: 'entries = self._journal.read_command(request.id)',
      new: 'entries: list[Entry] = []',
    },
  ],
  provoke: loseInCommand('workcell-worker'),
};
