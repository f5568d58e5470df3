// What to type to answer an item: whole commands where they can be copied as they stand, and else a place in angle brackets for what only a person
// knows. No example holds a value that would be taken for an answer.

import { WINDOW_ANSWERS, type InboxItem, type InboxSubject } from '../../domain/inbox/inbox.js';
import { describeSpec } from '../../domain/protocols/parameter.js';

/** Of more choices than these the first are shown, and the rest as a place. */
const CHOICES_SHOWN_MAX = 6;

/** One command a line. */
export function listAnswerCommands({ id, subject }: Pick<InboxItem, 'id' | 'subject'>): readonly string[] {
  return listAnswers(subject).map((answer) => `praxis answer ${quoteForShell(id)} ${answer}`);
}

/** A word as a shell takes it: what is more than letters, digits and a few signs stands in quotes. */
export function quoteForShell(word: string): string {
  return /^[\w./:@%+=,-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function listAnswers(subject: InboxSubject): readonly string[] {
  switch (subject.kind) {
    case 'confirm':
    case 'manual-move':
    case 'refill':
    case 'held-machine':
      return ['yes', 'no'];
    case 'alarm':
      return ['yes --note <what you saw>'];
    case 'time-window':
      return WINDOW_ANSWERS;
    case 'form':
      return [
        Object.entries(subject.fields ?? {})
          .map(([name, spec]) => `--set ${quoteForShell(name)}=<${describeSpec(spec)}>`)
          .join(' '),
      ];
    case 'choose':
      return listChoices(subject.choices ?? []);
    case 'number':
      return [`<${describeSpec({ ...subject, type: 'number' })}>`];
    case 'text':
      return ['<text>'];
    case 'machine-error': {
      const facts = subject.mayRetry ? '' : ' --set <labware:position>=<µL>';
      return [`retry${facts} --note <what you mended>`, 'skip --note <what you did>', 'abort --note <why>'];
    }
    case 'uncertain-command':
      return ['--happened <done, not-done or partly> --then <retry, skip or abort> --note <what you saw>'];
  }
}

/** A choice that begins with a dash would be taken for an option. */
function listChoices(choices: readonly string[]): readonly string[] {
  const shown = choices.length > CHOICES_SHOWN_MAX ? choices.slice(0, CHOICES_SHOWN_MAX - 1) : choices;
  const commands = shown.map((choice) => `${choice.startsWith('-') ? '-- ' : ''}${quoteForShell(choice)}`);
  return shown.length === choices.length ? commands : [...commands, `<one of ${choices.length} choices>`];
}
