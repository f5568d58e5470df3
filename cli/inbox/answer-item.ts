// `praxis answer`: answers a question of a run, or states what an uncertain command did.

import { EXIT_BAD_INPUT, EXIT_OK } from '../terminal/exit.js';
import { findItem } from '../client/find-item.js';
import { parseAnswer, type AnswerOptions } from './parse-answer.js';
import { renderItem } from '../render/render-item.js';
import type { JsonOption, World } from '../client/world.js';
import type { Person } from '../terminal/ask-person.js';
import type { InboxSubject } from '../../domain/inbox/inbox.js';
import { describeSpec } from '../../domain/protocols/parameter.js';

export interface AnswerCommandOptions extends JsonOption, AnswerOptions {
  readonly note?: string;
  readonly yes?: boolean;
}

export async function answerItem(
  world: World,
  given: { item: string; value: string | undefined },
  options: AnswerCommandOptions,
): Promise<number> {
  const { api, terminal, printJson } = world;
  const item = await findItem(api, given.item);
  if (options.json !== true) for (const line of renderItem(item, terminal)) terminal.line(line);
  const person = options.json === true ? null : world.person;
  const { subject } = item;
  const isAsked = given.value === undefined && person !== null && subject.kind !== 'uncertain-command' && (options.set ?? []).length === 0;
  const asked = isAsked ? await askFor(person, subject) : { value: given.value };
  const answer = parseAnswer(subject, asked.value, { ...options, ...asked });
  const mustConfirm = person !== null && !isAsked && options.yes !== true;
  if (mustConfirm && !(await person.confirm(`Answer with ${JSON.stringify(answer)}?`))) {
    terminal.line('Nothing was answered.');
    return EXIT_BAD_INPUT;
  }
  const answered = await api.answerInboxItem({ params: { id: item.id }, body: { answer, note: options.note ?? '' } });
  if (options.json === true) printJson(answered);
  else terminal.line(`answered ${JSON.stringify(answered.answer)}`);
  return EXIT_OK;
}

/** A form is asked field by field; one that is left empty takes its default. */
async function askFor(person: Person, subject: InboxSubject): Promise<{ value: string | undefined; set?: readonly string[] }> {
  if (subject.kind !== 'form') return { value: await person.ask('answer:') };
  const set: string[] = [];
  for (const [name, spec] of Object.entries(subject.fields ?? {})) {
    const standard = spec.default === undefined ? '' : ` [${JSON.stringify(spec.default)}]`;
    const text = await person.ask(`${name} (${describeSpec(spec)})${standard}:`);
    if (text !== '') set.push(`${name}=${text}`);
  }
  return { value: undefined, set };
}
