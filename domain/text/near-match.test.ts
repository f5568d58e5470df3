// Misspelt names find what was meant, and nonsense finds nothing.

import { findNearMatches } from './near-match.js';

const KNOWN = ['serial_dilution', 'plate_reformat', 'wash'];

test.each([
  ['serial_dilutoin', ['serial_dilution']],
  ['Serial_Dilution', ['serial_dilution']],
  ['reformat', ['plate_reformat']],
  ['wahs', ['wash']],
  ['qqqqqqqqqq', []],
  ['', []],
])('%j finds %j', (given, found) => {
  expect(findNearMatches(given, KNOWN)).toEqual(found);
});
