// `praxis answer`: answers a question of a run, or states what an uncertain command did.

import { EXIT_BAD_INPUT, EXIT_OK } from '../exit.js';
import { findItem, toItemPath } from '../find-item.js';
import { parseAnswer, type AnswerOptions } from '../parse-answer.js';
import { renderItem } from '../render-item.js';
import type { JsonOption, World } from '../world.js';
import type { InboxItem } from '../../domain/inbox.js';

export interface AnswerCommandOptions extends JsonOption, AnswerOptions {
  readonly note?: string;
  readonly yes?: boolean;
}

export async function answerItem(world: World, given: { item: string; value: string | undefined }, options: AnswerCommandOptions): Promise<number> {
  const { api, terminal, printJson } = world;
  const item = await findItem(api, given.item);
  if (options.json !== true) for (const line of renderItem(item, terminal)) terminal.line(line);
  const person = options.json === true ? null : world.person;
  const isAsked = given.value === undefined && person !== null && item.subject.kind !== 'uncertain-command';
  const value = isAsked ? await person.ask('answer:') : given.value;
  const answer = parseAnswer(item.subject, value, options);
  const mustConfirm = person !== null && !isAsked && options.yes !== true;
  if (mustConfirm && !(await person.confirm(`Answer with ${JSON.stringify(answer)}?`))) {
    terminal.line('Nothing was answered.');
    return EXIT_BAD_INPUT;
  }
  const answered = await api.post<InboxItem>(`${toItemPath(item.id)}/answer`, { answer, note: options.note ?? '' });
  if (options.json === true) printJson(answered);
  else terminal.line(`answered ${JSON.stringify(answered.answer)}`);
  return EXIT_OK;
}
