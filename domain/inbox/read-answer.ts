// Answers as people type them and callers send them: texts of a form and of a number get their type, as those of parameters do.

import type { Json } from '../json/json.js';
import { isJsonObject } from '../json/json.js';
import { LabError } from '../errors/error.js';
import { readParameters } from '../protocols/read-parameters.js';
import { readNumber } from '../text/read-number.js';
import type { InboxSubject } from './inbox.js';

/** The answer for requireAnswer to judge. Throws ANSWER_TYPE where a text of it can be meant in no way, or in two. */
export function readAnswer(subject: InboxSubject, answer: Json): Json {
  if (subject.kind === 'form' && isJsonObject(answer)) {
    const { values, problems } = readParameters(subject.fields ?? {}, answer);
    // A field that the form does not have is told in words of the form.
    const [first] = problems.filter(({ code }) => code !== 'UNKNOWN_PARAMETER');
    if (first === undefined) return problems.length === 0 ? values : answer;
    throw new LabError('ANSWER_TYPE', {
      message: problems.map(({ detail }) => detail).join(' '),
      field: first.field.replace(/^parameters\./u, 'answer.'),
    });
  }
  if (subject.kind !== 'number' || typeof answer !== 'string') return answer;
  const read = readNumber(answer, subject.unit);
  if ('value' in read) return read.value;
  if (read.fault === '') return answer;
  throw new LabError('ANSWER_TYPE', { message: `'${answer}' is no number that could be taken: ${read.fault}.`, field: 'answer' });
}
