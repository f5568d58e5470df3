// SENT is written together with the end: a bridge that ends in the middle of a motion knows nothing of it.

import { loseInCommand } from './lose-in-command.js';
import type { MutantOfLab } from './mutant.js';

export const sentAfterSending: MutantOfLab = {
  number: 4,
  name: 'SENT written after sending',
  caughtBy: ['I1'],
  replacements: [{ file: 'bridge/praxis_bridge/journal/trace.py', old: 'self.write([sent])', new: 'self._unwritten.append(sent)' }],
  provoke: loseInCommand('bridge'),
};
