// The one line on stderr: whole sentences, whatever they come from.

import { expect, test } from '@jest/globals';
import { LabError } from '../../domain/errors/error.js';
import { CliError, EXIT_BAD_INPUT, formatErrorLine } from './exit.js';

test.each([
  ['a title of the table', new LabError('JOURNAL_NOT_LOST').message, 'is not lost. Remedy: There is'],
  ['a sentence', 'It is here.', 'It is here. Remedy: There is'],
  ['a sentence that quotes one', "He said: 'no!'", "'no!' Remedy: There is"],
])('what comes before the remedy ends as a sentence: %s', (_what, message, wanted) => {
  const { remedy } = new LabError('JOURNAL_NOT_LOST');
  expect(formatErrorLine(new CliError(EXIT_BAD_INPUT, { code: 'JOURNAL_NOT_LOST', message, remedy }))).toContain(wanted);
});
