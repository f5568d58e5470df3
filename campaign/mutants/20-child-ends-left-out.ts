// Ends of children that were told and not yet heard of are forgotten when the parent continues as new.

import type { MutantOfTest } from './mutant.js';

export const childEndsLeftOut: MutantOfTest = {
  number: 20,
  name: 'ends of children left out',
  replacements: [{ file: 'workflows/continue-as-new.ts', old: '    childEnds: children.listEnds(new Set(Object.keys(open).map((id) => toChildWorkflowId(input.runId, id)))),\n', new: '    childEnds: children.listEnds(new Set(Object.keys(open).slice(0, 0).map((id) => toChildWorkflowId(input.runId, id)))),\n' }],
  test: { file: 'test/children.test.ts', title: 'are all heard once, with what they changed' },
};
