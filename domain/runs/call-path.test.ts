// Paths of calls within calls and parts of calls.

import { toCallLabel, toCallOf, toParentCall } from './call-path.js';

test.each([
  ['a', 'a', '', 'a'],
  ['a/b.2', 'a/b.2', 'a', 'b.2'],
  ['a[1.57]', 'a', '', 'a[1.57]'],
  ['a[1.57]/fit.1', 'a[1.57]/fit.1', 'a', '[1.57]/fit.1'],
  ['a(1.2)/b.1[2.3]', 'a(1.2)/b.1', 'a', '(1.2)/b.1[2.3]'],
  ['a{1}/b.1(1.2)[3.4]/c.1', 'a{1}/b.1(1.2)[3.4]/c.1', 'a{1}/b.1', '(1.2)[3.4]/c.1'],
])('%s', (path, call, parent, label) => {
  expect([toCallOf(path), toParentCall(path), toCallLabel(path)]).toEqual([call, parent, label]);
});
