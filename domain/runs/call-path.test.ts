// Paths of calls within calls and parts of calls.

import { toCallLabel, toCallOf, toParentCall, toShownPath } from './call-path.js';

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

test.each([
  ['serial_dilution/mix_down.1', 'as it is shown'],
  ['r-1/serial_dilution/mix_down.1', 'the id of its workflow'],
  ['mix_down.1', 'within the run'],
])('%s is taken: %s', (given) => {
  expect(toShownPath(given, { id: 'r-1', protocol: 'serial_dilution' })).toBe('serial_dilution/mix_down.1');
});

test.each(['serial_dilution', 'serial_dilution[1.57]/mix_down.1'])('%s is of the run itself', (given) => {
  expect(toShownPath(given, { id: 'r-1', protocol: 'serial_dilution' })).toBe(given);
});
